"""Connects: which are held and for how long, and how they are answered (CometD server source)."""

from collections.abc import Sequence

from msgspec import UNSET, Raw, UnsetType

from bridge.bayeux.core import errors
from bridge.bayeux.core.browser_connects import BrowserConnects
from bridge.bayeux.core.channels import CONNECT, DISCONNECT
from bridge.bayeux.core.context import Context
from bridge.bayeux.core.messages import (
    Advice,
    ClientAdvice,
    ClientMessage,
    ConnectReplies,
    Reply,
    encode_reply,
)
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.registry import SessionRegistry
from bridge.bayeux.core.session import ConnectOutcome, HeldConnect, Session
from bridge.bayeux.core.timestamps import format_timestamp
from bridge.bayeux.extensions.ext_field import decode_ext
from bridge.bayeux.extensions.timesync import TimeSync, start_time_sync

_NO_ADVICE = ClientAdvice()
_DISCONNECT_REPLY = encode_reply(Reply(DISCONNECT, successful=True))


class Connects:
    """Holds and answers the connects of all sessions.

    Args:
        options: how long, and how many of one browser.
        sessions: where it is noted since when a session has had no connect held.

    """

    def __init__(self, options: Options, sessions: SessionRegistry) -> None:
        self._options = options
        self._sessions = sessions
        self._browser_connects = BrowserConnects(options.max_sessions_per_browser)
        interval, timeout = options.interval, options.timeout
        self.retry = Advice("retry", interval, timeout)
        self._stop_advice = Advice("none", 0, timeout)
        slow_interval = options.multi_session_interval
        self._multiple_clients = Advice(
            "retry" if slow_interval > 0 else "none", max(slow_interval, 0), timeout, multiple_clients=True
        )
        self._plain_replies = ConnectReplies(self.retry)

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
        """Hold a connect, or answer it at once and add what waits for its session to `events`.

        It is answered at once if it is the session's first, came with other messages over HTTP, does not want
        to wait, finds events that can only travel with it, or is one too many of its browser.
        """
        self._supersede(session)
        client_advice = request.advice or _NO_ADVICE
        sync = self._extensions(session, request, now)
        first, session.connected = not session.connected, True
        session.in_flight = False  # its client has got whatever came before
        hold_seconds = self._hold_seconds(session, client_advice)
        away_seconds = self._away_seconds(client_advice)
        over_socket = session.connection is not None
        may_hold = alone or over_socket
        if (
            not first
            and may_hold
            and hold_seconds
            and not (session.queue and (session.connect_only or not over_socket))
        ):
            browser = (
                None
                if over_socket or context.user is not None or context.shares_connection
                else session.browser
            )
            if not self._browser_connects.can_hold(browser):
                self._sessions.expire_after(
                    session, now, max(away_seconds, self._multiple_clients.interval / 1000)
                )
                return self._too_many_connects(request)
            held_connect = HeldConnect(session, request.id, now + hold_seconds)
            held_connect.connection, held_connect.sync, held_connect.away_seconds = (
                session.connection,
                sync,
                away_seconds,
            )
            session.held_connect = held_connect
            self._browser_connects.add(held_connect, browser)
            self._sessions.stop_expiry(session)
            return held_connect
        self._sessions.expire_after(session, now, away_seconds)
        events += self._drain(session)
        return self._connect_reply(session, request.id, sync, now)

    def finish(self, held_connect: HeldConnect, now: float) -> Sequence[bytes] | None:
        """Return the answer of a released hold; None: there is none, since the client sent a newer connect.

        Events leave the queue only here, so none is lost in a connect that is not answered.
        """
        self._browser_connects.remove(held_connect)
        session = held_connect.session
        if held_connect.outcome is ConnectOutcome.SUPERSEDED:
            return None
        if held_connect.outcome is ConnectOutcome.LOST:
            return [self.unknown_session_reply(held_connect.request_id, held_connect.pause)]
        if held_connect.outcome is ConnectOutcome.ANSWER:
            session.held_connect = None
            self._sessions.expire_after(session, now, held_connect.away_seconds)
            return [
                *self._drain(session),
                self._connect_reply(session, held_connect.request_id, held_connect.sync, now),
            ]
        last = encode_reply(
            Reply(CONNECT, successful=True, id=held_connect.request_id, advice=self._stop_advice)
        )
        return (
            [last]
            if held_connect.outcome is ConnectOutcome.DISCONNECTED
            else [*session.drain(), _DISCONNECT_REPLY, last]
        )

    def cancel(self, held_connect: HeldConnect, now: float) -> None:
        """Give a hold up because its client has gone; the events stay for the client's next connect."""
        self._browser_connects.remove(held_connect)
        if held_connect.session.held_connect is held_connect:
            held_connect.session.held_connect = None
            self._sessions.expire_after(held_connect.session, now, held_connect.away_seconds)

    def unknown_session_reply(self, request_id: Raw | UnsetType, pause: int = 0) -> bytes:
        """Answer a connect of an unknown session: the line that makes clients recover after a restart."""
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
        """Return the last that a session hears over a socket on which no connect is held."""
        return [*session.drain(), _DISCONNECT_REPLY]

    def _supersede(self, session: Session) -> None:
        if session.held_connect is not None:
            self._browser_connects.remove(session.held_connect)
            session.release_connect(ConnectOutcome.SUPERSEDED)

    def _extensions(self, session: Session, request: ClientMessage, now: float) -> TimeSync | None:
        if request.ext is UNSET:
            return None
        ack, sync = decode_ext(request.ext)
        if ack is not None and not isinstance(ack, bool):
            session.acknowledge(ack)
        return start_time_sync(sync, now)

    def _hold_seconds(self, session: Session, client_advice: ClientAdvice) -> float:
        """Return for how many seconds the client wants to wait; what the server would wait is the most."""
        hold_seconds: float = self._options.timeout
        own = session.timeout if client_advice.timeout is None else client_advice.timeout
        if own is not None:
            hold_seconds = max(0.0, min(own, hold_seconds))
        return hold_seconds / 1000

    def _away_seconds(self, client_advice: ClientAdvice) -> float:
        """Return for how many seconds the client says it will stay away; a hold is the most it may ask."""
        if client_advice.interval is None:
            return 0.0
        return max(0.0, min(client_advice.interval, self._options.timeout)) / 1000

    def _too_many_connects(self, request: ClientMessage) -> bytes:
        return encode_reply(
            Reply(
                CONNECT,
                successful=self._multiple_clients.reconnect == "retry",
                id=request.id,
                advice=self._multiple_clients,
                error=UNSET if self._multiple_clients.reconnect == "retry" else errors.TOO_MANY_CLIENTS,
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
            return self._plain_replies(request_id)
        ext: dict[str, object] = {}
        if session.acks is not None:
            ext["ack"] = session.acks.batch
        if sync is not None and (answer := sync.answer(now)) is not None:
            ext["timesync"] = answer
        return encode_reply(
            Reply(
                CONNECT,
                successful=True,
                id=request_id,
                advice=self.retry,
                ext=ext or UNSET,
                timestamp=format_timestamp(now) if self._options.timestamp else UNSET,
            )
        )
