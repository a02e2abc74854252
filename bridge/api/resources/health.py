"""The resources that need no credentials: the version, and the health of the bridge."""

from collections.abc import Callable

from fastapi import APIRouter, Response

from bridge.api.http.responses import ok_response
from bridge.api.schema import schemas


def router(version: str, not_ready_reason: Callable[[], str | None]) -> APIRouter:
    """Return the routes; `not_ready_reason` returns what is missing, or None."""
    routes = APIRouter(tags=["status"])

    @routes.get(
        "/api/v2/diagnostics/version",
        responses=schemas.responses(schemas.success_schema({"version": {"type": "string"}})),
    )
    async def read_version() -> Response:
        return ok_response(version=version)

    @routes.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @routes.get("/health/ready", responses={503: {"description": "Not ready yet, and why"}})
    async def ready(response: Response) -> dict[str, str]:
        reason = not_ready_reason()
        if reason is None:
            return {"status": "ready"}
        response.status_code = 503
        return {"status": "not ready", "reason": reason}

    return routes
