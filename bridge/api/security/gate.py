"""The gate: decides from the head of a request who asks, and what the answer says besides.

`Gate.decide` never waits, so ASGI (`bridge.api.security.middleware`) and the short way past it
(`bridge.runtime.http.short`) ask the same gate. Only the first check of a password takes longer: it is hashed
in a thread, by `Gate.check_password`.

Source: GWS v2, Interpreting a Response and CSRF Protection (first request, cookie). The HTTP status 403 for
missing credentials was seen of a real server; browsers show no prompt for it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from bridge.api.http.paths import GUARDED_PATH
from bridge.api.http.responses import Header, HttpStatusError, error_response, header_lines
from bridge.api.security.cors import ORIGIN, REQUESTED_METHOD, Cors
from bridge.api.security.csrf import CSRF_TOKEN, SAFE_METHODS, Csrf
from bridge.api.security.http_sessions import HttpSession, HttpSessions
from bridge.api.security.passwords import BasicAuthenticator, CannotCheckError
from bridge.api.security.policy import AccessPolicy
from bridge.directory.changes import Change
from bridge.directory.model import User
from bridge.runtime.clock import Clock
from bridge.runtime.http.short import Exchange, ShortHandler
from bridge.voice.model.errors import ApiError, StatusCode

SESSION_SCOPE_KEY: Final = "http_session"
"""The key of the ASGI scope under which the handlers find the `HttpSession`."""

DECISION_SCOPE_KEY: Final = "gate_decision"
"""The key under which the short way leaves the decision on a request that it passes to ASGI."""

MAX_HEADER_BYTES: Final = 8192
"""The longest header that is read."""

_AUTHORIZATION: Final = b"authorization"
_COOKIE: Final = b"cookie"
_HOST: Final = b"host"
_SELECTED_HEADERS: Final = frozenset({_AUTHORIZATION, _COOKIE, CSRF_TOKEN, _HOST, ORIGIN, REQUESTED_METHOD})

_COOKIE_NAME: Final = b"JSESSIONID"
_RETRY_AFTER: Final = (b"retry-after", b"1")


@dataclass(frozen=True, slots=True)
class Admitted:
    """The request may be served.

    Attributes:
        session: the HTTP session; None on paths that need no credentials.
        headers: what the answer says besides.

    """

    session: HttpSession | None
    headers: tuple[Header, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The request is answered with an error; `headers` is what the answer says besides."""

    error: ApiError
    headers: tuple[Header, ...]


@dataclass(frozen=True, slots=True)
class Preflight:
    """The request is a CORS preflight of an allowed origin; it is answered with these headers and no body."""

    headers: tuple[Header, ...]


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """The decision waits for `Gate.check_password`: the credentials were not checked before."""

    head: "_Head"
    authorization: bytes


Decision = Admitted | Refused | Preflight | PasswordCheck


@dataclass(frozen=True, slots=True)
class _Head:
    """What the gate looks at of a request, and the headers of its answer so far."""

    scope: Scope
    headers: Mapping[bytes, bytes]
    answer_headers: tuple[Header, ...]
    session: HttpSession | None


class Gate:
    """Decides about requests.

    Args:
        access: the policy.
        api: the bridge's own address, as clients use it.
        authenticator: finds the user of Basic credentials.
        sessions: the HTTP sessions.
        clock: the time.
        end_cometd_sessions: ends the CometD sessions of a user, given its id.

    """

    def __init__(
        self,
        access: AccessPolicy,
        api: str,
        authenticator: BasicAuthenticator,
        sessions: HttpSessions,
        clock: Clock,
        end_cometd_sessions: Callable[[str], object],
    ) -> None:
        self.sessions = sessions
        self._authenticator = authenticator
        self._clock = clock
        self._cors = Cors(access.allowed_origins, api)
        self._csrf = Csrf(on_cometd=access.csrf_cometd) if access.csrf else None
        self._end_cometd_sessions = end_cometd_sessions
        secure = "; Secure" if api.startswith("https:") else ""
        self._cookie_attributes = f"; Path=/; HttpOnly; SameSite={access.same_site.title()}{secure}".encode()

    # --- decisions --------------------------------------------------------------------------------------

    def decide(self, scope: Scope) -> Decision:
        """Decide about a request or a web socket, from the ASGI scope."""
        if scope["type"] == "websocket":
            return self._decide_websocket(scope)
        answer_headers = self._cors.default_headers
        try:
            headers = select_headers(scope["headers"])
            origin = headers.get(ORIGIN)
            if origin is not None:
                answer_headers = self._cors.headers(origin)
                if scope["method"] == "OPTIONS" and REQUESTED_METHOD in headers:
                    return Preflight(answer_headers + self._cors.preflight_headers(origin))
                if scope["method"] not in SAFE_METHODS:
                    self._cors.check_change(origin, headers.get(_HOST))
            if not GUARDED_PATH.match(scope["path"]):
                return Admitted(None, answer_headers)
            return self._authenticate(scope, headers, answer_headers)
        except ApiError as error:
            return Refused(error, answer_headers)

    def _decide_websocket(self, scope: Scope) -> Decision:
        if not GUARDED_PATH.match(scope["path"]):
            return Admitted(None, ())
        try:
            headers = select_headers(scope["headers"])
            self._cors.check_websocket(headers.get(ORIGIN), headers.get(_HOST))
            return self._authenticate(scope, headers, ())
        except ApiError as error:
            return Refused(error, ())

    async def check_password(self, check: PasswordCheck) -> Admitted | Refused:
        """Check the credentials of a request, and decide about it."""
        head = check.head
        try:
            user = await self._authenticator.check(check.authorization, _client_address(head.scope))
            return self._admit(head, user)
        except CannotCheckError as error:
            return Refused(error, (*head.answer_headers, _RETRY_AFTER))
        except ApiError as error:
            return Refused(error, head.answer_headers)

    def guard_exchanges(self, handle_exchange: ShortHandler) -> ShortHandler:
        """Return a handler of the short way that serves what the gate admits, and refuses what it refuses.

        What has to wait for the check of a password goes by ASGI, and so does what `handle_exchange` leaves.
        """

        def handle(exchange: Exchange) -> bool:
            decision = self.decide(exchange.scope)
            if isinstance(decision, Admitted):
                exchange.scope[SESSION_SCOPE_KEY] = decision.session
                if decision.headers:
                    exchange.extra_headers = header_lines(decision.headers)
                if handle_exchange(exchange):
                    return True
            elif isinstance(decision, Refused):
                exchange.extra_headers = header_lines(decision.headers)
                answer = error_response(decision.error)
                exchange.answer(answer.status_code, header_lines(answer.raw_headers), bytes(answer.body))
                return True
            # ASGI goes on with this decision: to decide again could open a second session.
            exchange.scope[DECISION_SCOPE_KEY] = decision
            return False

        return handle

    def _authenticate(
        self, scope: Scope, headers: Mapping[bytes, bytes], answer_headers: tuple[Header, ...]
    ) -> Admitted | PasswordCheck:
        """Find the user of a request by its cookie and its credentials.

        Raises:
            ApiError: the request is refused.

        """
        cookie = headers.get(_COOKIE)
        session = None if cookie is None else self._find_session(cookie)
        head = _Head(scope, headers, answer_headers, session)
        user = None if session is None else session.user
        authorization = headers.get(_AUTHORIZATION)
        if authorization is not None and not (
            user is not None and self._authenticator.is_verified(authorization, user)
        ):
            user = self._authenticator.find_verified(authorization, _client_address(scope))
            if user is None:
                return PasswordCheck(head, authorization)
        return self._admit(head, user)

    def _admit(self, head: _Head, user: User | None) -> Admitted:
        """Admit a user, with the session of the request or a new one.

        Raises:
            ApiError: there is no user, or the request may come from a foreign page.

        """
        if user is None:
            raise ApiError(StatusCode.NOT_AUTHENTICATED, "Access denied")
        session, answer_headers = head.session, head.answer_headers
        if session is not None and session.user.id != user.id:
            session = None
        method = head.scope.get("method", "GET")  # the scope of a web socket has none; it opens with a GET
        if self._csrf is not None and head.scope["type"] == "http":
            self._csrf.check(method, head.scope["path"], head.headers, session)
        if session is None:
            session = self.sessions.create(user)
            answer_headers += (
                (b"set-cookie", _COOKIE_NAME + b"=" + session.id.encode() + self._cookie_attributes),
            )
        if self._csrf is not None:
            answer_headers += self._csrf.headers(method, session)
        return Admitted(session, answer_headers)

    def _find_session(self, cookies: bytes) -> HttpSession | None:
        """Return the session of a Cookie header, which may name several; the first that lives counts."""
        for pair in cookies.split(b";"):
            name, _, value = pair.strip().partition(b"=")
            if name == _COOKIE_NAME:
                session = self.sessions.touch(value.decode("latin-1"), self._clock.now())
                if session is not None:
                    session.has_cookie = True
                    return session
        return None

    def is_alive(self, session: HttpSession) -> bool:
        """Count a message through a web socket as a use of its session; return whether the session lives."""
        return self.sessions.touch(session.id, self._clock.now()) is not None

    # --- when the directory changes ---------------------------------------------------------------------

    def on_directory_change(self, change: Change) -> None:
        """Handle a change of users: end the sessions of those whose rights changed, update the others'."""
        for edit in change.users:
            if edit.before is None:
                continue
            if edit.after is None or _access_rights(edit.before) != _access_rights(edit.after):
                self.end_user_sessions(edit.before.id)
            else:
                self.sessions.update_user(edit.after)

    def end_user_sessions(self, user_id: str) -> None:
        """End all HTTP and CometD sessions of a user."""
        self.sessions.end_user_sessions(user_id)
        self._end_cometd_sessions(user_id)


def select_headers(headers: Iterable[Header]) -> dict[bytes, bytes]:
    """Return the headers that the gate looks at. Cookies may come in several lines (RFC 9113, 8.2.3).

    Raises:
        HttpStatusError: one of them is too long (431), or is given twice (400).

    """
    selected: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _SELECTED_HEADERS:
            if name in selected or len(value) > MAX_HEADER_BYTES:
                selected[name] = _join(name, selected.get(name), value)
            else:
                selected[name] = value
    return selected


def _join(name: bytes, first: bytes | None, value: bytes) -> bytes:
    display_name = name.decode().title()
    if first is not None and name != _COOKIE:
        raise HttpStatusError(400, f"The header {display_name} is given more than once")
    whole = value if first is None else first + b"; " + value
    if len(whole) > MAX_HEADER_BYTES:
        raise HttpStatusError(431, f"The header {display_name} is longer than {MAX_HEADER_BYTES} bytes")
    return whole


def _access_rights(user: User) -> tuple[object, ...]:
    return user.name, user.password_hash, user.roles, user.enabled, user.contact_center.id


def _client_address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
