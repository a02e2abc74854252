"""Who is asking: HTTP Basic, or the cookie of a session that Basic opened.

A plain ASGI layer, so that the REST handlers and CometD are guarded alike. Source: GWS v2, Interpreting a
Response and CSRF Protection (first request, cookie); the HTTP status 403 was seen of a real server, which
wants no prompt from a browser.
"""

import asyncio
import base64
import binascii
import hashlib
from typing import Protocol

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.api.answers import HTTP_STATUS, refusal_body
from bridge.api.sessions import HttpSession, HttpSessions
from bridge.directory.model import User
from bridge.voice.refusals import StatusCode

log = structlog.get_logger(__name__)

COOKIE = "JSESSIONID"

GUARDED = "/api/"
OPEN = frozenset({"/api/v2/diagnostics/version"})
"""What may be asked under `/api/` without credentials."""

SESSION = "http_session"
"""The key of the ASGI scope under which the inner layers find the `HttpSession`."""

_COOKIE_NAME = COOKIE.encode()
_DENIED = refusal_body(StatusCode.NOT_AUTHENTICATED, "Access denied")


class Passwords(Protocol):
    """Finds a user by name and password; may take tens of milliseconds, and is called in a thread."""

    def __call__(self, name: str, password: str) -> User | None:
        """Return the user, or None when there is no such user or the password is wrong."""


class Logins:
    """Checks Basic credentials. A password is hashed once; after that a keyed digest recognises it."""

    def __init__(self, passwords: Passwords, key: bytes) -> None:
        self._passwords = passwords
        self._key = key
        self._known: dict[bytes, User] = {}
        self._digests: dict[str, bytes] = {}

    async def check(self, header: bytes) -> User | None:
        """Find the user of an Authorization header."""
        digest = hashlib.blake2b(header, key=self._key).digest()
        user = self._known.get(digest)
        if user is not None:
            return user
        name, password = _basic(header)
        if name is None or password is None:
            return None
        # The one thread of this service: hashing a password for tens of milliseconds on the loop would
        # make every call of every agent wait for it.
        user = await asyncio.to_thread(self._passwords, name, password)
        if user is None:
            log.warning("access denied", user=name)
            return None
        self._known.pop(self._digests.pop(user.id, b""), None)
        self._known[digest] = user
        self._digests[user.id] = digest
        return user


class Authentication:
    """Lets a request through with its session in the scope, or answers 403."""

    def __init__(self, app: ASGIApp, logins: Logins, sessions: HttpSessions) -> None:
        self._app = app
        self._logins = logins
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not _is_guarded(scope["path"]):
            await self._app(scope, receive, send)
            return
        session, is_new = await self._session(scope)
        if session is None:
            await _deny(send)
            return
        scope[SESSION] = session
        await self._app(scope, receive, _with_cookie(send, session) if is_new else send)

    async def _session(self, scope: Scope) -> tuple[HttpSession | None, bool]:
        authorization = cookies = None
        for name, value in scope["headers"]:
            if name == b"authorization":
                authorization = value
            elif name == b"cookie":
                cookies = value
        session_id = _cookie(cookies) if cookies else None
        session = self._sessions.use(session_id) if session_id else None
        if authorization is None:
            return session, False
        user = await self._logins.check(authorization)
        if user is None:
            return None, False
        if session is not None and session.user is user:
            return session, False
        return self._sessions.open(user), True


def _is_guarded(path: str) -> bool:
    return path.startswith(GUARDED) and path not in OPEN


def _basic(header: bytes) -> tuple[str, str] | tuple[None, None]:
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic":
        return None, None
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    return (name, password) if colon else (None, None)


def _cookie(header: bytes) -> str | None:
    for pair in header.split(b";"):
        name, _, value = pair.strip().partition(b"=")
        if name == _COOKIE_NAME:
            return value.decode("latin-1")
    return None


def _with_cookie(send: Send, session: HttpSession) -> Send:
    cookie = f"{COOKIE}={session.id}; Path=/; HttpOnly; SameSite=Lax".encode()

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"set-cookie", cookie)]}
        await send(message)

    return sending


async def _deny(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_DENIED))]
    status = HTTP_STATUS[StatusCode.NOT_AUTHENTICATED]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": _DENIED})
