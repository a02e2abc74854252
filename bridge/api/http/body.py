"""Reading the JSON body of a request, within bounds."""

from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Scope

from bridge.api.http.responses import HttpStatusError

MAX_BODY_BYTES: Final = 256 * 1024
"""The longest body that is accepted; the largest user data a call can hold needs less."""

MAX_DISCARDED_BYTES: Final = 64 * 1024 * 1024
"""How much of a body that is too long is still read, and discarded, so that its sender gets the answer."""


async def read_json_body(request: Request) -> bytes:
    """Read a JSON body.

    Raises:
        HttpStatusError: the content type is another one (415), or the body is too long (413).
        ClientDisconnect: the client disconnected before the body was complete.

    """
    require_json(request.scope)
    body, size, more = b"", 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        body = body + chunk if size <= MAX_BODY_BYTES else b""
        more = message.get("more_body", False) and size <= MAX_DISCARDED_BYTES
    if size > MAX_BODY_BYTES:
        raise HttpStatusError(413, f"The body is longer than {MAX_BODY_BYTES} bytes")
    return body


def require_json(scope: Scope) -> None:
    """Check the content type of a request; one that names none is taken for JSON.

    Raises:
        HttpStatusError: the content type is another one, or the body is compressed (415).

    """
    for name, value in scope["headers"]:
        if name == b"content-encoding" and value.strip().lower() != b"identity":
            text = f"Content-Encoding: bodies are not read compressed, got {value.decode('latin-1')}"
            raise HttpStatusError(415, text)
        if name == b"content-type" and value.partition(b";")[0].strip().lower() != b"application/json":
            text = f"Content-Type: expected application/json, got {value.decode('latin-1')}"
            raise HttpStatusError(415, text)
