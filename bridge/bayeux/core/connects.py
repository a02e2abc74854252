"""Connects: which are held and for how long, and how they are answered (CometD server source)."""

from collections.abc import Sequence

from msgspec import UNSET, Raw, UnsetType

from bridge.bayeux.core import errors
from bridge.bayeux.core.channels import CONNECT, DISCONNECT
from bridge.bayeux.core.context import Context
from bridge.bayeux.core.expiry import Expiry
from bridge.bayeux.core.messages import (
    Advice,
    ClientAdvice,
    ClientMessage,
    Reply,
    encode_reply,
    format_timestamp,
)
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.session import HeldConnect, Session
from bridge.bayeux.core.states import (
    SESSION_TRANSITIONS,
    BayeuxSessionInput,
    BayeuxSessionState,
    ConnectInput,
    ConnectState,
)
from bridge.bayeux.extensions.ext_field import decode_ext
from bridge.bayeux.extensions.timesync import TimeSync, start_time_sync

_NO_ADVICE = ClientAdvice()
_DISCONNECT_REPLY = encode_reply(Reply(DISCONNECT, successful=True))


class Connects:
    """Holds and answers the connects of all sessions.

    Args:
        options: how long connects are held, and how many of one browser.
        expiry: started for a session when none of its connects is held any more.

    """

    def __init__(self, options: Options, expiry: Expiry) -> None:
        self._options = options
        self._expiry = expiry
        self._browser_connects = _BrowserConnects(options.max_sessions_per_browser)
        interval, timeout = options.interval, options.timeout
        self._retry = Advice("retry", interval, timeout)
        self._stop_advice = Advice("none", 0, timeout)
        slow_interval = options.multi_session_interval
        self._multiple_clients = Advice(
            "retry" if slow_interval > 0 else "none", max(slow_interval, 0), timeout, multiple_clients=True
        )
        self._plain_replies = _ConnectReplies(self._retry)

    def handle(
        self,
        session: Session,
        request: ClientMessage,
        context: Context,
        now: float,
        events: list[bytes],
        *,
        alone: bool,
    ) -> HeldConnect | bytes:
        """Hold a connect, or return its reply and add the queued events of its session to `events`.

        A connect is answered at once if it is the session's first, came with other messages over HTTP, asks
        for no wait, finds events that only a connect may deliver, or is one too many of its browser.
        """
        self._supersede(session)
        client_advice = request.advice or _NO_ADVICE
        sync = self._handle_ext(session, request, now)
        is_first = session.state is BayeuxSessionState.HANDSHAKEN
        session.state = SESSION_TRANSITIONS[session.state][BayeuxSessionInput.CONNECT]
        session.in_flight = False  # this connect shows that its client received every earlier answer
        hold_seconds = self._hold_seconds(session, client_advice)
        away_seconds = self._away_seconds(client_advice)
        is_over_socket = session.connection is not None
        has_events = session.queue and (session.connect_only or not is_over_socket)
        if is_first or has_events or not hold_seconds or not (alone or is_over_socket):
            self._expiry.start(session, now, away_seconds)
            events += self._drain(session)
            return self._connect_reply(session, request.id, sync, now)
        is_counted = not is_over_socket and context.user is None and not context.shares_connection
        browser = session.browser if is_counted else None
        if browser is not None and not self._browser_connects.can_hold(browser):
            self._expiry.start(session, now, max(away_seconds, self._multiple_clients.interval / 1000))
            return self._too_many_connects_reply(request)
        held_connect = HeldConnect(session, request.id, now + hold_seconds)
        held_connect.connection = session.connection
        held_connect.sync = sync
        held_connect.away_seconds = away_seconds
        session.held_connect = held_connect
        if browser is not None:
            self._browser_connects.add(held_connect, browser)
        self._expiry.stop(session)
        return held_connect

    def finish(self, held_connect: HeldConnect, now: float) -> Sequence[bytes] | None:
        """Return the messages that answer a connect; None: it has no answer, since a newer one supersedes it.

        A connect that is still held is answered like one whose time is up. Events leave the queue only here,
        so none is lost with a connect that is not answered.
        """
        self._browser_connects.remove(held_connect)
        session = held_connect.session
        state = held_connect.state
        if state is ConnectState.ANSWERING or state is ConnectState.HELD:
            session.held_connect = None
            self._expiry.start(session, now, held_connect.away_seconds)
            events = self._drain(session)
            return [*events, self._connect_reply(session, held_connect.request_id, held_connect.sync, now)]
        if state is ConnectState.SUPERSEDED:
            return None
        if state is ConnectState.LOST:
            return [self.unknown_session_reply(held_connect.request_id, held_connect.pause)]
        last = encode_reply(
            Reply(CONNECT, successful=True, id=held_connect.request_id, advice=self._stop_advice)
        )
        if state is ConnectState.DISCONNECTED:
            return [last]
        return [*self.disconnect_messages(session), last]

    def cancel(self, held_connect: HeldConnect, now: float) -> None:
        """Forget a connect whose client disconnected; the events stay for the client's next connect."""
        self._browser_connects.remove(held_connect)
        session = held_connect.session
        if session.held_connect is held_connect:
            session.held_connect = None
            self._expiry.start(session, now, held_connect.away_seconds)

    def unknown_session_reply(self, request_id: Raw | UnsetType, pause: int = 0) -> bytes:
        """Return the reply to a connect of an unknown session, which makes its client handshake again.

        Args:
            request_id: the connect's id.
            pause: milliseconds that the client shall wait before it does.

        """
        return encode_reply(
            Reply(
                CONNECT,
                successful=False,
                id=request_id,
                error=errors.SESSION_UNKNOWN,
                advice=Advice("handshake", pause, self._options.timeout),
            )
        )

    def disconnect_messages(self, session: Session) -> list[bytes]:
        """Return the queued events of a session that the server ends, and the disconnect after them."""
        return [*session.drain(), _DISCONNECT_REPLY]

    def _supersede(self, session: Session) -> None:
        if session.held_connect is not None:
            self._browser_connects.remove(session.held_connect)
            session.release_connect(ConnectInput.SUPERSEDE)

    def _handle_ext(self, session: Session, request: ClientMessage, now: float) -> TimeSync | None:
        if request.ext is UNSET:
            return None
        ack, sync = decode_ext(request.ext)
        if ack is not None and not isinstance(ack, bool):
            session.acknowledge(ack)
        return start_time_sync(sync, now)

    def _hold_seconds(self, session: Session, client_advice: ClientAdvice) -> float:
        """Return for how long to hold: what the client asks for, but not longer than the server's timeout."""
        hold_seconds: float = self._options.timeout
        own = session.timeout if client_advice.timeout is None else client_advice.timeout
        if own is not None:
            hold_seconds = max(0.0, min(own, hold_seconds))
        return hold_seconds / 1000

    def _away_seconds(self, client_advice: ClientAdvice) -> float:
        """Return how long the client announces to stay away, but not longer than the server's timeout."""
        if client_advice.interval is None:
            return 0.0
        return max(0.0, min(client_advice.interval, self._options.timeout)) / 1000

    def _too_many_connects_reply(self, request: ClientMessage) -> bytes:
        is_retry = self._multiple_clients.reconnect == "retry"
        return encode_reply(
            Reply(
                CONNECT,
                successful=is_retry,
                id=request.id,
                advice=self._multiple_clients,
                error=UNSET if is_retry else errors.TOO_MANY_CLIENTS,
            )
        )

    def _drain(self, session: Session) -> list[bytes]:
        events = session.drain()
        session.in_flight = bool(events)
        return events

    def _connect_reply(
        self, session: Session, request_id: Raw | UnsetType, sync: TimeSync | None, now: float
    ) -> bytes:
        if session.acks is None and sync is None and not self._options.timestamp:
            return self._plain_replies.encode(request_id)
        ext: dict[str, object] = {}
        if session.acks is not None:
            ext["ack"] = session.acks.batch
        if sync is not None and (sync_reply := sync.reply_ext(now)) is not None:
            ext["timesync"] = sync_reply
        return encode_reply(
            Reply(
                CONNECT,
                successful=True,
                id=request_id,
                advice=self._retry,
                ext=ext or UNSET,
                timestamp=format_timestamp(now) if self._options.timestamp else UNSET,
            )
        )


class _BrowserConnects:
    """Counts held connects by browser cookie: tabs share the few connections a browser opens to one host.

    Args:
        limit: how many one browser may have held (CometD reference, `maxSessionsPerBrowser`); less than 0 is
            any number.

    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: dict[str, int] = {}

    def can_hold(self, browser: str) -> bool:
        """Return whether one more connect of this browser may be held."""
        return self._limit < 0 or self._held.get(browser, 0) < self._limit

    def add(self, held_connect: HeldConnect, browser: str) -> None:
        """Count a connect that is held from now on."""
        if self._limit >= 0:
            held_connect.browser = browser
            self._held[browser] = self._held.get(browser, 0) + 1

    def remove(self, held_connect: HeldConnect) -> None:
        """Count it no more; nothing happens the second time."""
        browser, held_connect.browser = held_connect.browser, None
        if browser is not None:
            self._held[browser] -= 1
            if not self._held[browser]:
                del self._held[browser]


class _ConnectReplies:
    """Encodes successful replies to connects without extensions: they differ in their id alone."""

    def __init__(self, advice: Advice) -> None:
        whole = encode_reply(Reply(CONNECT, successful=True, advice=advice))
        self._without_id = whole
        self._before_id = whole[:-1] + b',"id":'

    def encode(self, request_id: Raw | UnsetType) -> bytes:
        """Return the reply to the connect with this id as JSON."""
        return self._without_id if request_id is UNSET else b"%b%b}" % (self._before_id, request_id)
