"""What of the desktop's private tree is served: user events. Nothing else of it is there.

Seen of a real server: `POST /internal-api/operations`.
"""

from typing import Any, Final, cast

from fastapi import APIRouter, Request, Response

from bridge.api.http.body import read_json_body
from bridge.api.http.operation_route import OperationRoute
from bridge.api.http.responses import ACCEPTED
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.voice.commands import user_events as userevents
from bridge.voice.service import VoiceService

_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {schemas.JSON: {"schema": schemas.reference(userevents.SendUserEvent)}},
}


def router(service: VoiceService) -> APIRouter:
    """Make the routes."""
    routes = APIRouter(prefix="/internal-api", tags=["internal"], route_class=OperationRoute)

    @routes.post(
        "/operations",
        openapi_extra={"requestBody": _BODY},
        responses=schemas.responses(schemas.success_schema({}), "Accepted"),
    )
    async def operate(request: Request) -> Response:
        user = authorization.require_operation_user(request)
        body = userevents.READER.read(await read_json_body(request))
        service.execute_internal_operation(user.id, cast(userevents.SendUserEvent, body))
        return ACCEPTED

    return routes


def components() -> dict[str, schemas.Schema]:
    """Describe the operations for the OpenAPI document."""
    return schemas.request_body_schemas([userevents.SendUserEvent])
