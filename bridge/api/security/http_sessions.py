"""HTTP sessions: what the cookie JSESSIONID names, how long it lasts, and where it is kept."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from bridge.directory.model import User
from bridge.runtime.clock import Clock, Timer

MAX_PER_USER: Final = 32
"""How many sessions one user may have: a script without a cookie store opens one with every request."""

_SWEEP_SECONDS: Final = 1.0
"""The least time between two sweeps."""


@dataclass(slots=True, eq=False)
class HttpSession:
    """A session of one browser, or one script, of one user.

    Attributes:
        id: the value of the cookie.
        csrf_token: the token that requests with changes must carry, where CSRF protection is on.
        user: the user as the directory has it now; see `HttpSessions.update_user`.
        last_used: the time of the last request.
        expires_at: when the session ends, however it is used.
        has_cookie: whether a request has brought the cookie back, so that a client uses the session.

    """

    id: str
    csrf_token: str
    user: User
    last_used: float
    expires_at: float
    has_cookie: bool = False


class HttpSessionStore(Protocol):
    """Keeps sessions. No method waits, because the gate does not: a shared store answers from memory, too."""

    def __len__(self) -> int: ...

    def add(self, session: HttpSession) -> None:
        """Add a new session."""

    def get(self, session_id: str) -> HttpSession | None:
        """Return the session of an id, if there is one."""

    def mark_used(self, session: HttpSession, now: float) -> None:
        """Set the time of the last request of a session."""

    def remove(self, session: HttpSession) -> None:
        """Remove a session; nothing happens if it is not there."""

    def of_user(self, user_id: str) -> tuple[HttpSession, ...]:
        """Return the sessions of a user."""

    def least_recently_used(self) -> HttpSession | None:
        """Return the session that was unused for longest, if there is any."""

    def oldest(self) -> HttpSession | None:
        """Return the session that was created first, if there is any."""


class MemoryHttpSessionStore:
    """Keeps sessions in this process."""

    def __init__(self) -> None:
        # Time does not go back, so these two stay in the order of use and of creation.
        self._by_use: OrderedDict[str, HttpSession] = OrderedDict()
        self._by_creation: dict[str, HttpSession] = {}
        self._by_user: dict[str, dict[str, HttpSession]] = {}

    def __len__(self) -> int:
        return len(self._by_use)

    def add(self, session: HttpSession) -> None:
        """Add a new session."""
        self._by_use[session.id] = self._by_creation[session.id] = session
        self._by_user.setdefault(session.user.id, {})[session.id] = session

    def get(self, session_id: str) -> HttpSession | None:
        """Return the session of an id, if there is one."""
        return self._by_use.get(session_id)

    def mark_used(self, session: HttpSession, now: float) -> None:
        """Set the time of the last request of a session."""
        session.last_used = now
        self._by_use.move_to_end(session.id)

    def remove(self, session: HttpSession) -> None:
        """Remove a session; nothing happens if it is not there."""
        if self._by_use.pop(session.id, None) is None:
            return
        del self._by_creation[session.id]
        user_sessions = self._by_user[session.user.id]
        del user_sessions[session.id]
        if not user_sessions:
            del self._by_user[session.user.id]

    def of_user(self, user_id: str) -> tuple[HttpSession, ...]:
        """Return the sessions of a user."""
        return tuple(self._by_user.get(user_id, {}).values())

    def least_recently_used(self) -> HttpSession | None:
        """Return the session that was unused for longest, if there is any."""
        return next(iter(self._by_use.values()), None)

    def oldest(self) -> HttpSession | None:
        """Return the session that was created first, if there is any."""
        return next(iter(self._by_creation.values()), None)


class HttpSessions:
    """The rules of HTTP sessions. Expired ones are swept, also if their cookies never come again.

    Args:
        clock: the time.
        new_id: makes ids and tokens that cannot be guessed.
        idle: seconds a session lives without a request (Jetty's `sessionMaxInactiveInterval`).
        max_age: seconds a session lives at most.
        store: keeps the sessions; None: this process does.

    """

    def __init__(
        self,
        clock: Clock,
        new_id: Callable[[], str],
        idle: float,
        max_age: float,
        store: HttpSessionStore | None = None,
    ) -> None:
        self._clock = clock
        self._new_id = new_id
        self._idle = idle
        self._max_age = max_age
        self._store: HttpSessionStore = MemoryHttpSessionStore() if store is None else store
        self._sweep_timer: Timer | None = None

    def __len__(self) -> int:
        return len(self._store)

    def create(self, user: User) -> HttpSession:
        """Open a session; if the user has too many, one ends: the one unused for longest.

        Sessions whose cookie never came back go first: they are those of scripts without a cookie store.
        """
        user_sessions = self._store.of_user(user.id)
        if len(user_sessions) >= MAX_PER_USER:
            self.end(min(user_sessions, key=lambda session: (session.has_cookie, session.last_used)))
        now = self._clock.now()
        session = HttpSession(self._new_id(), self._new_id(), user, now, now + self._max_age)
        self._store.add(session)
        self._schedule_sweep()
        return session

    def touch(self, session_id: str, now: float) -> HttpSession | None:
        """Return the session of an id if it lives, and count this as a use of it."""
        session = self._store.get(session_id)
        if session is None:
            return None
        if self._is_expired(session, now):
            self.end(session)
            return None
        self._store.mark_used(session, now)
        return session

    def end(self, session: HttpSession) -> None:
        """End a session; nothing happens if it has ended before."""
        self._store.remove(session)

    def end_user_sessions(self, user_id: str) -> None:
        """End all sessions of a user."""
        for session in self._store.of_user(user_id):
            self.end(session)

    def update_user(self, user: User) -> None:
        """Update the user in its sessions, which continue."""
        for session in self._store.of_user(user.id):
            session.user = user

    def _is_expired(self, session: HttpSession, now: float) -> bool:
        return now - session.last_used > self._idle or now > session.expires_at

    def _sweep(self) -> None:
        """End all expired sessions. All live equally long, so the first in either order expires first."""
        self._sweep_timer = None
        now = self._clock.now()
        for first_session in (self._store.least_recently_used, self._store.oldest):
            while (session := first_session()) is not None and self._is_expired(session, now):
                self.end(session)
        self._schedule_sweep()

    def _schedule_sweep(self) -> None:
        """Set the timer of the next sweep, while there are sessions."""
        unused, oldest = self._store.least_recently_used(), self._store.oldest()
        if self._sweep_timer is not None or unused is None or oldest is None:
            return
        expiry = min(unused.last_used + self._idle, oldest.expires_at)
        self._sweep_timer = self._clock.call_at(max(expiry, self._clock.now() + _SWEEP_SECONDS), self._sweep)
