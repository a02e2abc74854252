"""The door: who comes in, and with what.

A plain ASGI layer around everything, so that the REST handlers and CometD are guarded alike, and web sockets
like requests. Its parts are `headers`, `cors`, `logins`, `lockout`, `sessions` and `csrf`. Source: GWS v2,
Interpreting a Response and CSRF Protection (first request, cookie); the HTTP status 403 was seen of a real
server, which wants no prompt from a browser.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.api.http import responses as answers
from bridge.api.http.paths import is_guarded
from bridge.api.security.cors import Cors, is_preflight
from bridge.api.security.csrf import Csrf
from bridge.api.security.headers import AUTHORIZATION, COOKIE, ORIGIN, Header, adding, read
from bridge.api.security.http_sessions import HttpSession, HttpSessions
from bridge.api.security.passwords import BusyError, Logins
from bridge.api.security.policy import Access
from bridge.directory.changes import Change
from bridge.directory.model import User
from bridge.runtime.short import Exchange, Short
from bridge.voice.model.errors import RefusedError, StatusCode

SESSION: Final = "http_session"
"""The key of the ASGI scope under which the inner layers find the `HttpSession`."""

_COOKIE: Final = b"JSESSIONID"
_RETRY_LATER: Final = (b"retry-after", b"1")
_SESSION_OVER: Final = 1008
"""The code a web socket is closed with when its session has ended (RFC 6455: policy violation)."""


class Door:
    """Lets a request through with its session in the scope, or answers why not.

    Args:
        access: how it is set.
        api: the bridge's own address, as clients use it.
        logins: finds out who has given the right password.
        sessions: the HTTP sessions.
        end_elsewhere: ends whatever else a user has open, when the user's sessions end.

    """

    def __init__(
        self,
        access: Access,
        api: str,
        logins: Logins,
        sessions: HttpSessions,
        end_elsewhere: Callable[[str], object],
    ) -> None:
        self.sessions = sessions
        self._logins = logins
        self._cors = Cors(access.allowed_origins, api)
        self._csrf = Csrf(on_cometd=access.csrf_cometd) if access.csrf else None
        self._end_elsewhere = end_elsewhere
        secure = "; Secure" if api.startswith("https:") else ""
        self._cookie_end = f"; Path=/; HttpOnly; SameSite={access.same_site.title()}{secure}".encode()

    def guard(self, app: ASGIApp) -> ASGIApp:
        """Put the door before an application."""
        return partial(self._serve, app)

    def guard_short(self, take: Short) -> Short:
        """Put the door before the short way, which is for programs that bring the cookie of a session.

        All others, pages of the web among them, go through `guard`: there is more to ask them, or to tell.
        """

        def guarded(exchange: Exchange) -> bool:
            session = self._session_alone(exchange.scope["headers"])
            if session is None:
                return False
            exchange.scope[SESSION] = session
            return take(exchange)

        return guarded

    # --- when the directory changes -------------------------------------------------------------------

    def changed(self, change: Change) -> None:
        """Follow the directory: whose rights changed has to come in again, the others go on as they are."""
        for edit in change.users:
            if edit.before is None:
                continue
            if edit.after is None or _rights(edit.before) != _rights(edit.after):
                self.end_user(edit.before.id)
            else:
                self.sessions.renew(edit.after)

    def end_user(self, user_id: str) -> None:
        """End whatever a user has open."""
        self.sessions.end_user(user_id)
        self._end_elsewhere(user_id)

    # --- requests -------------------------------------------------------------------------------------

    async def _serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            serve = partial(self._socket, app) if scope["type"] == "websocket" else app
            await serve(scope, receive, send)
            return
        extra = self._cors.always
        try:
            asked = read(scope["headers"])
            if ORIGIN in asked:
                extra = self._cors.headers(asked[ORIGIN])
                if is_preflight(scope["method"], asked):
                    await _answer_preflight(self._cors.preflight(asked[ORIGIN]), extra, send)
                    return
            if is_guarded(scope["path"]):
                extra += await self._enter(scope, asked)
        except RefusedError as error:
            await _refuse(error, extra, scope, receive, send)
            return
        await app(scope, receive, adding(send, extra) if extra else send)

    async def _enter(self, scope: Scope, asked: Mapping[bytes, bytes]) -> tuple[Header, ...]:
        """Put the session of a request into its scope; return what the answer says of it.

        Raises:
            RefusedError: who asks is not known; or the request may be a foreign page's.

        """
        cookie = asked.get(COOKIE)
        session = None if cookie is None else self._session_of(cookie)
        user = None if session is None else session.user
        header = asked.get(AUTHORIZATION)
        if header is not None and not (user is not None and self._logins.recognises(header, user)):
            user = await self._logins.check(header, _address(scope))
        if user is None:
            raise RefusedError(StatusCode.NOT_AUTHENTICATED, "Access denied")
        if session is not None and session.user.id != user.id:
            session = None
        extra: tuple[Header, ...] = ()
        method = scope.get("method", "GET")  # what opens a web socket is a GET without saying so
        if self._csrf is not None and scope["type"] == "http":
            self._csrf.check(method, scope["path"], asked, session)
        if session is None:
            session = self.sessions.open(user)
            extra = ((b"set-cookie", _COOKIE + b"=" + session.id.encode() + self._cookie_end),)
        if self._csrf is not None:
            extra += self._csrf.headers(method, session)
        scope[SESSION] = session
        return extra

    def _session_alone(self, headers: Sequence[Header]) -> HttpSession | None:
        """Find the session of a request that brings a cookie, and nothing else that the door looks at."""
        if self._csrf is not None or self._cors.always:
            return None
        try:
            asked = read(headers)
        except RefusedError:
            return None
        return self._session_of(asked[COOKIE]) if asked.keys() == {COOKIE} else None

    def _session_of(self, cookies: bytes) -> HttpSession | None:
        """Find the session of a cookie header, which may name one for each path; one that lives counts."""
        for pair in cookies.split(b";"):
            name, _, value = pair.strip().partition(b"=")
            if name == _COOKIE:
                session = self.sessions.use(value.decode("latin-1"))
                if session is not None:
                    return session
        return None

    # --- web sockets ----------------------------------------------------------------------------------

    async def _socket(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_guarded(scope["path"]):
            await app(scope, receive, send)
            return
        try:
            asked = read(scope["headers"])
            self._cors.check_socket(asked.get(ORIGIN), dict(scope["headers"]).get(b"host"))
            extra = await self._enter(scope, asked)
        except RefusedError:
            await send({"type": "websocket.close"})  # before it is open: servers answer with 403
            return
        await app(scope, self._while_it_lives(scope[SESSION], receive, send), adding(send, extra))

    def _while_it_lives(self, session: HttpSession, receive: Receive, send: Send) -> Receive:
        """Count what comes through a socket as a use of its session; close the socket when that is over."""

        async def receiving() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and self.sessions.use(session.id) is None:
                await send({"type": "websocket.close", "code": _SESSION_OVER})
                return {"type": "websocket.disconnect", "code": _SESSION_OVER}
            return message

        return receiving


def _rights(user: User) -> tuple[object, ...]:
    return user.name, user.password_hash, user.roles, user.enabled, user.contact_center.id


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


async def _answer_preflight(allowed: tuple[Header, ...] | None, extra: Sequence[Header], send: Send) -> None:
    if allowed is None:
        body = answers.refusal_body(StatusCode.FORBIDDEN, "Pages of this origin may not use the API")
        await _answer(send, 403, [(b"content-type", b"application/json"), *extra], body)
    else:
        await _answer(send, 200, [*extra, *allowed], b"")


async def _answer(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(
    error: RefusedError, extra: Sequence[Header], scope: Scope, receive: Receive, send: Send
) -> None:
    if isinstance(error, BusyError):
        extra = [*extra, _RETRY_LATER]
    await answers.refusal(error)(scope, receive, adding(send, extra))
