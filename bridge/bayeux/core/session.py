"""One client's session: what it subscribed to, what waits for it, and the ways to reach it."""

from collections.abc import Callable
from enum import Enum, auto

from msgspec import Raw, UnsetType

from bridge.bayeux.core.context import Transport
from bridge.bayeux.extensions.acks import Acks
from bridge.bayeux.extensions.timesync import Sync


class Outcome(Enum):
    """How a held connect is to be answered."""

    ANSWER = auto()  # with the events that wait, or with none when its time is up
    SUPERSEDED = auto()  # not at all: the client has sent a newer connect
    DISCONNECTED = auto()  # the client has ended the session
    DISMISSED = auto()  # the server has ended the session, for good; the events still go out
    LOST = auto()  # the server has ended the session, and the client shall open another


class Hold:
    """A connect that waits, until the time `until` or until it is released, whichever comes first.

    Whoever waits for one that did not come over a line puts a function into `wake`; it is called once, and
    must not call back into the server.
    """

    __slots__ = (
        "away",
        "browser",
        "line",
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
        self.line: Line | None = None
        self.browser: str | None = None  # it counts as one of this browser's
        self.sync: Sync | None = None
        self.away = 0.0  # seconds that the client says it will stay away after the answer
        self.pause = 0  # milliseconds that the client shall wait before it handshakes again
        self.outcome = Outcome.ANSWER
        self.released = False
        self.wake: Callable[[], object] = _nobody_waits

    def release(self, outcome: Outcome = Outcome.ANSWER) -> None:
        """End the wait; until the answer is fetched a later outcome takes the place of an earlier one."""
        self.outcome = outcome
        if not self.released:
            self.released = True
            if self.line is not None:
                self.line.answer(self)
            else:
                self.wake()
                self.forget()

    def forget(self) -> None:
        """Let go of who waits: the two would keep each other until a garbage collection."""
        self.wake = _nobody_waits


def _nobody_waits() -> None:
    pass


class Session:
    """What one client id names. It belongs to one user or browser; kept small, since most of them idle."""

    __slots__ = (
        "acks",
        "batched",
        "browser",
        "connect_only",
        "connected",
        "expires",
        "hold",
        "id",
        "in_flight",
        "line",
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
        self.hold: Hold | None = None
        self.line: Line | None = None
        self.acks: Acks | None = None
        self.subscriptions: set[str] = set()
        self.queue: list[bytes] = []
        self.queued_bytes = 0

    def put(self, event: bytes) -> None:
        """Let an event wait, and see to it that it gets on its way."""
        self.queue.append(event)
        self.queued_bytes += len(event)
        if self.line is not None and not self.connect_only:
            self.line.touch(self)
        elif self.hold is not None and not self.batched:
            self.hold.release()

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

    def let_go(self, outcome: Outcome) -> None:
        """Release the connect that is held, if there is one."""
        if self.hold is not None:
            self.hold.release(outcome)
            self.hold = None


class Line:
    """A socket, as far as the rules go: which sessions can be reached over it, and what is to be written.

    Args:
        wake: called when there is something to write, as a rule once until that was fetched; must not call
            back into the server.
        relieve: called when a session has too much waiting; writes now, and says whether that was possible.

    """

    __slots__ = ("doomed", "out", "released", "relieve", "sessions", "touched", "wake")

    def __init__(self, wake: Callable[[], object], relieve: Callable[[], bool]) -> None:
        self.wake = wake
        self.relieve = relieve
        self.sessions: set[Session] = set()
        self.touched: dict[Session, None] = {}  # they have events to be written
        self.released: list[Hold] = []  # connects to be answered
        self.out: list[bytes] = []  # messages to be written before those
        self.doomed = False  # to be closed: its session has ended for a reason that lies in the socket

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.touched or self.released or self.out)

    def touch(self, session: Session) -> None:
        """Note that a session has events to be written."""
        if self.is_quiet:
            self.wake()
        self.touched[session] = None

    def say(self, messages: list[bytes]) -> None:
        """Note messages to be written."""
        if messages:
            if self.is_quiet:
                self.wake()
            self.out += messages

    def doom(self) -> None:
        """Have the socket closed: after what there is to write, or at once if its client does not read."""
        self.doomed = True
        self.wake()

    def answer(self, hold: Hold) -> None:
        """Note that a connect which came over the line is to be answered."""
        if self.is_quiet:
            self.wake()
        self.released.append(hold)
