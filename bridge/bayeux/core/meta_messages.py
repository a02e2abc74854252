"""The messages of a session besides connects: subscribe, unsubscribe, publish, disconnect."""

from collections.abc import Callable

from msgspec import UNSET, UnsetType

from bridge.bayeux.core import errors
from bridge.bayeux.core.channels import (
    DISCONNECT,
    SUBSCRIBE,
    UNSUBSCRIBE,
    is_meta,
    is_pattern,
    is_service,
    normalise,
)
from bridge.bayeux.core.context import Context
from bridge.bayeux.core.delivery import Delivery
from bridge.bayeux.core.expiry import Expiry
from bridge.bayeux.core.messages import ClientMessage, Reply, decode_names, encode_reply, format_timestamp
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import Listener, Policy, Verdict
from bridge.bayeux.core.session import Session
from bridge.bayeux.core.session_store import SessionStore
from bridge.bayeux.core.states import BayeuxSessionState, ConnectInput
from bridge.bayeux.extensions.ext_field import decode_ext
from bridge.bayeux.extensions.timesync import start_time_sync

_MetaMessageHandler = Callable[[Context, Session, ClientMessage], str | None]


class MetaMessages:
    """Handles messages of sessions. Each handler returns the error, if there is one.

    Args:
        policy: decides what is allowed.
        listener: gets the messages to `/service/...`.
        options: the bounds.
        sessions: the store of the sessions and their subscriptions.
        expiry: started anew by each message of a session without a held connect.
        delivery: queues the events of a publish.

    """

    def __init__(
        self,
        policy: Policy,
        listener: Listener,
        options: Options,
        sessions: SessionStore,
        expiry: Expiry,
        delivery: Delivery,
    ) -> None:
        self._policy = policy
        self._listener = listener
        self._options = options
        self._sessions = sessions
        self._expiry = expiry
        self._delivery = delivery
        self._handlers: dict[str, _MetaMessageHandler] = {
            SUBSCRIBE: self._subscribe,
            UNSUBSCRIBE: self._unsubscribe,
            DISCONNECT: self._disconnect,
        }

    def handle(self, context: Context, session: Session | None, request: ClientMessage, now: float) -> bytes:
        """Return the reply to a message that is neither handshake nor connect; None: an unknown session."""
        if not request.channel:
            error: str | None = errors.CHANNEL_MISSING
        elif session is None:
            error = errors.SESSION_UNKNOWN
        else:
            if session.held_connect is None:
                self._expiry.start(session, now)
            error = self._handlers.get(request.channel, self._publish)(context, session, request)
        has_names = request.channel in (SUBSCRIBE, UNSUBSCRIBE)
        return encode_reply(
            Reply(
                request.channel,
                successful=error is None,
                id=request.id,
                subscription=request.subscription if has_names else UNSET,
                error=UNSET if error is None else error,
                ext=_reply_ext(request, now),
                timestamp=format_timestamp(now) if self._options.timestamp else UNSET,
            )
        )

    def _subscribe(self, context: Context, session: Session, request: ClientMessage) -> str | None:
        return _for_each_subscription(request, lambda name: self._subscribe_to(context, session, name))

    def _subscribe_to(self, context: Context, session: Session, name: str) -> str | None:
        if is_service(name) or name in session.subscriptions:  # the first is allowed and has no effect
            return None
        if is_meta(name):
            return errors.refused("subscribe", "")
        verdict = self._policy.can_subscribe(context, session, name)
        if verdict is not True:
            return errors.refused("subscribe", _reason(verdict))
        if (
            session.state is BayeuxSessionState.ENDED
        ):  # by the policy: a store keeps nothing of a session that ended
            return errors.SESSION_UNKNOWN
        if len(session.subscriptions) >= self._options.max_subscriptions:
            return errors.refused("subscribe", "too_many_subscriptions")
        self._sessions.subscribe(session, name)
        return None

    def _unsubscribe(self, _context: Context, session: Session, request: ClientMessage) -> str | None:
        return _for_each_subscription(request, lambda name: self._sessions.unsubscribe(session, name))

    def _disconnect(self, _context: Context, session: Session, _request: ClientMessage) -> None:
        self._delivery.end_session(session, ConnectInput.DISCONNECT)

    def _publish(self, context: Context, session: Session, request: ClientMessage) -> str | None:
        channel = normalise(request.channel)
        if channel is None or is_pattern(channel):
            return errors.CHANNEL_INVALID
        verdict = not is_meta(channel) and self._policy.can_publish(context, session, channel)
        if verdict is not True:
            return errors.refused("publish", _reason(verdict))
        if request.data is UNSET:
            return errors.DATA_MISSING
        if is_service(channel):
            self._listener.service(session, channel, request.data, request, context)
            return None
        receivers = self._sessions.subscribers(channel)
        if not self._options.broadcast_to_publisher:
            receivers = [one for one in receivers if one is not session]
        self._delivery.deliver_to_sessions(receivers, channel, request.data, request.ext)
        return None


def _reason(verdict: Verdict) -> str:
    return verdict if isinstance(verdict, str) else getattr(verdict, "reason", "")


def _for_each_subscription(request: ClientMessage, act: Callable[[str], str | None]) -> str | None:
    """Apply `act` to the named channels in order, up to the first that fails (CometD server source)."""
    if request.subscription is UNSET:
        return errors.SUBSCRIPTION_MISSING
    names = decode_names(request.subscription)
    if not names:
        return errors.SUBSCRIPTION_INVALID
    for given in names:
        name = normalise(given)
        error = errors.SUBSCRIPTION_INVALID if name is None else act(name)
        if error is not None:
            return error
    return None


def _reply_ext(request: ClientMessage, now: float) -> dict[str, object] | UnsetType:
    """Return the answer to the time synchronization of a meta message."""
    if request.ext is UNSET or not is_meta(request.channel):
        return UNSET
    sync = start_time_sync(decode_ext(request.ext)[1], now)
    sync_reply = None if sync is None else sync.reply_ext(now)
    return UNSET if sync_reply is None else {"timesync": sync_reply}
