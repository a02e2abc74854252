"""The Twisted `Protocol` of a link: bytes in, bytes out, and the timer of the session."""

from typing import Protocol

from twisted.internet.interfaces import IPushProducer, ITCPTransport
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from bridge.runtime.clock import Clock, Timer
from bridge.tlib.codec import BadMessageError
from bridge.tlib.messages import Event, Request
from bridge.tlib.session import LinkState, ProtocolViolationError
from bridge.tlib.wire import ClientSide

OPENING_SECONDS = 10.0
"""How long a T-Server may take to send EventServerInfo; that includes the handshake of TLS."""

MAX_UNWRITTEN = 8 << 20
"""How many bytes may wait for a T-Server that does not read before the connection is dropped."""


class ProtocolOwner(Protocol):
    """The owner of a connection; it is called with the connection that the call is about."""

    def connection_made(self, connection: "LinkProtocol") -> None:
        """Handle a new connection."""

    def item_received(self, connection: "LinkProtocol", item: Event | BadMessageError) -> None:
        """Handle an event, or the error of a payload that is none."""

    def data_processed(self, connection: "LinkProtocol") -> None:
        """Handle that all items of one piece of data have been received."""

    def connection_lost(self, connection: "LinkProtocol", reason: str | Failure) -> None:
        """Handle that the connection is lost or was given up. May be called twice for a connection."""

    def socket_closed(self, connection: "LinkProtocol") -> None:
        """Handle that the socket is closed."""


@implementer(IPushProducer)
class LinkProtocol(TwistedProtocol):
    """The Twisted side of a link's connection.

    The bytes that are read at once are bounded by Twisted (64 KiB), those that are not written yet by
    `MAX_UNWRITTEN`.
    """

    def __init__(self, owner: ProtocolOwner, session: ClientSide, clock: Clock) -> None:
        self.session = session
        self._owner = owner
        self._item_received = owner.item_received
        self._clock = clock
        self._timer: Timer | None = None
        self._opening_ends = clock.now() + OPENING_SECONDS
        self._paused = False
        self._unwritten: list[bytes] = []
        self._unwritten_bytes = 0

    # --- called by Twisted --------------------------------------------------------------------------

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Send RequestRegisterClient."""
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(True)  # a request is short, and an agent waits for it
        self.transport.registerProducer(self, True)  # type: ignore[union-attr] # noqa: FBT003 (Twisted's signature)
        self._owner.connection_made(self)
        self.flush()
        self._arm()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Pass each received item to the owner."""
        try:
            for event in self.session.receive(data, self._clock.now()):
                self._item_received(self, event)
        except ProtocolViolationError as error:
            self.disconnect(str(error))
        else:
            self._owner.data_processed(self)
            if self.session.outgoing:
                self.flush()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        """Notify the owner."""
        self._stop_timer_and_discard()
        self._owner.connection_lost(self, reason)
        self._owner.socket_closed(self)

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Keep what is to be written from now on: the T-Server does not read fast enough."""
        self._paused = True

    def resumeProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Write what was kept: the T-Server has read everything."""
        self._paused = False
        unwritten, self._unwritten, self._unwritten_bytes = self._unwritten, [], 0
        self._write(b"".join(unwritten))

    def stopProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Do nothing: `connectionLost` follows."""

    # --- called by the owner ------------------------------------------------------------------------

    def send(self, request: Request) -> None:
        """Write a request, or keep it until the T-Server has read what was written before."""
        self._write(self.session.encode_request(request))

    def flush(self) -> None:
        """Write what the session has to send."""
        self._write(self.session.data_to_send())

    def disconnect(self, reason: str) -> None:
        """End the connection at once."""
        self._stop_timer_and_discard()
        self._owner.connection_lost(self, reason)
        self.abort()

    def close(self) -> None:
        """End the connection once the written bytes are sent. `ProtocolOwner.socket_closed` follows."""
        self._stop_timer_and_discard()
        if self.transport:
            self.transport.unregisterProducer()  # type: ignore[attr-defined] # TCP and TLS transports have it
            self.transport.loseConnection()

    def abort(self) -> None:
        """End the connection without waiting for anything. `ProtocolOwner.socket_closed` follows."""
        if self.transport:
            self.transport.abortConnection()  # type: ignore[attr-defined] # TCP and TLS transports have it

    # --- inside -------------------------------------------------------------------------------------

    def _write(self, data: bytes) -> None:
        if self._paused:
            self._unwritten.append(data)
            self._unwritten_bytes += len(data)
            if self._unwritten_bytes > MAX_UNWRITTEN:
                self.disconnect(f"the T-Server does not read, {self._unwritten_bytes} bytes wait for it")
        elif data and self.transport:
            self.transport.write(data)

    def _stop_timer_and_discard(self) -> None:
        self._unwritten, self._unwritten_bytes = [], 0
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        deadline = self.session.deadline
        if self.session.state is LinkState.IDENTIFYING:
            deadline = min(self._opening_ends, deadline or self._opening_ends)
        self._timer = self._clock.call_at(deadline, self._tick) if deadline is not None else None

    def _tick(self) -> None:
        now = self._clock.now()
        try:
            self.session.tick(now)
        except ProtocolViolationError as error:
            self.disconnect(str(error))
            return
        if self.session.state is LinkState.IDENTIFYING and now >= self._opening_ends:
            self.disconnect(f"the T-Server did not say who it is within {OPENING_SECONDS:g} s")
            return
        self.flush()
        self._arm()
