"""Which sessions expire, and when: those whose clients have no connect held."""

import heapq
from collections import OrderedDict

from bridge.bayeux.core.session import Session


class Expiry:
    """Tracks when each session expires. No call costs more than what it finds, for any number of sessions.

    Args:
        lifetime_seconds: how long a session lives while none of its connects is held.

    """

    def __init__(self, lifetime_seconds: float) -> None:
        self._lifetime_seconds = lifetime_seconds
        # All of these live equally long and time does not go back, so the order in which they were added is
        # the order in which they expire.
        self._in_order: OrderedDict[Session, None] = OrderedDict()
        # The few whose clients announced a longer absence: (expires, order, session). An entry that no longer
        # agrees with its session is ignored when its time comes.
        self._later: list[tuple[float, int, Session]] = []
        self._order = 0

    def start(self, session: Session, now: float, away_seconds: float = 0.0) -> None:
        """Start, or start anew, the time after which a session expires.

        Args:
            session: a session without a held connect.
            now: the time in seconds.
            away_seconds: how much longer it lives than others, since its client announced that.

        """
        session.expires = now + self._lifetime_seconds + away_seconds
        if away_seconds > 0:
            self._in_order.pop(session, None)
            self._order += 1
            heapq.heappush(self._later, (session.expires, self._order, session))
        else:
            self._in_order[session] = None
            self._in_order.move_to_end(session)

    def stop(self, session: Session) -> None:
        """Stop that time: a connect is held, or the session has ended."""
        session.expires = 0.0
        self._in_order.pop(session, None)

    def next_expired(self, now: float) -> Session | None:
        """Return a session whose time is up, or None. The caller ends it before the next call."""
        if self._in_order and (session := next(iter(self._in_order))).expires <= now:
            return session
        while self._later and self._later[0][0] <= now:
            expires, _, session = heapq.heappop(self._later)
            if session.expires == expires:
                return session
        return None
