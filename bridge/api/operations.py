"""Operating on `/api/v2/me`: each POST carries one operation, named in its body.

Source: GWS v2, What Are Operations. The answer means that the operation is on its way, no more.
"""

from typing import Any, get_args

import msgspec
from fastapi import APIRouter, Request, Response

from bridge.api import requests
from bridge.api.answers import ACCEPTED
from bridge.api.hotpath import OperationRoute
from bridge.api.sessions import HttpSessions
from bridge.voice import bodies, operations
from bridge.voice.desk import Desk

_REFERENCE = "#/components/schemas/{name}"


def router(desk: Desk, sessions: HttpSessions) -> APIRouter:
    """Make the routes."""
    routes = APIRouter(prefix="/api/v2/me", tags=["me"], route_class=OperationRoute)

    @routes.post("/calls/{call_id}", openapi_extra=_body(*operations.REQUESTS))
    async def operate_on_call(request: Request, call_id: str) -> Response:
        user = requests.voice_user(request)
        desk.operate(user.id, call_id, bodies.CALL.read(await requests.json_body(request)))
        return ACCEPTED

    @routes.post("/devices/{device_id}/calls", openapi_extra=_body(operations.Dial))
    async def operate_on_device_calls(request: Request, device_id: str) -> Response:
        user = requests.voice_user(request)
        desk.dial(user.id, device_id, bodies.DEVICE_CALLS.read(await requests.json_body(request)))
        return ACCEPTED

    @routes.post(
        "", openapi_extra=_body(operations.StartContactCenterSession, operations.EndContactCenterSession)
    )
    async def operate_on_me(request: Request) -> Response:
        user = requests.voice_user(request)
        body = bodies.USER.read(await requests.json_body(request))
        if isinstance(body, operations.StartContactCenterSession):
            desk.start_session(user.id, body)
        else:
            desk.end_session(user.id, body)
            sessions.end(requests.session(request))
        return ACCEPTED

    return routes


def _body(*known: type[operations.Operation]) -> dict[str, Any]:
    """Describe the body of a POST for the OpenAPI document; `schemas` has what this refers to."""
    references, _ = msgspec.json.schema_components(known, ref_template=_REFERENCE)
    content = {"application/json": {"schema": {"oneOf": list(references)}}}
    return {"requestBody": {"required": True, "content": content}}


def schemas() -> dict[str, Any]:
    """Describe the operations for the OpenAPI document, from the structs that read them."""
    known = (*operations.REQUESTS, operations.Dial, *get_args(operations.UserOperation))
    _, components = msgspec.json.schema_components(known, ref_template=_REFERENCE)
    return components
