"""One client's session: its subscriptions, its queued events, and the connect or socket that reaches it."""

from collections.abc import Callable

from msgspec import Raw, UnsetType

from bridge.bayeux.core.context import Transport
from bridge.bayeux.core.states import (
    CONNECT_TRANSITIONS,
    SOCKET_TRANSITIONS,
    BayeuxSessionState,
    ConnectInput,
    ConnectState,
    SocketInput,
    SocketState,
)
from bridge.bayeux.extensions.acks import Acks
from bridge.bayeux.extensions.timesync import TimeSync


class HeldConnect:
    """A connect that waits, until the time `until` or until it is released, whichever comes first.

    A transport of requests and answers sets `wake`. It is called once, when the connect is released, and
    must not call back into the server. Over a socket the connection is notified instead.
    """

    __slots__ = (
        "away_seconds",
        "browser",
        "connection",
        "pause",
        "request_id",
        "session",
        "state",
        "sync",
        "until",
        "wake",
    )

    def __init__(self, session: "Session", request_id: Raw | UnsetType, until: float) -> None:
        self.session = session
        self.request_id = request_id
        self.until = until
        self.connection: BayeuxConnection | None = None
        self.browser: str | None = None  # it counts as one of this browser's
        self.sync: TimeSync | None = None
        self.away_seconds = 0.0  # seconds that the client announces to stay away after the answer
        self.pause = 0  # milliseconds that the client shall wait before it handshakes again
        self.state = ConnectState.HELD
        self.wake: Callable[[], object] = _do_nothing

    @property
    def is_released(self) -> bool:
        """Whether the wait is over."""
        return self.state is not ConnectState.HELD

    def release(self, connect_input: ConnectInput = ConnectInput.ANSWER) -> None:
        """End the wait, or change the answer of a connect whose wait is over."""
        was_held = self.state is ConnectState.HELD
        self.state = CONNECT_TRANSITIONS[self.state][connect_input]
        if was_held:
            if self.connection is not None:
                self.connection.add_released(self)
            else:
                wake, self.wake = self.wake, _do_nothing
                wake()

    def clear_wake(self) -> None:
        """Drop the reference to the waiting exchange: the two would keep each other until a collection."""
        self.wake = _do_nothing


def _do_nothing() -> None:
    pass


class Session:
    """A session, which a client id names. It belongs to one user or browser; small, since most are idle."""

    __slots__ = (
        "acks",
        "batched",
        "browser",
        "connect_only",
        "connection",
        "expires",
        "held_connect",
        "id",
        "in_flight",
        "queue",
        "queued_bytes",
        "state",
        "subscriptions",
        "timeout",
        "transport",
        "user",
    )

    def __init__(self, session_id: str, user: str | None, browser: str | None, transport: Transport) -> None:
        self.id = session_id
        self.user = user
        self.browser = browser
        self.transport = transport
        self.connect_only = False  # events travel on answers to connects alone
        self.state = BayeuxSessionState.HANDSHAKEN
        self.in_flight = False  # events are under way of which the client has not yet shown that it has them
        self.batched = False  # one of its requests is being obeyed: events wait for the answer to that
        self.expires = 0.0
        self.timeout: float | None = None  # milliseconds that the client wants its connects to be held
        self.held_connect: HeldConnect | None = None
        self.connection: BayeuxConnection | None = None
        self.acks: Acks | None = None
        self.subscriptions: set[str] = set()
        self.queue: list[bytes] = []
        self.queued_bytes = 0

    def enqueue(self, event: bytes) -> None:
        """Queue an event, and wake the connection or release the connect that can deliver it."""
        self.queue.append(event)
        self.queued_bytes += len(event)
        if self.connection is not None and not self.connect_only:
            self.connection.mark_pending(self)
        elif self.held_connect is not None and not self.batched:
            self.held_connect.release()

    def drain(self) -> list[bytes]:
        """Return all queued events, and empty the queue; with acknowledgements, not until those."""
        if self.acks is not None:
            self.acks.send(len(self.queue))
            return self.queue
        events, self.queue, self.queued_bytes = self.queue, [], 0
        return events

    def acknowledge(self, batch: int) -> None:
        """Drop the events that the client acknowledges, if it uses acknowledgements."""
        if self.acks is not None:
            count = self.acks.acknowledge(batch)
            self.queued_bytes -= sum(map(len, self.queue[:count]))
            self.queue = self.queue[count:]

    def release_connect(self, connect_input: ConnectInput) -> None:
        """Release the connect that is held, if there is one."""
        if self.held_connect is not None:
            self.held_connect.release(connect_input)
            self.held_connect = None


class BayeuxConnection:
    """A socket as the rules see it: the sessions that are reached over it, and what is to be written.

    Args:
        wake: called when there is something to write, usually once until that was fetched; must not call
            back into the server.
        try_write: called when too much is queued for a session; writes now, and returns whether it could.

    """

    __slots__ = ("outgoing", "pending_sessions", "released", "sessions", "state", "try_write", "wake")

    def __init__(self, wake: Callable[[], object], try_write: Callable[[], bool]) -> None:
        self.wake = wake
        self.try_write = try_write
        self.sessions: set[Session] = set()
        self.pending_sessions: dict[Session, None] = {}  # they have events to be written
        self.released: list[HeldConnect] = []  # connects to be answered
        self.outgoing: list[bytes] = []  # messages to be written before those
        self.state = SocketState.OPEN

    @property
    def is_flushed(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.pending_sessions or self.released or self.outgoing)

    def mark_pending(self, session: Session) -> None:
        """Record that a session has events to be written."""
        if self.is_flushed:
            self.wake()
        self.pending_sessions[session] = None

    def send(self, messages: list[bytes]) -> None:
        """Add messages to be written."""
        if messages:
            if self.is_flushed:
                self.wake()
            self.outgoing += messages

    def request_close(self) -> None:
        """Request that the socket is closed after all pending messages are written.

        A socket whose client does not read is closed at once.
        """
        self.state = SOCKET_TRANSITIONS[self.state][SocketInput.REQUEST_CLOSE]
        self.wake()

    def mark_closed(self) -> None:
        """Record that nothing can be written any more."""
        self.state = SOCKET_TRANSITIONS[self.state][SocketInput.CLOSE]

    def add_released(self, held_connect: HeldConnect) -> None:
        """Record that a connect of this socket is to be answered."""
        if self.is_flushed:
            self.wake()
        self.released.append(held_connect)
