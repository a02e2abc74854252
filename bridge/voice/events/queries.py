"""The queries of the bridge itself, about what it may have missed."""

from bridge.runtime.clock import Clock, Timer
from bridge.tlib import messages as t
from bridge.tlib.enums import AddressInfoType
from bridge.voice.model.device import Device
from bridge.voice.model.errors import LinkDownError
from bridge.voice.model.pending import PendingRequest, SendRequest

RETRY_SECONDS = 0.5
"""After how many seconds a query that could not be sent is sent again, while the DN is registered."""


class Queries:
    """Sends each query once; again only if the link lost it, as in a change to the other of a pair."""

    def __init__(self, clock: Clock, send: SendRequest) -> None:
        self._clock = clock
        self._send = send
        self._lost: list[PendingRequest] = []
        self._timer: Timer | None = None

    def query_call(self, device: Device, conn_id: int) -> None:
        """Query a call, unless the answer to an earlier query is still to come."""
        if conn_id not in device.queried:
            device.queried.add(conn_id)
            self._send_query(PendingRequest(None, device, conn_id))

    def query_calls(self, device: Device) -> None:
        """Query the calls at a DN."""
        self._send_query(PendingRequest(None, device))

    def on_query_lost(self, pending: PendingRequest) -> None:
        """Send a query again later, if it could not be sent or its answer was lost with a connection.

        While the DN is registered the link has only moved, and nothing else will bring an answer. Otherwise
        the next snapshot leads to new queries.
        """
        if pending.device.registered:
            self._lost.append(pending)
            if self._timer is None:
                self._timer = self._clock.call_at(self._clock.now() + RETRY_SECONDS, self._retry_lost)

    def _send_query(self, pending: PendingRequest) -> None:
        dn = pending.device.number
        request: t.Request
        if pending.conn_id is None:
            request = t.RequestQueryAddress(this_dn=dn, address_info_type=AddressInfoType.CallsQuery)
        else:
            request = t.RequestQueryCall(this_dn=dn, conn_id=pending.conn_id)
        try:
            self._send(pending.device.switch, request, pending)
        except LinkDownError:
            self.on_query_lost(pending)

    def _retry_lost(self) -> None:
        self._timer = None
        pending_requests, self._lost = self._lost, []
        for pending in pending_requests:
            is_open = pending.conn_id is None or pending.conn_id in pending.device.queried
            if pending.device.registered and is_open:
                self._send_query(pending)
