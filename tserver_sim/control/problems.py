"""Errors of the control API: one body for all of them."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.interface.refusal import RefusedError


class Problem(BaseModel):
    """The body of an error: why the request was not carried out."""

    error: str


_STATUSES: Mapping[ErrorCode, int] = {
    ErrorCode.InvalidAttribute: 400,
    ErrorCode.InvalidDTMF: 400,
    ErrorCode.DNNotConfigured: 404,
    ErrorCode.InvalidConnID: 404,
}
_CONFLICT = 409


def problems(**descriptions: str) -> dict[int | str, dict[str, object]]:
    """Return the `responses` of a route for error statuses, given as `_400="description"`."""
    return {
        int(status.removeprefix("_")): {"model": Problem, "description": text}
        for status, text in descriptions.items()
    }


BAD = "the request is not valid"
UNKNOWN = "there is no such switch, DN or call"
NOT_NOW = "the switch refuses: it cannot be done now"


def add_problem_handlers(app: FastAPI) -> None:
    """Register the handlers that answer errors with a `Problem`."""
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    app.add_exception_handler(HTTPException, _handle_http_exception)
    app.add_exception_handler(RefusedError, _handle_refusal)


async def _handle_validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for it)
    texts = []
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"][1:] if isinstance(part, str))
        word = "expected " if fault["type"] == "expected" else ""
        texts.append(f"{where or 'body'}: {word}{fault['msg']}")
    return json_response(400, "; ".join(texts))


async def _handle_http_exception(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for it)
    return json_response(error.status_code, error.detail)


async def _handle_refusal(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefusedError)  # noqa: S101 (registered for it)
    return json_response(_STATUSES.get(error.code, _CONFLICT), str(error))


def json_response(status: int, text: str) -> JSONResponse:
    """Return the answer to a request that is refused."""
    return JSONResponse(Problem(error=text).model_dump(), status)
