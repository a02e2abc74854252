"""Queues events for sessions, and ends sessions, among them those with too many queued events."""

from collections.abc import Callable, Collection

import msgspec
from msgspec import UNSET, Raw, UnsetType

from bridge.bayeux.core.expiry import Expiry
from bridge.bayeux.core.messages import format_timestamp
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import Listener
from bridge.bayeux.core.session import Session
from bridge.bayeux.core.session_store import SessionStore
from bridge.bayeux.core.states import (
    SESSION_TRANSITIONS,
    BayeuxSessionInput,
    BayeuxSessionState,
    ConnectInput,
)

_encode = msgspec.json.Encoder().encode


class Delivery:
    """Delivers events to sessions, and ends sessions.

    Args:
        options: how much may be queued for one session.
        sessions: the store of the sessions.
        expiry: stopped for a session that ends.
        listener: notified of each session that ends.
        now: the time for the `timestamp` of events; None: events have no timestamp.

    """

    def __init__(
        self,
        options: Options,
        sessions: SessionStore,
        expiry: Expiry,
        listener: Listener,
        now: Callable[[], float] | None,
    ) -> None:
        self._max_queue = options.max_queue
        self._max_queue_bytes = options.max_queue_bytes
        self._sessions = sessions
        self._expiry = expiry
        self._listener = listener
        self._now = now

    def deliver_to_sessions(
        self, sessions: Collection[Session], channel: str, data: bytes | Raw, ext: Raw | UnsetType = UNSET
    ) -> int:
        """Queue one event, encoded once, for all these sessions; end those that now have too much queued.

        Args:
            sessions: a collection of the caller's own, since sessions may end meanwhile.
            channel: the event's channel.
            data: the event's data, as JSON.
            ext: the publisher's extension field, as JSON.

        Returns:
            How many sessions that were.

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

    def end_session(self, session: Session, connect_input: ConnectInput, *, timed_out: bool = False) -> None:
        """End a session, unless it has ended; a held connect gets `connect_input`."""
        if session.state is BayeuxSessionState.ENDED:
            return
        session.state = SESSION_TRANSITIONS[session.state][BayeuxSessionInput.END]
        self._sessions.remove(session)
        self._expiry.stop(session)
        session.release_connect(connect_input)
        if session.connection is not None:
            session.connection.sessions.discard(session)
            session.connection = None
        self._listener.session_removed(session, timed_out=timed_out)

    def close(self, session: Session) -> None:
        """End a session and close the socket it came over."""
        connection = session.connection
        self.end_session(session, ConnectInput.LOSE)
        if connection is not None:
            connection.request_close()

    def _write_or_close(self, session: Session) -> None:
        """Write the queue if that is possible at once; else end the session: its client reads too slowly."""
        connection = session.connection
        if connection is None or session.connect_only or not connection.try_write():
            self.close(session)


def encode_event(
    channel: str, data: bytes | Raw, ext: Raw | UnsetType = UNSET, timestamp: str | None = None
) -> bytes:
    """Return the event that brings `data`, which is JSON, to subscribers.

    It names neither a publisher nor an id: the first would let every receiver speak in the publisher's name,
    the second could be mistaken for the reply to a request of the receiver (CometD server source).
    """
    parts = [b'{"channel":', _encode(channel), b',"data":', data]
    if ext is not UNSET:
        parts += (b',"ext":', ext)
    if timestamp is not None:
        parts += (b',"timestamp":', _encode(timestamp))
    parts.append(b"}")
    return b"".join(parts)
