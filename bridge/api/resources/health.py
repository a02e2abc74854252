"""What may be asked without credentials: the version, and whether the service is healthy."""

from collections.abc import Callable

from fastapi import APIRouter, Response

from bridge.api.http.responses import found
from bridge.api.schema import schemas


def router(version: str, why_not_ready: Callable[[], str | None]) -> APIRouter:
    """Make the routes; `why_not_ready` says what is missing, or None."""
    routes = APIRouter(tags=["status"])

    @routes.get(
        "/api/v2/diagnostics/version",
        responses=schemas.responses(schemas.answer({"version": {"type": "string"}})),
    )
    async def read_version() -> Response:
        return found(version=version)

    @routes.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @routes.get("/health/ready", responses={503: {"description": "Not ready yet, and why"}})
    async def ready(response: Response) -> dict[str, str]:
        reason = why_not_ready()
        if reason is None:
            return {"status": "ready"}
        response.status_code = 503
        return {"status": "not ready", "reason": reason}

    return routes
