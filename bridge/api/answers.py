"""Every answer is JSON with a `statusCode`; a refusal has a `statusMessage` besides.

Source: GWS v2, Return Values. The pages give no HTTP status for each code; the table follows what was
seen of a real server and the meaning of the codes.
"""

from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from bridge.voice.refusals import LinkDownError, RefusedError, StatusCode

HTTP_STATUS = {
    StatusCode.OK: 200,
    StatusCode.PARAMETER_MISSING: 400,
    StatusCode.INVALID: 400,
    StatusCode.FORBIDDEN: 403,
    StatusCode.INTERNAL_ERROR: 500,
    StatusCode.NOT_PERMITTED: 403,
    StatusCode.NOT_FOUND: 404,
    StatusCode.NOT_AUTHENTICATED: 403,
}

LINK_DOWN_STATUS = 503
"""The HTTP status beside statusCode 4 when the link to a T-Server is down."""

ACCEPTED = Response(b'{"statusCode":0}', media_type="application/json")
"""The answer to an operation that is on its way. It is sent again and again as it is."""


class HttpRefusedError(RefusedError):
    """A refusal with an HTTP status of its own: the request is at fault, whatever it means."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(StatusCode.INVALID, text)
        self.status = status


def found(**content: Any) -> Response:  # noqa: ANN401 (whatever JSON can hold)
    """Answer a read."""
    return Response(msgspec.json.encode({"statusCode": 0, **content}), media_type="application/json")


def refusal_body(code: StatusCode, text: str) -> bytes:
    """Write the body of a refusal."""
    return msgspec.json.encode({"statusCode": code, "statusMessage": text})


def refusal(error: RefusedError) -> Response:
    """Answer what is refused."""
    if isinstance(error, HttpRefusedError):
        status = error.status
    else:
        status = LINK_DOWN_STATUS if isinstance(error, LinkDownError) else HTTP_STATUS[error.code]
    body = refusal_body(error.code, str(error))
    return Response(body, status_code=status, media_type="application/json")


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101 (registered for nothing else)
    return refusal(error)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for nothing else)
    if error.status_code == HTTP_STATUS[StatusCode.NOT_FOUND]:
        body = refusal_body(StatusCode.NOT_FOUND, f"There is no resource {request.url.path}")
    else:
        body = refusal_body(StatusCode.INVALID, f"{request.method} {request.url.path}: {error.detail}")
    return Response(body, status_code=error.status_code, headers=error.headers, media_type="application/json")


async def failure(_request: Request, _error: Exception) -> Response:
    """Answer when the fault is ours; the log tells more."""
    body = refusal_body(StatusCode.INTERNAL_ERROR, "Internal error")
    return Response(body, status_code=500, media_type="application/json")


def install(app: FastAPI) -> None:
    """Answer every error of an application in this form."""
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, failure)
