"""The control API: see and move the simulator's clock."""

from typing import Annotated

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as AnyHTTPException

from bridge.runtime.clock import Clock, HeldClock

MAX_SECONDS = 366 * 86_400
LATEST = 2**32 - 1
"""Seconds since 1970 that fit the time of an event."""

ROOT = "/control/v1"


class Health(BaseModel):
    """The simulator runs."""

    status: str = "ok"


class ClockState(BaseModel):
    """The clock of the switches."""

    now: float = Field(description="seconds since 1970-01-01T00:00:00Z")
    held: bool = Field(description="whether it stands still until it is advanced")


class Advance(BaseModel):
    """How far to move the clock."""

    model_config = ConfigDict(extra="forbid")

    seconds: Annotated[float, Field(ge=0, le=MAX_SECONDS, strict=True, allow_inf_nan=False)]


class Problem(BaseModel):
    """Why a request was not carried out."""

    error: str


def control_app(clock: Clock) -> FastAPI:
    """Make the control API over the clock of the switches."""
    app = FastAPI(title="T-Server simulator, control API", version="1", openapi_url=f"{ROOT}/openapi.json")
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(AnyHTTPException, _problem)
    problems: dict[int | str, dict[str, object]] = {
        400: {"model": Problem, "description": "the request makes no sense"},
        409: {"model": Problem, "description": "the clock is not held"},
    }

    @app.get(f"{ROOT}/health")
    async def health() -> Health:
        """Tell that the simulator runs."""
        return Health()

    @app.get(f"{ROOT}/clock")
    async def read_clock() -> ClockState:
        """Tell the time of the switches."""
        return _state(clock)

    @app.post(f"{ROOT}/clock/advance", responses=problems)
    async def advance_clock(advance: Advance) -> ClockState:
        """Move the held clock; the answer comes when all that fell due has been carried out."""
        if not isinstance(clock, HeldClock):
            raise HTTPException(409, "the clock is not held: start the simulator with --clock held")
        if clock.now() + advance.seconds > LATEST:
            raise HTTPException(400, f"seconds: the clock cannot pass {LATEST}")
        clock.advance(advance.seconds)
        return _state(clock)

    return app


def _state(clock: Clock) -> ClockState:
    return ClockState(now=clock.now(), held=isinstance(clock, HeldClock))


async def _bad_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for it)
    texts = []
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"][1:] if isinstance(part, str))
        texts.append(f"{where or 'body'}: {fault['msg']}")
    return JSONResponse(Problem(error="; ".join(texts)).model_dump(), 400)


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AnyHTTPException)  # noqa: S101 (registered for it)
    return JSONResponse(Problem(error=error.detail).model_dump(), error.status_code)
