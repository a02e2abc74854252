"""Which pages of the web may use an application: those of its own host, and those that it allows."""

from collections.abc import Awaitable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_PREFLIGHT_SECONDS = 3_600
_BROWSER_HEADERS = frozenset(
    {b"origin", b"sec-fetch-site"}
)  # the headers by which a request of a page is known, and may be refused


class OriginMiddleware:
    """Checks the origins of pages before an application; programs, which name no origin, pass.

    Requests of other pages are CORS's matter: a browser asks first, and keeps answers from pages that are not
    allowed to read them. Sockets and scripts it lets every page open, so these are refused here.

    Args:
        app: the application.
        allowed: origins such as `https://crm.example`; `*` for all.

    """

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed)
        # With cookies, browsers do not take `*` for an answer: the origin is always written out.
        self._cors = CORSMiddleware(
            app,
            allow_origins=sorted(self._allowed - {"*"}),
            allow_origin_regex=".*" if "*" in self._allowed else None,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            allow_credentials=True,
            max_age=_PREFLIGHT_SECONDS,
        )

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve or refuse a request or a socket; without a coroutine, which a held poll would keep."""
        if not is_from_browser_page(scope):
            return self._app(scope, receive, send)
        headers = Headers(scope=scope)
        if scope["type"] == "websocket" and not self._can_open_socket(headers):
            return _refuse_socket(receive, send)
        if scope["type"] == "http" and self._is_foreign_script(scope, headers):
            return PlainTextResponse("pages of other sites may not load this", 403)(scope, receive, send)
        if "origin" in headers:
            return self._cors(scope, receive, send)
        return self._app(scope, receive, send)

    def _can_open_socket(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or not self._allowed.isdisjoint((origin, "*")):
            return True
        return urlsplit(origin).netloc == headers.get("host")

    def _is_foreign_script(self, scope: Scope, headers: Headers) -> bool:
        """Return whether a page of another site loads a script; the browser does not say of which."""
        is_foreign = scope["method"] == "GET" and headers.get("sec-fetch-site") == "cross-site"
        return is_foreign and "*" not in self._allowed


def is_from_browser_page(scope: Scope) -> bool:
    """Return whether a page may have sent a request: a browser names an origin or a site."""
    return any(name in _BROWSER_HEADERS for name, _ in scope["headers"])


async def _refuse_socket(receive: Receive, send: Send) -> None:
    await receive()  # that it wants to open
    await send({"type": "websocket.close", "code": 1000})
