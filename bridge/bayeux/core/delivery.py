"""Events on their way into sessions, and the ends of sessions, which too many events may be."""

from collections.abc import Callable, Collection

from msgspec import UNSET, Raw, UnsetType

from bridge.bayeux.core.messages import encode_event
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import Listener
from bridge.bayeux.core.registry import Registry
from bridge.bayeux.core.session import Outcome, Session
from bridge.bayeux.core.timestamps import stamp


class Delivery:
    """Delivers events, and ends sessions.

    Args:
        options: how much may wait for one session.
        sessions: where they are kept.
        listener: is told of each that ends.
        now: the time that events bear; None: they bear none.

    """

    def __init__(
        self,
        options: Options,
        sessions: Registry,
        listener: Listener,
        now: Callable[[], float] | None,
    ) -> None:
        self._most = options.max_queue
        self._most_bytes = options.max_queue_bytes
        self._sessions = sessions
        self._listener = listener
        self._now = now

    def spread(
        self, sessions: Collection[Session], channel: str, data: bytes | Raw, ext: Raw | UnsetType = UNSET
    ) -> int:
        """Queue one event, encoded once, for all these sessions; end those that now have too much waiting.

        Returns how many sessions that were.
        """
        if not sessions:
            return 0
        event = encode_event(channel, data, ext, None if self._now is None else stamp(self._now()))
        most, most_bytes = self._most, self._most_bytes
        for session in sessions:
            session.put(event)
            if session.queued_bytes > most_bytes or len(session.queue) > most >= 0:
                self._relieve(session)
        return len(sessions)

    def end(self, session: Session, outcome: Outcome, *, timed_out: bool = False) -> None:
        """End a session, unless that was done; a held connect is released with `outcome`."""
        if not self._sessions.end(session):
            return
        session.let_go(outcome)
        if session.line is not None:
            session.line.sessions.discard(session)
            session.line = None
        self._listener.session_removed(session, timed_out=timed_out)

    def doom(self, session: Session) -> None:
        """End a session and the socket it came over."""
        line = session.line
        self.end(session, Outcome.LOST)
        if line is not None:
            line.doom()

    def _relieve(self, session: Session) -> None:
        """Write what waits if that is possible at once; else its client reads too slowly, and it ends."""
        line = session.line
        if line is None or session.connect_only or not line.relieve():
            self.doom(session)
