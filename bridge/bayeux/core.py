"""The rules of the protocol. No I/O and no clock in here: the time is an argument, waiting is a `Hold`."""

from collections.abc import Callable, Collection, Sequence

from msgspec import UNSET, Raw, UnsetType

from bridge.bayeux import errors
from bridge.bayeux.channels import (
    CONNECT,
    DISCONNECT,
    HANDSHAKE,
    SUBSCRIBE,
    UNSUBSCRIBE,
    is_meta,
    is_pattern,
    is_service,
    normalise,
)
from bridge.bayeux.messages import Advice, Reply, Request, decode_names, encode_event, encode_reply, join
from bridge.bayeux.options import Options
from bridge.bayeux.policy import Policy
from bridge.bayeux.registry import Registry
from bridge.bayeux.session import Hold, Outcome, Session

_VERSION = "1.0"
_CONNECTION_TYPES = ("long-polling",)


class Server:
    """A Bayeux server without a network: messages in, answers or held connects out.

    A transport calls `receive` for each request. It gets the answer, or a `Hold`; then it waits, calls
    `finish` when the hold is released and `cancel` when the client has gone. All times are in seconds.

    Args:
        policy: decides who may do what.
        new_id: makes the id of a session; letters and digits nobody can guess (128 random bits or more).
        options: the bounds and times of sessions.

    """

    def __init__(self, policy: Policy, new_id: Callable[[], str], options: Options | None = None) -> None:
        self._policy = policy
        self._new_id = new_id
        self._options = options or Options()
        self._sessions = Registry(self._options.rest)
        interval, timeout = self._options.interval, self._options.timeout
        self._retry = Advice("retry", interval, timeout)
        self._handshake_again = Advice("handshake", 0, timeout)
        self._stop = Advice("none", 0, timeout)
        self._verbs: dict[str, Callable[[Session, Request], str | None]] = {
            SUBSCRIBE: self._subscribe,
            UNSUBSCRIBE: self._unsubscribe,
            DISCONNECT: self._disconnect,
        }

    @property
    def options(self) -> Options:
        """The bounds and times it keeps."""
        return self._options

    def __len__(self) -> int:
        """Return how many sessions there are."""
        return len(self._sessions)

    # What a client asks

    def receive(self, user: str, requests: Sequence[Request], now: float) -> bytes | Hold:
        """Obey the messages of one request of `user` and return the answer, or the hold that stands for it.

        A handshake is answered alone and what came with it is passed over. A connect is held only if it
        came alone, is not the session's first, and finds no event waiting.
        """
        for request in requests:
            if request.channel == HANDSHAKE:
                return join([encode_reply(self._handshake(user, request, now))])
        events: list[bytes] = []
        replies: list[bytes] = []
        for request in requests:
            if request.channel == CONNECT:
                reply = self._connect(user, request, now, events, alone=len(requests) == 1)
                if isinstance(reply, Hold):
                    return reply
            else:
                reply = self._obey(user, request, now)
            replies.append(encode_reply(reply))
        return join(events + replies)

    def finish(self, hold: Hold, now: float) -> bytes | None:
        """Return the answer of a released hold; None: there is none, since the client sent a newer connect.

        Events leave the queue only here, so none is lost in a connect that is not answered.
        """
        if hold.outcome is Outcome.SUPERSEDED:
            return None
        if hold.outcome is Outcome.LOST:
            return join([encode_reply(self._unknown(hold.request_id))])
        if hold.outcome is Outcome.DISCONNECTED:
            return join(
                [encode_reply(Reply(CONNECT, successful=True, id=hold.request_id, advice=self._stop))]
            )
        hold.session.hold = None
        self._sessions.rest(hold.session, now)
        reply = Reply(CONNECT, successful=True, id=hold.request_id, advice=self._retry)
        return join([*hold.session.drain(), encode_reply(reply)])

    def cancel(self, hold: Hold, now: float) -> None:
        """Give a hold up because its client has gone; the events stay for the client's next connect."""
        if hold.session.hold is hold:
            hold.session.hold = None
            self._sessions.rest(hold.session, now)

    # What the server's own side asks

    def deliver(self, user: str, channel: str, data: bytes | Raw) -> int:
        """Send `data`, which is JSON already, to the sessions of one user that subscribed to `channel`.

        Returns how many sessions that were.
        """
        return self._spread(self._sessions.subscribers_of_user(user, channel), channel, data)

    def publish(self, channel: str, data: bytes | Raw) -> int:
        """Send `data`, which is JSON already, to every session that subscribed to `channel`, whoever's it is.

        Returns how many sessions that were.
        """
        return self._spread(self._sessions.subscribers(channel), channel, data)

    def sweep(self, now: float) -> int:
        """End the sessions whose clients have stayed away too long and return how many there were."""
        return self._sessions.sweep(now)

    def close(self) -> None:
        """End all sessions; every held connect is released and tells its client to handshake again."""
        self._sessions.end_all(Outcome.LOST)

    # One message each

    def _handshake(self, user: str, request: Request, now: float) -> Reply:
        error = self._handshake_error(user, request)
        if error is not None:
            types = _CONNECTION_TYPES if error == errors.CONNECTION_TYPES else UNSET
            return Reply(
                HANDSHAKE,
                successful=False,
                id=request.id,
                supported_connection_types=types,
                error=error,
                advice=self._stop,
            )
        session = Session(self._new_id(), user)
        self._sessions.add(session, now)
        return Reply(
            HANDSHAKE,
            successful=True,
            id=request.id,
            client_id=session.id,
            version=_VERSION,
            minimum_version=_VERSION,
            supported_connection_types=_CONNECTION_TYPES,
            advice=self._retry,
        )

    def _handshake_error(self, user: str, request: Request) -> str | None:
        if not set(request.supported_connection_types).intersection(_CONNECTION_TYPES):
            return errors.CONNECTION_TYPES
        verdict = self._policy.can_handshake(user, request)
        if verdict is not True:
            return errors.refused("handshake", verdict)
        if len(self._sessions.of_user(user)) >= self._options.max_sessions_per_user:
            return errors.refused("handshake", "too_many_sessions")
        return None

    def _connect(
        self, user: str, request: Request, now: float, events: list[bytes], *, alone: bool
    ) -> Reply | Hold:
        """Hold a connect, or answer it at once and add what waits for its session to `events`."""
        session = self._sessions.find(request.client_id, user)
        if session is None:
            return self._unknown(request.id)
        session.let_go(Outcome.SUPERSEDED)
        wait = self._wait(request)
        if alone and wait and session.connected and not session.queue:
            self._sessions.busy(session)
            session.hold = Hold(session, request.id, now + wait)
            return session.hold
        session.connected = True
        self._sessions.rest(session, now)
        events += session.drain()
        return Reply(CONNECT, successful=True, id=request.id, advice=self._retry)

    def _wait(self, request: Request) -> float:
        """Return for how many seconds the client wants to wait; what the server would wait is the most."""
        wait: float = self._options.timeout
        if request.advice is not None and request.advice.timeout is not None:
            wait = max(0.0, min(request.advice.timeout, wait))
        return wait / 1000

    def _unknown(self, request_id: Raw | UnsetType) -> Reply:
        """Answer a connect of an unknown session: the line that makes clients recover after a restart."""
        return Reply(
            CONNECT,
            successful=False,
            id=request_id,
            error=errors.SESSION_UNKNOWN,
            advice=self._handshake_again,
        )

    def _obey(self, user: str, request: Request, now: float) -> Reply:
        """Answer any message but a handshake and a connect."""
        session = self._sessions.find(request.client_id, user)
        if not request.channel:
            error: str | None = errors.CHANNEL_MISSING
        elif session is None:
            error = errors.SESSION_UNKNOWN
        else:
            if session.hold is None:
                self._sessions.rest(session, now)
            error = self._verbs.get(request.channel, self._publish)(session, request)
        return Reply(
            request.channel,
            successful=error is None,
            id=request.id,
            subscription=request.subscription if request.channel in (SUBSCRIBE, UNSUBSCRIBE) else UNSET,
            error=UNSET if error is None else error,
        )

    # What a session may do; each returns the error, if there is one

    def _subscribe(self, session: Session, request: Request) -> str | None:
        return self._each_name(request, lambda name: self._subscribe_to(session, name))

    def _subscribe_to(self, session: Session, name: str) -> str | None:
        if is_service(name):  # allowed, and without any effect
            return None
        if is_meta(name):
            return errors.refused("subscribe", verdict=False)
        if name in session.subscriptions:
            return None
        verdict = self._policy.can_subscribe(session.user, name)
        if verdict is not True:
            return errors.refused("subscribe", verdict)
        if len(session.subscriptions) >= self._options.max_subscriptions:
            return errors.refused("subscribe", "too_many_subscriptions")
        self._sessions.subscribe(session, name)
        return None

    def _unsubscribe(self, session: Session, request: Request) -> str | None:
        return self._each_name(request, lambda name: self._sessions.unsubscribe(session, name))

    def _each_name(self, request: Request, act: Callable[[str], str | None]) -> str | None:
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

    def _disconnect(self, session: Session, _request: Request) -> None:
        self._sessions.end(session, Outcome.DISCONNECTED)

    def _publish(self, session: Session, request: Request) -> str | None:
        channel = normalise(request.channel)
        if channel is None or is_pattern(channel):
            return errors.CHANNEL_INVALID
        verdict = not is_meta(channel) and self._policy.can_publish(session.user, channel)
        if verdict is not True:
            return errors.refused("publish", verdict)
        if request.data is UNSET:
            return errors.DATA_MISSING
        if not is_service(channel):
            self.publish(channel, request.data)
        return None

    def _spread(self, sessions: Collection[Session], channel: str, data: bytes | Raw) -> int:
        """Queue one event, encoded once, for all these sessions; end those that now have too much waiting."""
        if not sessions:
            return 0
        event = encode_event(channel, data)
        most, most_bytes = self._options.max_queue, self._options.max_queue_bytes
        for session in sessions:
            session.put(event)
            if len(session.queue) > most or session.queued_bytes > most_bytes:
                self._sessions.end(session, Outcome.LOST)
        return len(sessions)
