"""What of the desktop's private tree is served: user events. Nothing else of it is there.

Seen of a real server: `POST /internal-api/operations`.
"""

from typing import Any, Final, cast

from fastapi import APIRouter, Request, Response

from bridge.api.http.body import json_body
from bridge.api.http.operation_route import OperationRoute
from bridge.api.http.responses import ACCEPTED
from bridge.api.schema import schemas
from bridge.api.security import authorization as requests
from bridge.voice.commands import user_events as userevents
from bridge.voice.service import Desk

_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {schemas.JSON: {"schema": schemas.reference(userevents.SendUserEvent)}},
}


def router(desk: Desk) -> APIRouter:
    """Make the routes."""
    routes = APIRouter(prefix="/internal-api", tags=["internal"], route_class=OperationRoute)

    @routes.post(
        "/operations",
        openapi_extra={"requestBody": _BODY},
        responses=schemas.responses(schemas.answer({}), "Accepted"),
    )
    async def operate(request: Request) -> Response:
        user = requests.operator(request)
        body = userevents.READER.read(await json_body(request))
        desk.on_internal(user.id, cast(userevents.SendUserEvent, body))
        return ACCEPTED

    return routes


def components() -> dict[str, schemas.Schema]:
    """Describe the operations for the OpenAPI document."""
    return schemas.bodies([userevents.SendUserEvent])
