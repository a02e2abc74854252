"""A client that behaves, works while others do not, and must not notice."""

from bridge.tlib import messages as t
from bridge.tlib.enums import RegisterMode
from tests.fuzz.peers import BrokenError, Peer
from tests.fuzz.recorded import pack

CALLER, CALLED = "7700000000000001", "7700000000000002"
"""Its DNs: their names are too long to come about by chance, and it has them for itself."""


class ControlClient:
    """Makes the same call again and again; what it is told the first time, it must be told every time."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        opening = t.RequestRegisterClient(application_name="witness", protocol_version=t.PROTOCOL_VERSION)
        self._ask(opening)
        for dn in (CALLER, CALLED):
            self._ask(
                t.RequestRegisterAddress(this_dn=dn, register_mode=RegisterMode.Private, reference_id=1)
            )
        self.last_conn_id = 0
        """That of its last call."""
        self._first = self._call()

    def catch_up(self, conn_id: int) -> None:
        """Make calls until one has this ConnID."""
        while self.last_conn_id < conn_id:
            self.check()

    def check(self) -> None:
        """Make the call once more.

        Raises:
            BrokenError: it was told something else.

        """
        ladder = self._call()
        if ladder != self._first:
            raise BrokenError(f"another client was disturbed: {ladder} instead of {self._first}")

    def hang_up(self) -> None:
        """Hang up."""
        self._peer.hang_up()

    def _call(self) -> list[str]:
        dialled = self._ask(t.RequestMakeCall(this_dn=CALLER, other_dn=CALLED, reference_id=2))
        calls = {event.conn_id for event in dialled if isinstance(event, t.CallEvent)}
        if len(calls) != 1:
            raise BrokenError(f"another client cannot dial: {_ladder(dialled)}")
        (conn_id,) = calls
        self.last_conn_id = conn_id
        answered = self._ask(t.RequestAnswerCall(this_dn=CALLED, conn_id=conn_id, reference_id=3))
        released = self._ask(t.RequestReleaseCall(this_dn=CALLER, conn_id=conn_id, reference_id=4))
        return _ladder([*dialled, *answered, *released])

    def _ask(self, request: t.Request) -> list[t.Message]:
        self._peer.send(pack(request))
        received = self._peer.receive()
        if self._peer.closed or any(isinstance(message, t.EventError) for message in received):
            raise BrokenError(f"another client was refused {request.name}: {received}")
        return received


def _ladder(messages: list[t.Message]) -> list[str]:
    return [
        f"{message.name} {message.this_dn} {message.reference_id}"
        for message in messages
        if isinstance(message, t.CallEvent)
    ]
