"""Reading the JSON body of a request, within bounds."""

from fastapi import Request
from starlette.requests import ClientDisconnect

from bridge.api.http.responses import HttpStatusError

MAX_BODY_BYTES = 256 * 1024
"""The longest body that is taken; the largest user data a call can hold needs less."""

MAX_DISCARDED_BYTES = 64 * 1024 * 1024
"""How much of a body that is too long is still read, and thrown away, so that its sender gets the answer."""


async def read_json_body(request: Request) -> bytes:
    """Read a JSON body.

    Raises:
        HttpStatusError: another content type (415), or too long (413).

    """
    for name, value in request.scope["headers"]:
        if name == b"content-type" and not _is_json(value):
            text = f"Content-Type: expected application/json, got {value.decode('latin-1')}"
            raise HttpStatusError(415, text)
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


def _is_json(content_type: bytes) -> bool:
    return content_type.partition(b";")[0].strip().lower() == b"application/json"
