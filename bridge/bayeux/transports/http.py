"""The common parts of the transports over HTTP: reading a request, answering it, the browser's cookie."""

import re
from collections.abc import Callable
from email.message import Message

import msgspec
from starlette.types import Receive, Scope, Send

from bridge.bayeux.core.options import Options

JSON = (b"content-type", b"application/json;charset=UTF-8")
SCRIPT = (b"content-type", b"text/javascript;charset=UTF-8")
Header = tuple[bytes, bytes]

_NOT_CACHED = (b"cache-control", b"no-cache")
_COOKIE_VALUE = re.compile(r"[A-Za-z0-9._~-]{1,128}")  # one of ours, or of another node


async def read(receive: Receive, max_bytes: int) -> bytes | None:
    """Return the body, read not much beyond `max_bytes` bytes; None: the client disconnected."""
    body = b""
    while len(body) <= max_bytes:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


async def answer(send: Send, status: int, body: bytes, content_type: Header = JSON, *more: Header) -> None:
    """Send an answer whole."""
    headers = [content_type, _NOT_CACHED, (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_error(send: Send, status: int, text: str, *more: Header) -> None:
    """Answer that a request is refused, and why."""
    await answer(send, status, msgspec.json.encode({"error": text}), JSON, *more)


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the first header of that name, which is given in small letters."""
    for key, value in scope.get("headers", ()):
        if key == name:
            return bytes(value)
    return None


def media_type(content_type: bytes) -> tuple[str, str]:
    """Return what a content type names, in small letters, and the charset; UTF-8 if it names none."""
    message = Message()
    message["content-type"] = content_type.decode("latin-1").translate({10: " ", 13: " "})
    return message.get_content_type(), (message.get_content_charset() or "utf-8")


class BrowserCookie:
    """The cookie that tells browsers apart (CometD reference, `browserCookie...`).

    Args:
        options: its name and attributes.
        new_id: makes its value.

    """

    def __init__(self, options: Options, new_id: Callable[[], str]) -> None:
        self._name = options.browser_cookie_name
        self._pattern = re.compile(rf"(?:^|[;,]\s*){re.escape(self._name)}=\"?([^;,\s\"]*)".encode())
        self._new_id = new_id
        self._attributes = "".join(_attributes(options))

    def read(self, scope: Scope) -> str | None:
        """Return the cookie's value if the request bears one that makes sense."""
        for key, value in scope.get("headers", ()):
            if key == b"cookie" and (found := self._pattern.search(value)):
                text: str = found[1].decode("latin-1")
                return text if _COOKIE_VALUE.fullmatch(text) else None
        return None

    def new(self) -> tuple[str, Header]:
        """Make a value, and the header that gives it to the browser."""
        value = self._new_id()
        return value, (b"set-cookie", f"{self._name}={value}{self._attributes}".encode())


def _attributes(options: Options) -> list[str]:
    parts = [f"; Path={options.browser_cookie_path}"]
    if options.browser_cookie_domain is not None:
        parts.append(f"; Domain={options.browser_cookie_domain}")
    if options.browser_cookie_max_age >= 0:
        parts.append(f"; Max-Age={options.browser_cookie_max_age}")
    if options.browser_cookie_secure:
        parts.append("; Secure")
    if options.browser_cookie_http_only:
        parts.append("; HttpOnly")
    if options.browser_cookie_same_site is not None:
        parts.append(f"; SameSite={options.browser_cookie_same_site}")
    if options.browser_cookie_partitioned:
        parts.append("; Partitioned")
    return parts
