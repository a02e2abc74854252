"""HTTP sessions: what the cookie JSESSIONID names."""

from collections.abc import Callable
from dataclasses import dataclass

from bridge.directory.model import User
from bridge.runtime.clock import Clock

MAX_IDLE_SECONDS = 1800
"""How long a session lives without a request (Jetty's default for GWS)."""

MAX_PER_USER = 32
"""How many sessions one user may have: a script without a cookie store makes a new one with every request."""


@dataclass(slots=True)
class HttpSession:
    """One browser, or one script, of one user."""

    id: str
    user: User
    last_used: float


class HttpSessions:
    """All HTTP sessions of this node. Those of a user stand in the order of their last use."""

    def __init__(self, clock: Clock, new_id: Callable[[], str]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._by_id: dict[str, HttpSession] = {}
        self._by_user: dict[str, dict[str, HttpSession]] = {}

    def open(self, user: User) -> HttpSession:
        """Begin a session. The user's idle ones end, and the longest unused one if there are too many."""
        mine = self._by_user.setdefault(user.id, {})
        now = self._clock.now()
        while mine:
            oldest = next(iter(mine.values()))
            if len(mine) < MAX_PER_USER and now - oldest.last_used <= MAX_IDLE_SECONDS:
                break
            self.end(oldest)
        session = HttpSession(self._new_id(), user, now)
        self._by_id[session.id] = mine[session.id] = session
        return session

    def use(self, session_id: str) -> HttpSession | None:
        """Find a session that lives, and note that it was used."""
        session = self._by_id.get(session_id)
        if session is None:
            return None
        now = self._clock.now()
        if now - session.last_used > MAX_IDLE_SECONDS:
            self.end(session)
            return None
        session.last_used = now
        mine = self._by_user[session.user.id]
        mine[session.id] = mine.pop(session.id)
        return session

    def end(self, session: HttpSession) -> None:
        """End a session; ending it twice does no harm."""
        self._by_id.pop(session.id, None)
        self._by_user.get(session.user.id, {}).pop(session.id, None)
