"""Every answer is JSON with a `statusCode`; a refusal has a `statusMessage` besides.

Source: GWS v2, Return Values. The pages give no HTTP status for each code; the table follows what was
seen of a real server and the meaning of the codes.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ExceptionHandler

from bridge.voice.model.errors import ApiError, LinkDownError, PartialSuccess, StatusCode

Header = tuple[bytes, bytes]

HTTP_STATUS = {
    StatusCode.OK: 200,
    StatusCode.PARAMETER_MISSING: 400,
    StatusCode.INVALID: 400,
    StatusCode.FORBIDDEN: 403,
    StatusCode.INTERNAL_ERROR: 500,
    StatusCode.NOT_PERMITTED: 403,
    StatusCode.NOT_FOUND: 404,
    StatusCode.PARTIAL_SUCCESS: 200,
    StatusCode.PASSWORD_CHANGE_REQUIRED: 403,
    StatusCode.INCOMPLETE: 202,
    StatusCode.OUT_OF_RANGE: 400,
    StatusCode.READ_ONLY: 400,
    StatusCode.CANNOT_RETRIEVE: 500,
    StatusCode.CANNOT_CREATE: 500,
    StatusCode.CANNOT_DELETE: 500,
    StatusCode.CANNOT_UPDATE: 500,
    StatusCode.CANNOT_ASSIGN: 500,
    StatusCode.CANNOT_UNASSIGN: 500,
    StatusCode.ALREADY_EXISTS: 409,
    StatusCode.IN_USE: 409,
    StatusCode.NOT_AUTHENTICATED: 403,
}

LINK_DOWN_STATUS = 503
"""The HTTP status beside statusCode 4 when the link to a T-Server is down."""

ACCEPTED = Response(b'{"statusCode":0}', media_type="application/json")
"""The answer to an operation that is on its way. It is sent again and again as it is."""


class HttpStatusError(ApiError):
    """A refusal with an HTTP status of its own: the request is at fault, whatever it means."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(StatusCode.INVALID, text)
        self.status = status


def header_lines(headers: Iterable[Header]) -> bytes:
    """Return headers as whole lines, without Content-Length (see `bridge.runtime.http.short.Exchange`)."""
    return b"".join([b"%b: %b\r\n" % header for header in headers if header[0] != b"content-length"])


def ok_response(**content: Any) -> Response:  # noqa: ANN401 (whatever JSON can hold)
    """Answer a read."""
    return Response(msgspec.json.encode({"statusCode": 0, **content}), media_type="application/json")


def partial_response(outcome: PartialSuccess) -> Response:
    """Answer an operation of which a part failed (GWS v2, Return Values, 7)."""
    body = {
        "statusCode": StatusCode.PARTIAL_SUCCESS,
        "succeeded": outcome.succeeded,
        "failed": outcome.failed,
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


def error_body(code: StatusCode, text: str) -> bytes:
    """Write the body of a refusal."""
    return msgspec.json.encode({"statusCode": code, "statusMessage": text})


def error_response(error: ApiError) -> Response:
    """Answer what is refused."""
    if isinstance(error, HttpStatusError):
        status = error.status
    else:
        status = LINK_DOWN_STATUS if isinstance(error, LinkDownError) else HTTP_STATUS[error.code]
    body = error_body(error.code, str(error))
    return Response(body, status_code=status, media_type="application/json")


async def _on_error(_request: Request, _error: Exception) -> Response:
    return internal_error_response()


async def _on_api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 (registered for nothing else)
    return error_response(error)


async def _on_validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for nothing else)
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:]) or "The body"
    if first["type"] == "missing":
        return error_response(ApiError(StatusCode.PARAMETER_MISSING, f"{name}: required parameter missing"))
    return error_response(
        ApiError(StatusCode.INVALID, f"{name}: {first['msg'][:1].lower()}{first['msg'][1:]}")
    )


def _http_exception_handler(methods: Callable[[str], Sequence[str]]) -> ExceptionHandler:
    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for nothing else)
        path = request.url.path
        headers = {}
        if error.status_code == HTTP_STATUS[StatusCode.NOT_FOUND]:
            body = error_body(StatusCode.NOT_FOUND, f"There is no resource {path}")
        else:
            body = error_body(StatusCode.INVALID, f"{request.method} {path}: {error.detail}")
            headers["allow"] = ", ".join(methods(path))
        return Response(body, status_code=error.status_code, headers=headers, media_type="application/json")

    return on_http_exception


def internal_error_response() -> Response:
    """Return the answer to a request at which the bridge failed; the log says why."""
    body = error_body(StatusCode.INTERNAL_ERROR, "Internal error")
    return Response(body, status_code=500, media_type="application/json")


def install_exception_handlers(app: FastAPI, methods: Callable[[str], Sequence[str]]) -> None:
    """Answer every error of an application in this form; `methods` lists those of a path."""
    app.add_exception_handler(ApiError, _on_api_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _http_exception_handler(methods))
    app.add_exception_handler(Exception, _on_error)
