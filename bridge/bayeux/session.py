"""One client's session: what it subscribed to, what waits for it, and the connect it has open."""

from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import Raw, UnsetType

if TYPE_CHECKING:
    from collections.abc import Callable


class Outcome(Enum):
    """How a held connect is to be answered."""

    ANSWER = auto()  # with the events that wait, or with none when its time is up
    SUPERSEDED = auto()  # not at all: the client has sent a newer connect
    DISCONNECTED = auto()  # the client has ended the session
    LOST = auto()  # the server has ended the session


class Hold:
    """A connect that waits, until the time `until` or until it is released, whichever comes first.

    Whoever waits puts a function into `wake`; it is called once, and must not call back into the server.
    """

    __slots__ = ("outcome", "released", "request_id", "session", "until", "wake")

    def __init__(self, session: "Session", request_id: Raw | UnsetType, until: float) -> None:
        self.session = session
        self.request_id = request_id
        self.until = until
        self.outcome = Outcome.ANSWER
        self.released = False
        self.wake: Callable[[], object] = _nobody_waits

    def release(self, outcome: Outcome = Outcome.ANSWER) -> None:
        """End the wait; until the answer is fetched a later outcome takes the place of an earlier one."""
        self.outcome = outcome
        if not self.released:
            self.released = True
            self.wake()


def _nobody_waits() -> None:
    pass


class Session:
    """What one client id names. It belongs to one user; kept small, since most of them idle."""

    __slots__ = ("connected", "expires", "hold", "id", "queue", "queued_bytes", "subscriptions", "user")

    def __init__(self, session_id: str, user: str) -> None:
        self.id = session_id
        self.user = user
        self.connected = False
        self.expires = 0.0
        self.hold: Hold | None = None
        self.subscriptions: set[str] = set()
        self.queue: list[bytes] = []
        self.queued_bytes = 0

    def put(self, event: bytes) -> None:
        """Let an event wait for the next answer, and ask for that answer now."""
        self.queue.append(event)
        self.queued_bytes += len(event)
        if self.hold is not None:
            self.hold.release()

    def drain(self) -> list[bytes]:
        """Take all events that wait, in the order they came."""
        events, self.queue, self.queued_bytes = self.queue, [], 0
        return events

    def let_go(self, outcome: Outcome) -> None:
        """Release the connect that is held, if there is one."""
        if self.hold is not None:
            self.hold.release(outcome)
            self.hold = None
