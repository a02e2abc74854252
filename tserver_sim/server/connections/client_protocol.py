"""The connections of clients: bytes -> session -> dispatcher -> frames -> bytes."""

from collections import deque

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IConsumer, IPushProducer, ITCPTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from bridge.runtime.clock import Clock, Timer
from bridge.tlib.session import ProtocolViolationError
from bridge.tlib.wire import Wire
from tserver_sim.server.connections.tls import tls_failure
from tserver_sim.server.requests.dispatcher import ClientDispatcher

MAX_UNSENT_BYTES = 8 << 20
"""How many bytes may wait for a client that does not read before it is disconnected."""

CHUNK_BYTES = 64 << 10
"""How many bytes of waiting frames are joined into one write."""

MAX_CONNECTIONS = 4096
"""How many connections a T-Server accepts at once."""

REJECTION_TIMEOUT_SECONDS = 5.0
"""How long a rejected client has to read the reason before the connection is aborted."""


class _ClientTransport(ITCPTransport, IConsumer):
    """The interfaces of a Twisted TCP transport that are used here."""


class TServerFactory(Factory["TServerProtocol"]):
    """Makes the protocols of one T-Server's client connections, and holds the open ones."""

    noisy = False

    def __init__(
        self, dispatcher: ClientDispatcher, wire: Wire, password: str | None, clock: Clock, name: str
    ) -> None:
        self.dispatcher = dispatcher
        self.wire = wire
        self.password = password
        self.clock = clock
        """Real time, not the time of the switch: clients answer in real time."""
        self.name = name
        self.connections: set[TServerProtocol] = set()
        self.is_collecting = False
        """Whether received bytes are being handled. Frames are written after that, joined."""
        self.collected: list[TServerProtocol] = []
        """The connections for which frames have been collected."""
        self._closed: Deferred[None] | None = None

    def close(self) -> Deferred[None]:
        """Abort all connections. The result fires when the last one is closed."""
        closed = self._closed = Deferred()
        for connection in self.connections:
            connection.abort()
        self._check_closed()
        return closed

    def write_collected(self) -> None:
        """Write the collected frames."""
        self.is_collecting = False
        collected, self.collected = self.collected, []
        for connection in collected:
            connection.write_pending()

    def remove_connection(self, connection: "TServerProtocol") -> None:
        """Remove a connection that is closed."""
        self.connections.discard(connection)
        self.dispatcher.remove_client(connection)
        self._check_closed()

    def _check_closed(self) -> None:
        if self._closed is not None and not self.connections:
            self._closed.callback(None)
            self._closed = None

    def buildProtocol(self, addr: IAddress | None) -> "TServerProtocol":  # noqa: N802 (Twisted's name)
        """Return the protocol of a new connection."""
        return TServerProtocol(self, addr)


@implementer(IPushProducer)
class TServerProtocol(Protocol):
    """The connection of one client; the `Client` of the dispatcher."""

    transport: _ClientTransport

    def __init__(self, factory: TServerFactory, peer: IAddress | None) -> None:
        self.factory: TServerFactory = factory
        self._clock = factory.clock
        self._session = factory.wire.server_session(factory.password, factory.clock.now())
        self._log = structlog.get_logger().bind(tserver=factory.name, peer=_format_address(peer))
        self._timer: Timer | None = None
        self._timer_due = 0.0
        self._closing = False
        self._unsent: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._paused = False

    # --- from the client ---------------------------------------------------------------------

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """Handle a new connection: reject it if there are too many, else wait for the opening."""
        self.factory.connections.add(self)
        if len(self.factory.connections) > MAX_CONNECTIONS:
            self._log.warning("client dropped", client=None, reason="too many connections")
            self.abort()
            return
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, True)  # noqa: FBT003 (Twisted's signature)
        self._schedule_deadline()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Handle the requests in received bytes. Raises nothing, whatever the bytes are."""
        if self._closing:
            return
        self.factory.is_collecting = True
        try:
            for request in self._session.receive(data, self._clock.now()):
                self.factory.dispatcher.receive(self, request)
        except ProtocolViolationError as violation:
            self._reject(str(violation))
        except Exception:  # noqa: BLE001 (last resort: drop this client and serve the others)
            self._log.exception("request failed", client=self._session.application_name)
            self.abort()
        else:
            self._send_session_bytes()
            self._schedule_deadline()
        finally:
            self.factory.write_collected()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        """Handle the end of the connection."""
        self._closing = True
        why = tls_failure(reason)
        if why is not None:
            self._log.warning("TLS failed", client=self._session.application_name, reason=why)
        if self._timer is not None:
            self._timer.cancel()
        self._unsent.clear()
        self.factory.remove_connection(self)

    # --- to the client -----------------------------------------------------------------------

    def deliver(self, frame: bytes) -> None:
        """Write a frame, or keep it while the client does not read; disconnect one too far behind."""
        if self._closing:
            return
        is_first = not self._unsent
        self._unsent.append(frame)
        self._unsent_bytes += len(frame)
        if self._paused:
            if self._unsent_bytes > MAX_UNSENT_BYTES:
                self._log.warning("client dropped", client=self._session.application_name, reason="too slow")
                self.abort()
        elif not self.factory.is_collecting or self._unsent_bytes > CHUNK_BYTES:
            self.write_pending()
        elif is_first:
            self.factory.collected.append(self)

    def write_pending(self) -> None:
        """Write the waiting frames until the transport pauses."""
        while self._unsent and not self._paused:
            if self._unsent_bytes <= CHUNK_BYTES:
                data = b"".join(self._unsent)
                self._unsent.clear()
            else:
                data = self._unsent.popleft()
            self._unsent_bytes -= len(data)
            self.transport.write(data)

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Keep frames from now on: the transport's buffer is full."""
        self._paused = True

    def resumeProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Write the kept frames: the transport's buffer is empty."""
        self._paused = False
        self.write_pending()

    def stopProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """Do nothing: the transport is closing, and `connectionLost` follows."""

    def _send_session_bytes(self) -> None:
        """Write the messages of the session itself: keep-alive polls, and replies to polls."""
        data = self._session.data_to_send()
        if data:
            self.deliver(data)

    # --- deadlines and closing ---------------------------------------------------------------

    def _schedule_deadline(self) -> None:
        """Set a timer for the session's deadline, unless one is due before it.

        A timer that fires too early does no harm: it sets the next one.
        """
        due = self._session.deadline
        if due is None or (self._timer is not None and self._timer_due <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_at(due, self._tick)
        self._timer_due = due

    def _tick(self) -> None:
        self._timer = None
        try:
            self._session.tick(self._clock.now())
        except ProtocolViolationError as violation:
            self._reject(str(violation))
        else:
            self._send_session_bytes()
            self._schedule_deadline()

    def _reject(self, reason: str) -> None:
        self._log.warning("client sent away", client=self._session.application_name, reason=reason)
        self._send_session_bytes()
        while self._unsent:
            self.transport.write(self._unsent.popleft())
        self._closing = True
        self.transport.unregisterProducer()
        self.transport.loseConnection()
        if self._timer is not None:
            self._timer.cancel()
        abort_time = self._clock.now() + REJECTION_TIMEOUT_SECONDS
        self._timer = self._clock.call_at(abort_time, self.transport.abortConnection)

    def abort(self) -> None:
        """Close the connection at once, without writing what waits."""
        self._closing = True
        self._unsent.clear()
        self.transport.abortConnection()


def _format_address(address: IAddress | None) -> str:
    host, port = getattr(address, "host", "?"), getattr(address, "port", "?")
    return f"{host}:{port}"
