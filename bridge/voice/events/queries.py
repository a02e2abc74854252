"""What the bridge asks on its own account, to know what it missed."""

from bridge.runtime.clock import Clock, Timer
from bridge.tlib import messages as t
from bridge.tlib.enums import AddressInfoType
from bridge.voice.model.device import Device
from bridge.voice.model.errors import LinkDownError
from bridge.voice.model.pending import Cause, Send

AGAIN_SECONDS = 0.5
"""After how long a question that could not be put is put again, while the DN is registered."""


class Questions:
    """Puts each question once; again only if the link lost it, as when it moves to the other of a pair."""

    def __init__(self, clock: Clock, send: Send) -> None:
        self._clock = clock
        self._send = send
        self._lost: list[Cause] = []
        self._timer: Timer | None = None

    def about(self, device: Device, conn_id: int) -> None:
        """Ask who is on a call, unless the answer to that is still to come and so will be newer than all."""
        if conn_id not in device.asked:
            device.asked.add(conn_id)
            self._put(Cause(None, device, conn_id))

    def for_calls(self, device: Device) -> None:
        """Ask which calls are at a DN."""
        self._put(Cause(None, device))

    def lost(self, cause: Cause) -> None:
        """Take note that a question was not put, or that its answer went down with a connection.

        While the DN counts as registered the link has only moved, and nothing else will bring an answer.
        Otherwise the next snapshot asks anew.
        """
        if cause.device.registered:
            self._lost.append(cause)
            if self._timer is None:
                self._timer = self._clock.call_at(self._clock.now() + AGAIN_SECONDS, self._put_again)

    def _put(self, cause: Cause) -> None:
        dn = cause.device.number
        request: t.Request
        if cause.conn_id is None:
            request = t.RequestQueryAddress(this_dn=dn, address_info_type=AddressInfoType.CallsQuery)
        else:
            request = t.RequestQueryCall(this_dn=dn, conn_id=cause.conn_id)
        try:
            self._send(cause.device.switch, request, cause)
        except LinkDownError:
            self.lost(cause)

    def _put_again(self) -> None:
        self._timer = None
        causes, self._lost = self._lost, []
        for cause in causes:
            is_open = cause.conn_id is None or cause.conn_id in cause.device.asked
            if cause.device.registered and is_open:
                self._put(cause)
