"""Operating on resources: each POST carries one operation, named in its body.

Source: GWS v2, What Are Operations. The answer means that the operation is on its way, no more.
"""

from typing import Any, cast

import msgspec
from fastapi import APIRouter, Request, Response

from bridge.api import requests
from bridge.api.answers import ACCEPTED
from bridge.api.hotpath import OperationRoute
from bridge.api.sessions import HttpSessions
from bridge.voice import bodies
from bridge.voice.desk import Desk
from bridge.voice.operations import BY_BODY, ROWS, Operation, Resource, calls, known_on, session

_REFERENCE = "#/components/schemas/{name}"


def router(desk: Desk, sessions: HttpSessions) -> APIRouter:
    """Make the routes."""
    routes = APIRouter(prefix="/api/v2", tags=["operations"], route_class=OperationRoute)

    @routes.post(Resource.CALL.value, openapi_extra=_body(Resource.CALL))
    async def operate_on_call(request: Request, call_id: str) -> Response:
        user_id, body = await _read(request, Resource.CALL)
        desk.on_call(user_id, call_id, body)
        return ACCEPTED

    @routes.post(Resource.DEVICE_CALLS.value, openapi_extra=_body(Resource.DEVICE_CALLS))
    async def operate_on_device_calls(request: Request, device_id: str) -> Response:
        user_id, body = await _read(request, Resource.DEVICE_CALLS)
        desk.on_device_calls(user_id, device_id, cast(calls.Dial, body))
        return ACCEPTED

    @routes.post(Resource.ME.value, openapi_extra=_body(Resource.ME))
    async def operate_on_me(request: Request) -> Response:
        user_id, body = await _read(request, Resource.ME)
        desk.on_me(user_id, body)
        if isinstance(body, session.EndContactCenterSession):
            sessions.end(requests.session(request))
        return ACCEPTED

    return routes


async def _read(request: Request, on: Resource) -> tuple[str, Operation]:
    """Read who asks for what.

    Raises:
        RefusedError: the body is wrong, or the user may not do this.

    """
    user = requests.operator(request)
    body = bodies.READERS[on].read(await requests.json_body(request))
    requests.may(user, BY_BODY[type(body)])
    return user.id, body


def _body(resource: Resource) -> dict[str, Any]:
    """Describe the body of a POST for the OpenAPI document; `schemas` has what this refers to."""
    references, _ = msgspec.json.schema_components(known_on(resource), ref_template=_REFERENCE)
    content = {"application/json": {"schema": {"oneOf": list(references)}}}
    return {"requestBody": {"required": True, "content": content}}


def schemas() -> dict[str, Any]:
    """Describe the operations for the OpenAPI document, from the structs that read them."""
    _, components = msgspec.json.schema_components([row.body for row in ROWS], ref_template=_REFERENCE)
    return components
