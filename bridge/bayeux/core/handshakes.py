"""Handshakes: which clients get a session, and its settings (Bayeux 1.0; CometD server source)."""

from collections.abc import Callable

from msgspec import UNSET

from bridge.bayeux.core import errors
from bridge.bayeux.core.channels import HANDSHAKE
from bridge.bayeux.core.context import Context
from bridge.bayeux.core.expiry import Expiry
from bridge.bayeux.core.messages import Advice, ClientMessage, Reply, encode_reply, format_timestamp
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import HandshakeRefusal, Listener, Policy
from bridge.bayeux.core.session import BayeuxConnection, Session
from bridge.bayeux.core.session_store import SessionStore
from bridge.bayeux.extensions.acks import Acks
from bridge.bayeux.extensions.ext_field import decode_ext
from bridge.bayeux.extensions.timesync import start_time_sync

_VERSION = "1.0"


class Handshakes:
    """Opens sessions.

    Args:
        policy: may refuse a handshake.
        listener: notified of each new session.
        options: the settings of sessions.
        sessions: the store of the sessions.
        expiry: started for each new session.
        new_id: makes their ids.

    """

    def __init__(
        self,
        policy: Policy,
        listener: Listener,
        options: Options,
        sessions: SessionStore,
        expiry: Expiry,
        new_id: Callable[[], str],
    ) -> None:
        self._policy = policy
        self._listener = listener
        self._options = options
        self._sessions = sessions
        self._expiry = expiry
        self._new_id = new_id
        self._retry = Advice("retry", options.interval, options.timeout)

    def handle(
        self, request: ClientMessage, context: Context, now: float, connection: BayeuxConnection | None
    ) -> list[bytes]:
        """Return the reply, and the events that may follow it at once."""
        ack, question = (None, None) if request.ext is UNSET else decode_ext(request.ext)
        sync = start_time_sync(question, now)
        refused = self._check(request, context)
        if refused is not None:
            return [encode_reply(refused)]
        session = self._open(request, context, now, connection)
        if ack is True:
            session.acks = Acks()
            session.connect_only = True
        self._listener.session_added(session, request, context)
        delivers_early = self._options.allow_message_delivery_during_handshake
        events = list(session.drain()) if delivers_early else []
        ext: dict[str, object] = {}
        if session.acks is not None:
            size = len(events)
            ext["ack"] = (
                {"enabled": True, "batch": session.acks.batch, "size": size} if delivers_early else True
            )
        if sync is not None and (sync_reply := sync.reply_ext(now)) is not None:
            ext["timesync"] = sync_reply
        reply = Reply(
            HANDSHAKE,
            successful=True,
            id=request.id,
            client_id=session.id,
            version=_VERSION,
            minimum_version=_VERSION,
            supported_connection_types=self._options.transports,
            advice=self._retry,
            ext=ext or UNSET,
            messages=len(events) if delivers_early else UNSET,
            timestamp=format_timestamp(now) if self._options.timestamp else UNSET,
        )
        return [encode_reply(reply), *events]

    def _open(
        self, request: ClientMessage, context: Context, now: float, connection: BayeuxConnection | None
    ) -> Session:
        browser = context.browser if context.user is None else None
        session = Session(self._new_id(), context.user, browser, context.transport)
        session.connect_only = self._options.only_connects_deliver(context.transport)
        if request.advice is not None:
            session.timeout = request.advice.timeout
        if connection is not None:
            session.connection = connection
            connection.sessions.add(session)
        self._sessions.add(session)
        self._expiry.start(session, now)
        return session

    def _check(self, request: ClientMessage, context: Context) -> Reply | None:
        if not set(request.supported_connection_types).intersection(self._options.transports):
            return self._failed_reply(request, errors.CONNECTION_TYPES)
        verdict = self._policy.can_handshake(context, request)
        if isinstance(verdict, HandshakeRefusal):
            error = errors.refused("handshake", verdict.reason)
            return self._failed_reply(request, error, Advice(verdict.reconnect, 0, self._options.timeout))
        if verdict is not True:
            return self._failed_reply(request, errors.refused("handshake", verdict or ""))
        if context.user is not None:
            count = len(self._sessions.of_user(context.user))
            if count >= self._options.max_sessions_per_user:
                return self._failed_reply(request, errors.refused("handshake", "too_many_sessions"))
        return None

    def _failed_reply(self, request: ClientMessage, error: str, advice: Advice | None = None) -> Reply:
        return Reply(
            HANDSHAKE,
            successful=False,
            id=request.id,
            supported_connection_types=self._options.transports
            if error == errors.CONNECTION_TYPES
            else UNSET,
            error=error,
            advice=advice or Advice("none", 0, self._options.timeout),
        )
