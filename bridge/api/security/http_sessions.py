"""HTTP sessions: what the cookie JSESSIONID names."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bridge.directory.model import User
from bridge.runtime.clock import Clock, Timer

MAX_PER_USER: Final = 32
"""How many sessions one user may have: a script without a cookie store makes a new one with every request."""

_SWEEP_SECONDS: Final = 1.0
"""The least time between two sweeps."""


@dataclass(slots=True, eq=False)
class HttpSession:
    """One browser, or one script, of one user.

    Attributes:
        user: As the directory has the user now; see `HttpSessions.update_user`.
        expires_at: When it is over, however it is used.
        csrf_token: What requests that change something must carry where CSRF protection is on.

    """

    id: str
    csrf_token: str
    user: User
    last_used: float
    expires_at: float


class HttpSessions:
    """All HTTP sessions of this node. Those whose time is up are swept, also if nobody asks for them again.

    Args:
        clock: the time.
        new_id: makes ids and tokens that nobody can guess.
        idle: seconds a session lives without a request (Jetty's `sessionMaxInactiveInterval`).
        max_age: seconds a session lives at most.

    """

    def __init__(self, clock: Clock, new_id: Callable[[], str], idle: float, max_age: float) -> None:
        self._clock = clock
        self._new_id = new_id
        self._idle = idle
        self._max_age = max_age
        # All sessions live equally long after their opening and after their last use, and time does not go
        # back, so these two are in the order in which sessions expire.
        self._by_use: OrderedDict[str, HttpSession] = OrderedDict()
        self._by_creation: OrderedDict[str, HttpSession] = OrderedDict()
        self._by_user: dict[str, dict[str, HttpSession]] = {}
        self._sweep_timer: Timer | None = None

    def __len__(self) -> int:
        return len(self._by_use)

    def create(self, user: User) -> HttpSession:
        """Begin a session; the user's longest unused one ends if there are too many."""
        user_sessions = self._by_user.get(user.id, {})
        if len(user_sessions) >= MAX_PER_USER:
            self.end(min(user_sessions.values(), key=lambda session: session.last_used))
        now = self._clock.now()
        session = HttpSession(self._new_id(), self._new_id(), user, now, now + self._max_age)
        self._by_use[session.id] = self._by_creation[session.id] = session
        self._by_user.setdefault(user.id, {})[session.id] = session
        self._schedule_sweep()
        return session

    def touch(self, session_id: str) -> HttpSession | None:
        """Find a session that lives, and note that it was used."""
        session = self._by_use.get(session_id)
        if session is None:
            return None
        now = self._clock.now()
        if now - session.last_used > self._idle or now > session.expires_at:
            self.end(session)
            return None
        session.last_used = now
        self._by_use.move_to_end(session_id)
        return session

    def end(self, session: HttpSession) -> None:
        """End a session; ending it twice does no harm."""
        if self._by_use.pop(session.id, None) is None:
            return
        del self._by_creation[session.id]
        user_sessions = self._by_user[session.user.id]
        del user_sessions[session.id]
        if not user_sessions:
            del self._by_user[session.user.id]

    def end_user_sessions(self, user_id: str) -> None:
        """End all sessions of a user."""
        for session in tuple(self._by_user.get(user_id, {}).values()):
            self.end(session)

    def update_user(self, user: User) -> None:
        """Let the sessions of a user who changed go on with what the user is now."""
        for session in self._by_user.get(user.id, {}).values():
            session.user = user

    def _sweep(self) -> None:
        self._sweep_timer = None
        now = self._clock.now()
        while self._by_use and now - (first := next(iter(self._by_use.values()))).last_used > self._idle:
            self.end(first)
        while self._by_creation and now > (first := next(iter(self._by_creation.values()))).expires_at:
            self.end(first)
        self._schedule_sweep()

    def _schedule_sweep(self) -> None:
        """See to it that sessions are swept for as long as there are any."""
        if self._sweep_timer is not None or not self._by_use:
            return
        idle = next(iter(self._by_use.values())).last_used + self._idle
        when = max(
            min(idle, next(iter(self._by_creation.values())).expires_at), self._clock.now() + _SWEEP_SECONDS
        )
        self._sweep_timer = self._clock.call_at(when, self._sweep)
