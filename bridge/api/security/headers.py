"""What the door reads of a request: a handful of headers, in one pass over all of them."""

from collections.abc import Iterable, Sequence
from typing import Final

from starlette.types import Message, Send

from bridge.api.http.responses import HttpStatusError

Header = tuple[bytes, bytes]

MAX_BYTES: Final = 8192
"""The longest header that is read."""

AUTHORIZATION: Final = b"authorization"
COOKIE: Final = b"cookie"
CSRF_TOKEN: Final = b"x-csrf-token"
ORIGIN: Final = b"origin"
REQUESTED_METHOD: Final = b"access-control-request-method"

_SELECTED_HEADERS: Final = frozenset({AUTHORIZATION, COOKIE, CSRF_TOKEN, ORIGIN, REQUESTED_METHOD})
_START_MESSAGE_TYPES: Final = frozenset(
    {"http.response.start", "websocket.accept", "websocket.http.response.start"}
)


def select_headers(headers: Iterable[Header]) -> dict[bytes, bytes]:
    """Pick the headers that the door looks at. Cookies may come in several lines (RFC 9113, 8.2.3).

    Raises:
        HttpStatusError: one of them is too long (431), or is given twice and says two things (400).

    """
    selected: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _SELECTED_HEADERS:
            if name in selected or len(value) > MAX_BYTES:
                selected[name] = _join(name, selected.get(name), value)
            else:
                selected[name] = value
    return selected


def _join(name: bytes, first: bytes | None, value: bytes) -> bytes:
    display_name = name.decode().title()
    if first is not None and name != COOKIE:
        raise HttpStatusError(400, f"The header {display_name} is given more than once")
    whole = value if first is None else first + b"; " + value
    if len(whole) > MAX_BYTES:
        raise HttpStatusError(431, f"The header {display_name} is longer than {MAX_BYTES} bytes")
    return whole


def with_headers(send: Send, headers: Sequence[Header]) -> Send:
    """Add headers to the answer that a `send` starts."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] in _START_MESSAGE_TYPES:
            message = {**message, "headers": [*message.get("headers", ()), *headers]}
        await send(message)

    return send_with_headers
