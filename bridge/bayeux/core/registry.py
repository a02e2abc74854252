"""All sessions, and the three ways to find them: by id, by user, by what they subscribed to."""

import heapq
from collections import OrderedDict
from collections.abc import Collection

from bridge.bayeux.core.channels import matching_subscriptions
from bridge.bayeux.core.session import Session


class SessionRegistry:
    """Keeps the sessions. No look-up costs more than what it finds.

    Args:
        expire_after: seconds a session lives while none of its connects is held.

    """

    def __init__(self, expire_after: float) -> None:
        self._expire_after = expire_after
        self._by_id: dict[str, Session] = {}
        self._by_user: dict[str, set[Session]] = {}
        self._by_subscription: dict[str, set[Session]] = {}
        # Sessions without a held connect. All may rest equally long and time does not go back, so the
        # order in which they came to rest is the order in which they expire.
        self._expiring: OrderedDict[Session, None] = OrderedDict()
        # The few whose clients said that they would stay away longer: when, in which order, who. What has
        # changed since is passed over when its time comes.
        self._expiring_later: list[tuple[float, int, Session]] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, session: Session, now: float) -> None:
        """Take in a new session."""
        self._by_id[session.id] = session
        if session.user is not None:
            self._by_user.setdefault(session.user, set()).add(session)
        self.expire_after(session, now)

    def find(self, session_id: str) -> Session | None:
        """Return the session of that id."""
        return self._by_id.get(session_id)

    def end(self, session: Session) -> bool:
        """Forget a session; False: that was done before."""
        if self._by_id.pop(session.id, None) is None:
            return False
        if session.user is not None:
            _discard(self._by_user, session.user, session)
        for name in session.subscriptions:
            _discard(self._by_subscription, name, session)
        self.stop_expiry(session)
        return True

    def all(self) -> Collection[Session]:
        """Return every session, in a new collection."""
        return list(self._by_id.values())

    def subscribe(self, session: Session, name: str) -> None:
        """Note that the session wants the events of a channel or pattern."""
        session.subscriptions.add(name)
        self._by_subscription.setdefault(name, set()).add(session)

    def unsubscribe(self, session: Session, name: str) -> None:
        """Forget that it wanted them; nothing happens if it never did."""
        session.subscriptions.discard(name)
        _discard(self._by_subscription, name, session)

    def of_user(self, user: str) -> Collection[Session]:
        """Return the sessions of a user."""
        return self._by_user.get(user, ())

    def subscribers(self, channel: str) -> Collection[Session]:
        """Return all sessions that want the events of a channel, each once, in a new collection."""
        found = [
            some for name in matching_subscriptions(channel) if (some := self._by_subscription.get(name))
        ]
        return list(found[0]) if len(found) == 1 else set().union(*found)

    def subscribers_of_user(self, user: str, channel: str) -> Collection[Session]:
        """Return a user's sessions that want the events of a channel, each once, in a new collection."""
        names = matching_subscriptions(channel)
        return [one for one in self.of_user(user) if not one.subscriptions.isdisjoint(names)]

    def expire_after(self, session: Session, now: float, longer_by: float = 0.0) -> None:
        """Start, or start anew, the time after which a session without a connect is forgotten.

        Args:
            session: which one.
            now: the time.
            longer_by: how many seconds longer it shall be than for others.

        """
        session.expires = now + self._expire_after + longer_by
        if longer_by > 0:
            self._expiring.pop(session, None)
            self._order += 1
            heapq.heappush(self._expiring_later, (session.expires, self._order, session))
        else:
            self._expiring[session] = None
            self._expiring.move_to_end(session)

    def stop_expiry(self, session: Session) -> None:
        """Stop that time: one of its connects is held, or the session has ended."""
        session.expires = 0.0
        self._expiring.pop(session, None)

    def next_expired(self, now: float) -> Session | None:
        """Return a session whose time is up; the caller ends it."""
        if self._expiring and (session := next(iter(self._expiring))).expires <= now:
            return session
        while self._expiring_later and self._expiring_later[0][0] <= now:
            expires, _, session = heapq.heappop(self._expiring_later)
            if session.expires == expires:
                return session
        return None


def _discard(index: dict[str, set[Session]], key: str, session: Session) -> None:
    """Take a session out of an index, and the key with the last of its sessions."""
    sessions = index.get(key)
    if sessions is not None:
        sessions.discard(session)
        if not sessions:
            del index[key]
