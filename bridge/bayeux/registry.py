"""All sessions, and the three ways to find them: by id, by user, by what they subscribed to."""

from collections import OrderedDict
from collections.abc import Collection

from bridge.bayeux.channels import candidates
from bridge.bayeux.session import Outcome, Session


class Registry:
    """Keeps the sessions. No look-up costs more than what it finds.

    Args:
        rest: seconds a session lives while none of its connects is held.

    """

    def __init__(self, rest: float) -> None:
        self._rest = rest
        self._by_id: dict[str, Session] = {}
        self._by_user: dict[str, set[Session]] = {}
        self._by_subscription: dict[str, set[Session]] = {}
        # Sessions without a held connect. All may rest equally long and time does not go back, so the
        # order in which they came to rest is the order in which they expire.
        self._resting: OrderedDict[Session, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, session: Session, now: float) -> None:
        """Take in a new session."""
        self._by_id[session.id] = session
        self._by_user.setdefault(session.user, set()).add(session)
        self.rest(session, now)

    def find(self, session_id: str | None, user: str) -> Session | None:
        """Return the session of that id, if it is this user's."""
        session = self._by_id.get(session_id) if session_id is not None else None
        return session if session is not None and session.user == user else None

    def end(self, session: Session, outcome: Outcome) -> None:
        """Forget a session and all that waits for it; a held connect is released with `outcome`."""
        del self._by_id[session.id]
        _discard(self._by_user, session.user, session)
        for name in session.subscriptions:
            _discard(self._by_subscription, name, session)
        self._resting.pop(session, None)
        session.drain()
        session.let_go(outcome)

    def end_all(self, outcome: Outcome) -> None:
        """Forget every session."""
        for session in list(self._by_id.values()):
            self.end(session, outcome)

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
        return set().union(*(self._by_subscription.get(name, ()) for name in candidates(channel)))

    def subscribers_of_user(self, user: str, channel: str) -> Collection[Session]:
        """Return a user's sessions that want the events of a channel, each once, in a new collection."""
        names = candidates(channel)
        return [one for one in self.of_user(user) if not one.subscriptions.isdisjoint(names)]

    def rest(self, session: Session, now: float) -> None:
        """Start, or start anew, the time after which a session without a connect is forgotten."""
        session.expires = now + self._rest
        self._resting[session] = None
        self._resting.move_to_end(session)

    def busy(self, session: Session) -> None:
        """Stop that time: one of its connects is held."""
        self._resting.pop(session, None)

    def sweep(self, now: float) -> int:
        """End the sessions whose time is up and return how many there were."""
        ended = 0
        while self._resting and (session := next(iter(self._resting))).expires <= now:
            self.end(session, Outcome.LOST)
            ended += 1
        return ended


def _discard(index: dict[str, set[Session]], key: str, session: Session) -> None:
    """Take a session out of an index, and the key with the last of its sessions."""
    sessions = index.get(key)
    if sessions is not None:
        sessions.discard(session)
        if not sessions:
            del index[key]
