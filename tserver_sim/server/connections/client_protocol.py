"""The T-Server's connections: bytes -> session -> hub -> bytes."""

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
from tserver_sim.server.requests.dispatcher import Dispatcher

MAX_UNSENT_BYTES = 8 << 20
"""How far a client may lag behind before it is dropped."""

CHUNK_BYTES = 64 << 10
"""How much is written at once, where frames wait."""

MAX_CONNECTIONS = 4096
"""How many clients a T-Server can have at once."""

REJECTION_TIMEOUT_SECONDS = 5.0
"""How long a client that is sent away may take to read why."""


class _ClientTransport(ITCPTransport, IConsumer):
    """What a TCP connection of Twisted can do."""


class TServerFactory(Factory["TServerProtocol"]):
    """Makes the connections of one T-Server and knows those that are open."""

    noisy = False

    def __init__(
        self, dispatcher: Dispatcher, wire: Wire, password: str | None, clock: Clock, name: str
    ) -> None:
        self.dispatcher = dispatcher
        self.wire = wire
        self.password = password
        self.clock = clock
        """The time of connections, not that of the switch: peers answer in real time."""
        self.name = name
        self.connections: set[TServerProtocol] = set()
        self.is_collecting = False
        """Whether requests that came in one piece are being carried out: what they bring is written after."""
        self.collected: list[TServerProtocol] = []
        """Those for whom something has been collected."""
        self._closed: Deferred[None] | None = None

    def close(self) -> Deferred[None]:
        """Drop all clients; the result comes when the last is gone."""
        closed = self._closed = Deferred()
        for connection in self.connections:
            connection.abort()
        self._check_closed()
        return closed

    def write_collected(self) -> None:
        """Write what was collected."""
        self.is_collecting = False
        collected, self.collected = self.collected, []
        for connection in collected:
            connection.write_pending()

    def remove_connection(self, connection: "TServerProtocol") -> None:
        """Take note that a client is gone."""
        self.connections.discard(connection)
        self.dispatcher.remove_client(connection)
        self._check_closed()

    def _check_closed(self) -> None:
        if self._closed is not None and not self.connections:
            self._closed.callback(None)
            self._closed = None

    def buildProtocol(self, addr: IAddress | None) -> "TServerProtocol":  # noqa: N802 (Twisted's name)
        """Make the protocol of one client."""
        return TServerProtocol(self, addr)


@implementer(IPushProducer)
class TServerProtocol(Protocol):
    """One client's connection; the hub's `Client`."""

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

    # --- what the client sends ---------------------------------------------------------------

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        """A client has connected."""
        self.factory.connections.add(self)
        if len(self.factory.connections) > MAX_CONNECTIONS:
            self._log.warning("client dropped", client=None, reason="too many connections")
            self.abort()
            return
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, True)  # noqa: FBT003 (Twisted's signature)
        self._schedule_deadline()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Carry out what a client asks; whatever it sends, nothing is raised."""
        if self._closing:
            return
        self.factory.is_collecting = True
        try:
            for request in self._session.receive(data, self._clock.now()):
                self.factory.dispatcher.receive(self, request)
        except ProtocolViolationError as violation:
            self._reject(str(violation))
        except Exception:  # noqa: BLE001 (the last resort: this client goes, everybody else goes on)
            self._log.exception("request failed", client=self._session.application_name)
            self.abort()
        else:
            self._send_session_bytes()
            self._schedule_deadline()
        finally:
            self.factory.write_collected()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        """The client is gone."""
        self._closing = True
        why = tls_failure(reason)
        if why is not None:
            self._log.warning("TLS failed", client=self._session.application_name, reason=why)
        if self._timer is not None:
            self._timer.cancel()
        self._unsent.clear()
        self.factory.remove_connection(self)

    # --- what the client gets ----------------------------------------------------------------

    def deliver(self, frame: bytes) -> None:
        """Write a frame, or keep it while the client does not read; one that lags too far is dropped."""
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
        """Write what waits, as long as the transport takes it."""
        while self._unsent and not self._paused:
            if self._unsent_bytes <= CHUNK_BYTES:
                data = b"".join(self._unsent)
                self._unsent.clear()
            else:
                data = self._unsent.popleft()
            self._unsent_bytes -= len(data)
            self.transport.write(data)

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """The transport has enough to write for now."""
        self._paused = True

    def resumeProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """The transport has written everything."""
        self._paused = False
        self.write_pending()

    def stopProducing(self) -> None:  # noqa: N802 (Twisted's name)
        """The transport is closing; `connectionLost` follows."""

    def _send_session_bytes(self) -> None:
        """Write what the session itself has to say: polls, and replies to polls."""
        data = self._session.data_to_send()
        if data:
            self.deliver(data)

    # --- deadlines and ends ------------------------------------------------------------------

    def _schedule_deadline(self) -> None:
        """See to it that the session's deadline is not missed; a timer that comes too early does no harm."""
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
        """Drop the client at once."""
        self._closing = True
        self._unsent.clear()
        self.transport.abortConnection()


def _format_address(address: IAddress | None) -> str:
    host, port = getattr(address, "host", "?"), getattr(address, "port", "?")
    return f"{host}:{port}"
