"""The door: who comes in, and with what.

A plain ASGI layer around everything, so that the REST handlers and CometD are guarded alike, and web sockets
like requests. Its parts are `headers`, `cors`, `authenticator`, `lockout`, `sessions` and `csrf`. Source:
GWS v2, Interpreting a Response and CSRF Protection (first request, cookie); the HTTP status 403 was seen of
a real server, which wants no prompt from a browser.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.api.http import responses
from bridge.api.http.paths import is_guarded
from bridge.api.security.cors import Cors, is_preflight
from bridge.api.security.csrf import Csrf
from bridge.api.security.headers import AUTHORIZATION, COOKIE, ORIGIN, Header, select_headers, with_headers
from bridge.api.security.http_sessions import HttpSession, HttpSessions
from bridge.api.security.passwords import BasicAuthenticator, TooManyLoginsError
from bridge.api.security.policy import AccessPolicy
from bridge.directory.changes import Change
from bridge.directory.model import User
from bridge.runtime.short import Exchange, ShortHandler
from bridge.voice.model.errors import ApiError, StatusCode

SESSION_SCOPE_KEY: Final = "http_session"
"""The key of the ASGI scope under which the inner layers find the `HttpSession`."""

_COOKIE_NAME: Final = b"JSESSIONID"
_RETRY_AFTER: Final = (b"retry-after", b"1")
_SESSION_ENDED_CODE: Final = 1008
"""The code a web socket is closed with when its session has ended (RFC 6455: policy violation)."""


class Gate:
    """Lets a request through with its session in the scope, or answers why not.

    Args:
        access: how it is set.
        api: the bridge's own address, as clients use it.
        authenticator: finds out who has given the right password.
        sessions: the HTTP sessions.
        end_cometd_sessions: ends whatever else a user has open, when the user's sessions end.

    """

    def __init__(
        self,
        access: AccessPolicy,
        api: str,
        authenticator: BasicAuthenticator,
        sessions: HttpSessions,
        end_cometd_sessions: Callable[[str], object],
    ) -> None:
        self.sessions = sessions
        self._authenticator = authenticator
        self._cors = Cors(access.allowed_origins, api)
        self._csrf = Csrf(on_cometd=access.csrf_cometd) if access.csrf else None
        self._end_cometd_sessions = end_cometd_sessions
        secure = "; Secure" if api.startswith("https:") else ""
        self._cookie_attributes = f"; Path=/; HttpOnly; SameSite={access.same_site.title()}{secure}".encode()

    def guard(self, app: ASGIApp) -> ASGIApp:
        """Put the door before an application."""
        return partial(self._handle_request, app)

    def guard_exchanges(self, handle_exchange: ShortHandler) -> ShortHandler:
        """Put the door before the short way, which is for programs that bring the cookie of a session.

        All others, pages of the web among them, go through `guard`: there is more to ask them, or to tell.
        """

        def guarded(exchange: Exchange) -> bool:
            session = self._session_of_plain_request(exchange.scope["headers"])
            if session is None:
                return False
            exchange.scope[SESSION_SCOPE_KEY] = session
            return handle_exchange(exchange)

        return guarded

    # --- when the directory changes -------------------------------------------------------------------

    def on_directory_change(self, change: Change) -> None:
        """Follow the directory: whose rights changed has to come in again, the others go on as they are."""
        for edit in change.users:
            if edit.before is None:
                continue
            if edit.after is None or _access_rights(edit.before) != _access_rights(edit.after):
                self.end_user_sessions(edit.before.id)
            else:
                self.sessions.update_user(edit.after)

    def end_user_sessions(self, user_id: str) -> None:
        """End whatever a user has open."""
        self.sessions.end_user_sessions(user_id)
        self._end_cometd_sessions(user_id)

    # --- requests -------------------------------------------------------------------------------------

    async def _handle_request(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            handler = partial(self._handle_websocket, app) if scope["type"] == "websocket" else app
            await handler(scope, receive, send)
            return
        extra_headers = self._cors.default_headers
        try:
            request_headers = select_headers(scope["headers"])
            if ORIGIN in request_headers:
                extra_headers = self._cors.headers(request_headers[ORIGIN])
                if is_preflight(scope["method"], request_headers):
                    await _send_preflight_response(
                        self._cors.preflight_headers(request_headers[ORIGIN]), extra_headers, send
                    )
                    return
            if is_guarded(scope["path"]):
                extra_headers += await self._authenticate(scope, request_headers)
        except ApiError as error:
            await _send_error(error, extra_headers, scope, receive, send)
            return
        await app(scope, receive, with_headers(send, extra_headers) if extra_headers else send)

    async def _authenticate(self, scope: Scope, request_headers: Mapping[bytes, bytes]) -> tuple[Header, ...]:
        """Put the session of a request into its scope; return what the answer says of it.

        Raises:
            ApiError: who asks is not known; or the request may be a foreign page's.

        """
        cookie = request_headers.get(COOKIE)
        session = None if cookie is None else self._session_of_cookie(cookie)
        user = None if session is None else session.user
        header = request_headers.get(AUTHORIZATION)
        if header is not None and not (user is not None and self._authenticator.is_verified(header, user)):
            user = await self._authenticator.check(header, _client_address(scope))
        if user is None:
            raise ApiError(StatusCode.NOT_AUTHENTICATED, "Access denied")
        if session is not None and session.user.id != user.id:
            session = None
        extra_headers: tuple[Header, ...] = ()
        method = scope.get("method", "GET")  # what opens a web socket is a GET without saying so
        if self._csrf is not None and scope["type"] == "http":
            self._csrf.check(method, scope["path"], request_headers, session)
        if session is None:
            session = self.sessions.create(user)
            extra_headers = (
                (b"set-cookie", _COOKIE_NAME + b"=" + session.id.encode() + self._cookie_attributes),
            )
        if self._csrf is not None:
            extra_headers += self._csrf.headers(method, session)
        scope[SESSION_SCOPE_KEY] = session
        return extra_headers

    def _session_of_plain_request(self, headers: Sequence[Header]) -> HttpSession | None:
        """Find the session of a request that brings a cookie, and nothing else that the door looks at."""
        if self._csrf is not None or self._cors.default_headers:
            return None
        try:
            request_headers = select_headers(headers)
        except ApiError:
            return None
        return (
            self._session_of_cookie(request_headers[COOKIE]) if request_headers.keys() == {COOKIE} else None
        )

    def _session_of_cookie(self, cookies: bytes) -> HttpSession | None:
        """Find the session of a cookie header, which may name one for each path; one that lives counts."""
        for pair in cookies.split(b";"):
            name, _, value = pair.strip().partition(b"=")
            if name == _COOKIE_NAME:
                session = self.sessions.touch(value.decode("latin-1"))
                if session is not None:
                    return session
        return None

    # --- web sockets ----------------------------------------------------------------------------------

    async def _handle_websocket(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_guarded(scope["path"]):
            await app(scope, receive, send)
            return
        try:
            request_headers = select_headers(scope["headers"])
            self._cors.check_websocket(request_headers.get(ORIGIN), dict(scope["headers"]).get(b"host"))
            extra_headers = await self._authenticate(scope, request_headers)
        except ApiError:
            await send({"type": "websocket.close"})  # before it is open: servers answer with 403
            return
        await app(
            scope,
            self._receive_while_session_lives(scope[SESSION_SCOPE_KEY], receive, send),
            with_headers(send, extra_headers),
        )

    def _receive_while_session_lives(self, session: HttpSession, receive: Receive, send: Send) -> Receive:
        """Count what comes through a socket as a use of its session; close the socket when that is over."""

        async def receive_and_touch() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and self.sessions.touch(session.id) is None:
                await send({"type": "websocket.close", "code": _SESSION_ENDED_CODE})
                return {"type": "websocket.disconnect", "code": _SESSION_ENDED_CODE}
            return message

        return receive_and_touch


def _access_rights(user: User) -> tuple[object, ...]:
    return user.name, user.password_hash, user.roles, user.enabled, user.contact_center.id


def _client_address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


async def _send_preflight_response(
    allowed: tuple[Header, ...] | None, extra_headers: Sequence[Header], send: Send
) -> None:
    if allowed is None:
        body = responses.error_body(StatusCode.FORBIDDEN, "Pages of this origin may not use the API")
        await _send_response(send, 403, [(b"content-type", b"application/json"), *extra_headers], body)
    else:
        await _send_response(send, 200, [*extra_headers, *allowed], b"")


async def _send_response(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send_error(
    error: ApiError, extra_headers: Sequence[Header], scope: Scope, receive: Receive, send: Send
) -> None:
    if isinstance(error, TooManyLoginsError):
        extra_headers = [*extra_headers, _RETRY_AFTER]
    await responses.error_response(error)(scope, receive, with_headers(send, extra_headers))
