"""What the door reads of a request: a handful of headers, in one pass over all of them."""

from collections.abc import Iterable, Sequence
from typing import Final

from starlette.types import Message, Send

from bridge.api.http.responses import HttpRefusedError

Header = tuple[bytes, bytes]

MAX_BYTES: Final = 8192
"""The longest header that is read."""

AUTHORIZATION: Final = b"authorization"
COOKIE: Final = b"cookie"
CSRF_TOKEN: Final = b"x-csrf-token"
ORIGIN: Final = b"origin"
REQUESTED_METHOD: Final = b"access-control-request-method"

_READ: Final = frozenset({AUTHORIZATION, COOKIE, CSRF_TOKEN, ORIGIN, REQUESTED_METHOD})
_STARTS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


def read(headers: Iterable[Header]) -> dict[bytes, bytes]:
    """Pick the headers that the door looks at. Cookies may come in several lines (RFC 9113, 8.2.3).

    Raises:
        HttpRefusedError: one of them is too long (431), or is given twice and says two things (400).

    """
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _READ:
            if name in found or len(value) > MAX_BYTES:
                found[name] = _join(name, found.get(name), value)
            else:
                found[name] = value
    return found


def _join(name: bytes, first: bytes | None, value: bytes) -> bytes:
    shown = name.decode().title()
    if first is not None and name != COOKIE:
        raise HttpRefusedError(400, f"The header {shown} is given more than once")
    whole = value if first is None else first + b"; " + value
    if len(whole) > MAX_BYTES:
        raise HttpRefusedError(431, f"The header {shown} is longer than {MAX_BYTES} bytes")
    return whole


def adding(send: Send, headers: Sequence[Header]) -> Send:
    """Add headers to the answer that a `send` starts."""

    async def sending(message: Message) -> None:
        if message["type"] in _STARTS:
            message = {**message, "headers": [*message.get("headers", ()), *headers]}
        await send(message)

    return sending
