"""Events on their way into sessions, and the ends of sessions, which too many events may be."""

from collections.abc import Callable, Collection

from msgspec import UNSET, Raw, UnsetType

from bridge.bayeux.core.messages import encode_event
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import Listener
from bridge.bayeux.core.registry import SessionRegistry
from bridge.bayeux.core.session import ConnectOutcome, Session
from bridge.bayeux.core.timestamps import format_timestamp


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
        sessions: SessionRegistry,
        listener: Listener,
        now: Callable[[], float] | None,
    ) -> None:
        self._max_queue = options.max_queue
        self._max_queue_bytes = options.max_queue_bytes
        self._sessions = sessions
        self._listener = listener
        self._now = now

    def deliver_to_sessions(
        self, sessions: Collection[Session], channel: str, data: bytes | Raw, ext: Raw | UnsetType = UNSET
    ) -> int:
        """Queue one event, encoded once, for all these sessions; end those that now have too much waiting.

        Returns how many sessions that were.
        """
        if not sessions:
            return 0
        event = encode_event(channel, data, ext, None if self._now is None else format_timestamp(self._now()))
        max_queue, max_queue_bytes = self._max_queue, self._max_queue_bytes
        for session in sessions:
            session.enqueue(event)
            if session.queued_bytes > max_queue_bytes or len(session.queue) > max_queue >= 0:
                self._write_or_close(session)
        return len(sessions)

    def end(self, session: Session, outcome: ConnectOutcome, *, timed_out: bool = False) -> None:
        """End a session, unless that was done; a held connect is released with `outcome`."""
        if not self._sessions.end(session):
            return
        session.release_connect(outcome)
        if session.connection is not None:
            session.connection.sessions.discard(session)
            session.connection = None
        self._listener.session_removed(session, timed_out=timed_out)

    def close(self, session: Session) -> None:
        """End a session and the socket it came over."""
        connection = session.connection
        self.end(session, ConnectOutcome.LOST)
        if connection is not None:
            connection.close()

    def _write_or_close(self, session: Session) -> None:
        """Write what waits if that is possible at once; else its client reads too slowly, and it ends."""
        connection = session.connection
        if connection is None or session.connect_only or not connection.try_write():
            self.close(session)
