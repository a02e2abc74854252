"""User events: the one resource of the desktop's private tree that is served.

Seen of a real server: `POST /internal-api/operations`.
"""

from typing import Any, Final, cast

from fastapi import APIRouter, Request, Response

from bridge.api.http.operation_route import BODY_SCOPE_KEY, OperationRoute
from bridge.api.http.responses import ACCEPTED
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.voice.commands import user_events
from bridge.voice.service import VoiceService

_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {schemas.JSON: {"schema": schemas.reference(user_events.SendUserEvent)}},
}


def router(service: VoiceService) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/internal-api", tags=["internal"], route_class=OperationRoute)

    @routes.post(
        "/operations",
        openapi_extra={"requestBody": _BODY},
        responses=schemas.responses(schemas.success_schema({}), "Accepted"),
    )
    def operate(request: Request) -> Response:
        user = authorization.require_operation_user(request)
        body = user_events.READER.read(request.scope[BODY_SCOPE_KEY])
        service.execute_internal_operation(user.id, cast(user_events.SendUserEvent, body))
        return ACCEPTED

    return routes


def components() -> dict[str, schemas.Schema]:
    """Return the schemas of the operations."""
    return schemas.request_body_schemas([user_events.SendUserEvent])
