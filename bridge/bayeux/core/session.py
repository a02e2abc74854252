"""One client's session: what it subscribed to, what waits for it, and the ways to reach it."""

from collections.abc import Callable
from enum import Enum, auto

from msgspec import Raw, UnsetType

from bridge.bayeux.core.context import Transport
from bridge.bayeux.extensions.acks import Acks
from bridge.bayeux.extensions.timesync import TimeSync


class ConnectOutcome(Enum):
    """How a held connect is to be answered."""

    ANSWER = auto()  # with the events that wait, or with none when its time is up
    SUPERSEDED = auto()  # not at all: the client has sent a newer connect
    DISCONNECTED = auto()  # the client has ended the session
    DISCONNECTED_BY_SERVER = auto()  # the server has ended the session, for good; the events still go out
    LOST = auto()  # the server has ended the session, and the client shall open another


class HeldConnect:
    """A connect that waits, until the time `until` or until it is released, whichever comes first.

    Whoever waits for one that did not come over a line puts a function into `wake`; it is called once, and
    must not call back into the server.
    """

    __slots__ = (
        "away_seconds",
        "browser",
        "connection",
        "outcome",
        "pause",
        "released",
        "request_id",
        "session",
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
        self.away_seconds = 0.0  # seconds that the client says it will stay away after the answer
        self.pause = 0  # milliseconds that the client shall wait before it handshakes again
        self.outcome = ConnectOutcome.ANSWER
        self.released = False
        self.wake: Callable[[], object] = _do_nothing

    def release(self, outcome: ConnectOutcome = ConnectOutcome.ANSWER) -> None:
        """End the wait; until the answer is fetched a later outcome takes the place of an earlier one."""
        self.outcome = outcome
        if not self.released:
            self.released = True
            if self.connection is not None:
                self.connection.add_released(self)
            else:
                self.wake()
                self.clear_wake()

    def clear_wake(self) -> None:
        """Let go of who waits: the two would keep each other until a garbage collection."""
        self.wake = _do_nothing


def _do_nothing() -> None:
    pass


class Session:
    """What one client id names. It belongs to one user or browser; kept small, since most of them idle."""

    __slots__ = (
        "acks",
        "batched",
        "browser",
        "connect_only",
        "connected",
        "connection",
        "expires",
        "held_connect",
        "id",
        "in_flight",
        "queue",
        "queued_bytes",
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
        self.connected = False  # it has sent a connect
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
        """Let an event wait, and see to it that it gets on its way."""
        self.queue.append(event)
        self.queued_bytes += len(event)
        if self.connection is not None and not self.connect_only:
            self.connection.mark_pending(self)
        elif self.held_connect is not None and not self.batched:
            self.held_connect.release()

    def drain(self) -> list[bytes]:
        """Take all events that wait, in the order they came; with acknowledgements they stay until then."""
        if self.acks is not None:
            self.acks.send(len(self.queue))
            return self.queue
        events, self.queue, self.queued_bytes = self.queue, [], 0
        return events

    def acknowledge(self, batch: int) -> None:
        """Forget the events that the client has got, if it uses acknowledgements."""
        if self.acks is not None:
            count = self.acks.acknowledge(batch)
            self.queued_bytes -= sum(map(len, self.queue[:count]))
            self.queue = self.queue[count:]

    def release_connect(self, outcome: ConnectOutcome) -> None:
        """Release the connect that is held, if there is one."""
        if self.held_connect is not None:
            self.held_connect.release(outcome)
            self.held_connect = None


class BayeuxConnection:
    """A socket, as far as the rules go: which sessions can be reached over it, and what is to be written.

    Args:
        wake: called when there is something to write, as a rule once until that was fetched; must not call
            back into the server.
        try_write: called when a session has too much waiting; writes now, and says whether that was possible.

    """

    __slots__ = ("is_closing", "outgoing", "pending_sessions", "released", "sessions", "try_write", "wake")

    def __init__(self, wake: Callable[[], object], try_write: Callable[[], bool]) -> None:
        self.wake = wake
        self.try_write = try_write
        self.sessions: set[Session] = set()
        self.pending_sessions: dict[Session, None] = {}  # they have events to be written
        self.released: list[HeldConnect] = []  # connects to be answered
        self.outgoing: list[bytes] = []  # messages to be written before those
        self.is_closing = False  # to be closed: its session has ended for a reason that lies in the socket

    @property
    def is_flushed(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.pending_sessions or self.released or self.outgoing)

    def mark_pending(self, session: Session) -> None:
        """Note that a session has events to be written."""
        if self.is_flushed:
            self.wake()
        self.pending_sessions[session] = None

    def send(self, messages: list[bytes]) -> None:
        """Note messages to be written."""
        if messages:
            if self.is_flushed:
                self.wake()
            self.outgoing += messages

    def close(self) -> None:
        """Have the socket closed: after what there is to write, or at once if its client does not read."""
        self.is_closing = True
        self.wake()

    def add_released(self, held_connect: HeldConnect) -> None:
        """Note that a connect which came over the line is to be answered."""
        if self.is_flushed:
            self.wake()
        self.released.append(held_connect)
