"""What a session may do besides being connected: subscribe, unsubscribe, publish, and say goodbye."""

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
from bridge.bayeux.core.messages import ClientMessage, Reply, decode_names, encode_reply
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import Listener, Policy, Verdict
from bridge.bayeux.core.registry import SessionRegistry
from bridge.bayeux.core.session import ConnectOutcome, Session
from bridge.bayeux.core.timestamps import format_timestamp
from bridge.bayeux.extensions.ext_field import decode_ext
from bridge.bayeux.extensions.timesync import start_time_sync

_MetaMessageHandler = Callable[[Context, Session, ClientMessage], str | None]


class MetaMessages:
    """Obeys messages of sessions. Each deed returns the error, if there is one.

    Args:
        policy: decides what is allowed.
        listener: gets what is sent to `/service/...`.
        options: the bounds.
        sessions: where they and their subscriptions are kept.
        delivery: takes what is published.

    """

    def __init__(
        self,
        policy: Policy,
        listener: Listener,
        options: Options,
        sessions: SessionRegistry,
        delivery: Delivery,
    ) -> None:
        self._policy = policy
        self._listener = listener
        self._options = options
        self._sessions = sessions
        self._delivery = delivery
        self._handlers: dict[str, _MetaMessageHandler] = {
            SUBSCRIBE: self._subscribe,
            UNSUBSCRIBE: self._unsubscribe,
            DISCONNECT: self._disconnect,
        }

    def handle(self, context: Context, session: Session | None, request: ClientMessage, now: float) -> bytes:
        """Answer any message but a handshake and a connect; None is a session that nobody knows."""
        if not request.channel:
            error: str | None = errors.CHANNEL_MISSING
        elif session is None:
            error = errors.SESSION_UNKNOWN
        else:
            if session.held_connect is None:
                self._sessions.expire_after(session, now)
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
        if is_service(name):  # allowed, and without any effect
            return None
        if is_meta(name):
            return errors.refused("subscribe", "")
        if name in session.subscriptions:
            return None
        verdict = self._policy.can_subscribe(context, session, name)
        if verdict is not True:
            return errors.refused("subscribe", _reason(verdict))
        if len(session.subscriptions) >= self._options.max_subscriptions:
            return errors.refused("subscribe", "too_many_subscriptions")
        self._sessions.subscribe(session, name)
        return None

    def _unsubscribe(self, _context: Context, session: Session, request: ClientMessage) -> str | None:
        return _for_each_subscription(request, lambda name: self._sessions.unsubscribe(session, name))

    def _disconnect(self, _context: Context, session: Session, _request: ClientMessage) -> None:
        self._delivery.end(session, ConnectOutcome.DISCONNECTED)

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
    """Act on the named channels in order, up to the first that fails (CometD server source)."""
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
    """Answer the time synchronization of a meta message."""
    if request.ext is UNSET or not is_meta(request.channel):
        return UNSET
    sync = start_time_sync(decode_ext(request.ext)[1], now)
    answer = None if sync is None else sync.answer(now)
    return UNSET if answer is None else {"timesync": answer}
