"""Where sessions are kept, and the ways to find them: by id, by user, by subscription."""

from collections.abc import Collection
from typing import Protocol

from bridge.bayeux.core.channels import matching_subscriptions
from bridge.bayeux.core.session import Session


class SessionStore(Protocol):
    """Keeps the sessions of one server.

    Every method returns at once: a poll is served without waiting (`bridge/runtime/http/short.py`), so what
    it needs is in memory. A store that shares sessions with other servers writes them behind these calls.
    """

    def __len__(self) -> int:
        """Return how many sessions there are."""

    def add(self, session: Session) -> None:
        """Add a new session."""

    def remove(self, session: Session) -> None:
        """Remove a session and its subscriptions."""

    def find(self, session_id: str) -> Session | None:
        """Return the session with that id, or None."""

    def all(self) -> Collection[Session]:
        """Return every session, in a new collection."""

    def of_user(self, user: str) -> Collection[Session]:
        """Return the sessions of a user."""

    def subscribe(self, session: Session, name: str) -> None:
        """Add a channel or pattern to the subscriptions of a session."""

    def unsubscribe(self, session: Session, name: str) -> None:
        """Remove a channel or pattern from them; nothing happens if it is not there."""

    def subscribers(self, channel: str, user: str | None = None) -> Collection[Session]:
        """Return the sessions that get the events of a channel, each once, in a new collection.

        Args:
            channel: the name of a channel, not a pattern.
            user: only the sessions of this user; None: all.

        """


class MemorySessionStore:
    """A `SessionStore` in the memory of this process. No look-up costs more than what it finds."""

    def __init__(self) -> None:
        self._by_id: dict[str, Session] = {}
        self._by_user: dict[str, set[Session]] = {}
        self._by_subscription: dict[str, set[Session]] = {}

    def __len__(self) -> int:
        """Return how many sessions there are."""
        return len(self._by_id)

    def add(self, session: Session) -> None:
        """Add a new session."""
        self._by_id[session.id] = session
        if session.user is not None:
            self._by_user.setdefault(session.user, set()).add(session)

    def remove(self, session: Session) -> None:
        """Remove a session and its subscriptions."""
        del self._by_id[session.id]
        if session.user is not None:
            _discard(self._by_user, session.user, session)
        for name in session.subscriptions:
            _discard(self._by_subscription, name, session)

    def find(self, session_id: str) -> Session | None:
        """Return the session with that id, or None."""
        return self._by_id.get(session_id)

    def all(self) -> Collection[Session]:
        """Return every session, in a new collection."""
        return list(self._by_id.values())

    def of_user(self, user: str) -> Collection[Session]:
        """Return the sessions of a user."""
        return self._by_user.get(user, ())

    def subscribe(self, session: Session, name: str) -> None:
        """Add a channel or pattern to the subscriptions of a session."""
        session.subscriptions.add(name)
        self._by_subscription.setdefault(name, set()).add(session)

    def unsubscribe(self, session: Session, name: str) -> None:
        """Remove a channel or pattern from them; nothing happens if it is not there."""
        session.subscriptions.discard(name)
        _discard(self._by_subscription, name, session)

    def subscribers(self, channel: str, user: str | None = None) -> Collection[Session]:
        """Return the sessions that get the events of a channel, each once, in a new collection."""
        names = matching_subscriptions(channel)
        if user is not None:
            sessions = self._by_user.get(user, ())
            return [one for one in sessions if not one.subscriptions.isdisjoint(names)]
        found = [some for name in names if (some := self._by_subscription.get(name))]
        return list(found[0]) if len(found) == 1 else set().union(*found)


def _discard(index: dict[str, set[Session]], key: str, session: Session) -> None:
    """Remove a session from an index, and the key with the last of its sessions."""
    sessions = index.get(key)
    if sessions is not None:
        sessions.discard(session)
        if not sessions:
            del index[key]
