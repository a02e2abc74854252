"""Connects: which are held and for how long, and how they are answered (CometD server source)."""

from collections.abc import Sequence

from msgspec import UNSET, Raw, UnsetType

from bridge.bayeux.core import errors
from bridge.bayeux.core.browser_connects import Browsers
from bridge.bayeux.core.channels import CONNECT, DISCONNECT
from bridge.bayeux.core.context import Context
from bridge.bayeux.core.messages import Advice, ConnectReplies, Reply, Request, Wish, encode_reply
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.registry import Registry
from bridge.bayeux.core.session import Hold, Outcome, Session
from bridge.bayeux.core.timestamps import stamp
from bridge.bayeux.extensions.ext_field import decode_extensions
from bridge.bayeux.extensions.timesync import Sync, asked

_NO_WISH = Wish()
_DISMISSED = encode_reply(Reply(DISCONNECT, successful=True))


class Connects:
    """Holds and answers the connects of all sessions.

    Args:
        options: how long, and how many of one browser.
        sessions: where it is noted since when a session has had no connect held.

    """

    def __init__(self, options: Options, sessions: Registry) -> None:
        self._options = options
        self._sessions = sessions
        self._browsers = Browsers(options.max_sessions_per_browser)
        interval, timeout = options.interval, options.timeout
        self.retry = Advice("retry", interval, timeout)
        self._stop = Advice("none", 0, timeout)
        several = options.multi_session_interval
        self._several = Advice("retry" if several > 0 else "none", max(several, 0), timeout, True)  # noqa: FBT003
        self._plain = ConnectReplies(self.retry)

    def arrive(
        self,
        session: Session,
        request: Request,
        context: Context,
        now: float,
        events: list[bytes],
        *,
        alone: bool,
    ) -> Hold | bytes:
        """Hold a connect, or answer it at once and add what waits for its session to `events`.

        It is answered at once if it is the session's first, came with other messages over HTTP, does not want
        to wait, finds events that can only travel with it, or is one too many of its browser.
        """
        self._supersede(session)
        wish = request.advice or _NO_WISH
        sync = self._extensions(session, request, now)
        first, session.connected = not session.connected, True
        session.in_flight = False  # its client has got whatever came before
        wait = self._wait(session, wish)
        away = self._away(wish)
        by_line = session.line is not None
        waits = alone or by_line
        if not first and waits and wait and not (session.queue and (session.connect_only or not by_line)):
            browser = (
                None if by_line or context.user is not None or context.shares_connection else session.browser
            )
            if not self._browsers.has_room(browser):
                self._sessions.rest(session, now, max(away, self._several.interval / 1000))
                return self._one_too_many(request)
            hold = Hold(session, request.id, now + wait)
            hold.line, hold.sync, hold.away = session.line, sync, away
            session.hold = hold
            self._browsers.enter(hold, browser)
            self._sessions.busy(session)
            return hold
        self._sessions.rest(session, now, away)
        events += self._drain(session)
        return self._reply(session, request.id, sync, now)

    def finish(self, hold: Hold, now: float) -> Sequence[bytes] | None:
        """Return the answer of a released hold; None: there is none, since the client sent a newer connect.

        Events leave the queue only here, so none is lost in a connect that is not answered.
        """
        self._browsers.leave(hold)
        session = hold.session
        if hold.outcome is Outcome.SUPERSEDED:
            return None
        if hold.outcome is Outcome.LOST:
            return [self.unknown(hold.request_id, hold.pause)]
        if hold.outcome is Outcome.ANSWER:
            session.hold = None
            self._sessions.rest(session, now, hold.away)
            return [*self._drain(session), self._reply(session, hold.request_id, hold.sync, now)]
        last = encode_reply(Reply(CONNECT, successful=True, id=hold.request_id, advice=self._stop))
        return [last] if hold.outcome is Outcome.DISCONNECTED else [*session.drain(), _DISMISSED, last]

    def cancel(self, hold: Hold, now: float) -> None:
        """Give a hold up because its client has gone; the events stay for the client's next connect."""
        self._browsers.leave(hold)
        if hold.session.hold is hold:
            hold.session.hold = None
            self._sessions.rest(hold.session, now, hold.away)

    def unknown(self, request_id: Raw | UnsetType, pause: int = 0) -> bytes:
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

    def dismissal(self, session: Session) -> list[bytes]:
        """Return the last that a session hears over a socket on which no connect is held."""
        return [*session.drain(), _DISMISSED]

    def _supersede(self, session: Session) -> None:
        if session.hold is not None:
            self._browsers.leave(session.hold)
            session.let_go(Outcome.SUPERSEDED)

    def _extensions(self, session: Session, request: Request, now: float) -> Sync | None:
        if request.ext is UNSET:
            return None
        ack, sync = decode_extensions(request.ext)
        if ack is not None and not isinstance(ack, bool):
            session.acknowledge(ack)
        return asked(sync, now)

    def _wait(self, session: Session, wish: Wish) -> float:
        """Return for how many seconds the client wants to wait; what the server would wait is the most."""
        wait: float = self._options.timeout
        own = session.timeout if wish.timeout is None else wish.timeout
        if own is not None:
            wait = max(0.0, min(own, wait))
        return wait / 1000

    def _away(self, wish: Wish) -> float:
        """Return for how many seconds the client says it will stay away; a hold is the most it may ask."""
        if wish.interval is None:
            return 0.0
        return max(0.0, min(wish.interval, self._options.timeout)) / 1000

    def _one_too_many(self, request: Request) -> bytes:
        return encode_reply(
            Reply(
                CONNECT,
                successful=self._several.reconnect == "retry",
                id=request.id,
                advice=self._several,
                error=UNSET if self._several.reconnect == "retry" else errors.TOO_MANY_CLIENTS,
            )
        )

    def _drain(self, session: Session) -> list[bytes]:
        events = session.drain()
        session.in_flight = bool(events)
        return events

    def _reply(self, session: Session, request_id: Raw | UnsetType, sync: Sync | None, now: float) -> bytes:
        if session.acks is None and sync is None and not self._options.timestamp:
            return self._plain(request_id)
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
                timestamp=stamp(now) if self._options.timestamp else UNSET,
            )
        )
