"""The application of the control API, and its routes for health and the clock."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from bridge.runtime.clock import Clock, HeldClock
from tserver_sim.control import calls, pair, phones, switches
from tserver_sim.control.problems import add_problem_handlers, problems
from tserver_sim.tserver import SimulatedTServer

MAX_SECONDS = 366 * 86_400
LATEST = 2**32 - 1
"""The latest time, in seconds since 1970, that AttributeTimeinSecs can hold."""

ROOT = "/control/v1"


class Health(BaseModel):
    """The health of the simulator."""

    status: str = "ok"


class ClockState(BaseModel):
    """The clock of the switches."""

    now: float = Field(description="seconds since 1970-01-01T00:00:00Z")
    held: bool = Field(description="whether it stands still until it is advanced")


class Advance(BaseModel):
    """How far to advance the clock."""

    model_config = ConfigDict(extra="forbid")

    seconds: Annotated[float, Field(ge=0, le=MAX_SECONDS, strict=True, allow_inf_nan=False)]


def control_app(clock: Clock, tservers: Mapping[str, SimulatedTServer]) -> FastAPI:
    """Return the application of the control API.

    Args:
        clock: the clock of the switches.
        tservers: the T-Servers, by the names of their switches.

    """
    app = FastAPI(title="T-Server simulator, control API", version="1", openapi_url=f"{ROOT}/openapi.json")
    add_problem_handlers(app)
    app.include_router(_clock(clock), prefix=ROOT)
    for module in (switches, phones, calls, pair):
        app.include_router(module.router(tservers), prefix=ROOT)
    return app


def _clock(clock: Clock) -> APIRouter:
    router = APIRouter(tags=["clock"])

    @router.get("/health")
    async def health() -> Health:
        """Return `ok` while the simulator runs."""
        return Health()

    @router.get("/clock")
    async def read_clock() -> ClockState:
        """Return the time of the switches, and whether their clock is held."""
        return _state(clock)

    @router.post(
        "/clock/advance",
        responses=problems(_400="the request is not valid", _409="the clock is not held"),
    )
    async def advance_clock(advance: Advance) -> ClockState:
        """Advance the held clock. The answer comes after everything that fell due has been carried out."""
        if not isinstance(clock, HeldClock):
            raise HTTPException(409, "the clock is not held: start the simulator with --clock held")
        if clock.now() + advance.seconds > LATEST:
            raise HTTPException(400, f"seconds: the clock cannot pass {LATEST}")
        clock.advance(advance.seconds)
        return _state(clock)

    return router


def _state(clock: Clock) -> ClockState:
    return ClockState(now=clock.now(), held=isinstance(clock, HeldClock))
