"""What the handlers ask of a request: who sent it, and its body."""

from fastapi import Request

from bridge.api.answers import HttpRefusedError
from bridge.api.authentication import SESSION
from bridge.api.sessions import HttpSession
from bridge.directory.model import User
from bridge.voice.refusals import RefusedError, StatusCode

VOICE = "api-voice"

MAX_BODY_BYTES = 256 * 1024
"""The longest body that is taken; the largest user data a call can hold needs less."""

MAX_DISCARDED_BYTES = 64 * 1024 * 1024
"""How much of a body that is too long is still read, and thrown away, so that its sender gets the answer."""


def session(request: Request) -> HttpSession:
    """Find the HTTP session that the authentication has put into the scope."""
    found: HttpSession = request.scope[SESSION]
    return found


def reader(request: Request) -> User:
    """Find the user of a read of voice resources.

    Raises:
        RefusedError: the contact center lacks the feature; then its resources do not exist.

    """
    user = session(request).user
    if not user.contact_center.has(VOICE):
        raise RefusedError(StatusCode.NOT_FOUND, f"There is no resource {request.url.path}")
    return user


def operator(request: Request) -> User:
    """Find the user of a voice operation.

    Raises:
        RefusedError: the contact center lacks the feature; then its operations are not valid.

    """
    user = session(request).user
    if not user.contact_center.has(VOICE):
        text = f"Invalid operation: the contact center has no feature {VOICE}"
        raise RefusedError(StatusCode.INVALID, text)
    return user


async def json_body(request: Request) -> bytes:
    """Read a JSON body.

    Raises:
        HttpRefusedError: another content type (415), or too long (413).

    """
    content_type = request.headers.get("content-type", "application/json")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HttpRefusedError(415, f"Content-Type: expected application/json, got {content_type}")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MAX_BODY_BYTES:
            chunks.append(chunk)
        elif size > MAX_DISCARDED_BYTES:
            break
        else:
            chunks.clear()
    if size > MAX_BODY_BYTES:
        raise HttpRefusedError(413, f"The body is longer than {MAX_BODY_BYTES} bytes")
    return b"".join(chunks)
