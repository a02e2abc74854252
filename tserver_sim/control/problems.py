"""How the control API says no."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.interface.refusal import RefusedError


class Problem(BaseModel):
    """Why a request was not carried out."""

    error: str


_STATUSES: Mapping[ErrorCode, int] = {
    ErrorCode.InvalidAttribute: 400,
    ErrorCode.InvalidDTMF: 400,
    ErrorCode.DNNotConfigured: 404,
    ErrorCode.InvalidConnID: 404,
}
_CONFLICT = 409


def problems(**descriptions: str) -> dict[int | str, dict[str, object]]:
    """Describe the answers that a route gives instead of its own: `_400="why", ...`."""
    return {
        int(status.removeprefix("_")): {"model": Problem, "description": text}
        for status, text in descriptions.items()
    }


BAD = "the request makes no sense"
UNKNOWN = "there is no such switch, DN or call"
NOT_NOW = "the switch refuses: it cannot be done now"


def answer_problems(app: FastAPI) -> None:
    """Let an app tell problems in the one form that the control API has."""
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(HTTPException, _problem)
    app.add_exception_handler(RefusedError, _refused)


async def _bad_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for it)
    texts = []
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"][1:] if isinstance(part, str))
        word = "expected " if fault["type"] == "expected" else ""
        texts.append(f"{where or 'body'}: {word}{fault['msg']}")
    return _answer(400, "; ".join(texts))


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for it)
    return _answer(error.status_code, error.detail)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefusedError)  # noqa: S101 (registered for it)
    return _answer(_STATUSES.get(error.code, _CONFLICT), str(error))


def _answer(status: int, text: str) -> JSONResponse:
    return JSONResponse(Problem(error=text).model_dump(), status)
