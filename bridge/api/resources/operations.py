"""Operating on resources: each POST carries one operation, named in its body.

Source: GWS v2, What Are Operations. The answer means that the operation is on its way, no more.
"""

from typing import Any, cast

from fastapi import APIRouter, Request, Response

from bridge.api.http.body import json_body
from bridge.api.http.operation_route import OperationRoute
from bridge.api.http.responses import ACCEPTED, partly
from bridge.api.schema import schemas
from bridge.api.schema.examples import example
from bridge.api.security import authorization as requests
from bridge.api.security.http_sessions import HttpSessions
from bridge.voice.gws import bodies
from bridge.voice.model.errors import Partial
from bridge.voice.operations import BY_BODY, ROWS, Operation, Resource, calls, known_on, session
from bridge.voice.service import Desk


def router(desk: Desk, sessions: HttpSessions) -> APIRouter:
    """Make the routes. They are tried in this order, so that the most used come first."""
    routes = APIRouter(prefix="/api/v2", tags=["operations"], route_class=OperationRoute)

    @routes.post(Resource.CALL.value, **_described(Resource.CALL))
    async def operate_on_call(request: Request, call_id: str) -> Response:
        user_id, body = await _read(request, Resource.CALL)
        desk.on_call(user_id, call_id, body)
        return ACCEPTED

    @routes.post(Resource.DEVICE_CALLS.value, **_described(Resource.DEVICE_CALLS))
    async def operate_on_device_calls(request: Request, device_id: str) -> Response:
        user_id, body = await _read(request, Resource.DEVICE_CALLS)
        desk.on_device_calls(user_id, device_id, cast(calls.Dial, body))
        return ACCEPTED

    @routes.post(Resource.CHANNEL.value, **_described(Resource.CHANNEL))
    async def operate_on_channel(request: Request, channel: str) -> Response:
        user_id, body = await _read(request, Resource.CHANNEL)
        return _answer(desk.on_channel(user_id, channel, body))

    @routes.post(Resource.DEVICE.value, **_described(Resource.DEVICE))
    async def operate_on_device(request: Request, device_id: str) -> Response:
        user_id, body = await _read(request, Resource.DEVICE)
        desk.on_device(user_id, device_id, body)
        return ACCEPTED

    @routes.post(Resource.ME.value, **_described(Resource.ME))
    async def operate_on_me(request: Request) -> Response:
        user_id, body = await _read(request, Resource.ME)
        answer = _answer(desk.on_me(user_id, body))
        if isinstance(body, session.EndContactCenterSession):
            sessions.end(requests.session(request))
        return answer

    @routes.post(Resource.CHANNEL_OF_USER.value, **_described(Resource.CHANNEL_OF_USER))
    async def operate_on_channel_of_user(request: Request, user_id: str, channel: str) -> Response:
        supervisor_id, body = await _read(request, Resource.CHANNEL_OF_USER)
        return _answer(desk.on_channel_of(supervisor_id, user_id, channel, body))

    return routes


def _answer(partial: Partial | None) -> Response:
    return ACCEPTED if partial is None else partly(partial)


async def _read(request: Request, on: Resource) -> tuple[str, Operation]:
    """Read who asks for what.

    Raises:
        RefusedError: the body is wrong, or the user may not do this.

    """
    user = requests.operator(request)
    body = bodies.READERS[on].read(await json_body(request))
    row = BY_BODY.get(type(body))
    if row is not None:  # a state of the contact center's own has none
        requests.may(user, row)
    return user.id, body


# --- the document -----------------------------------------------------------------------------------

_OUTCOMES: schemas.Schema = {"type": "array", "items": {"type": "object"}}
_ACCEPTED: schemas.Schema = {
    "type": "object",
    "properties": {"statusCode": {"enum": [0, 7]}, "succeeded": _OUTCOMES, "failed": _OUTCOMES},
    "required": ["statusCode"],
}


def _described(resource: Resource) -> dict[str, Any]:
    """Describe the bodies of a POST for the OpenAPI document; `components` has what this refers to."""
    known = known_on(resource)
    content = {
        "schema": {
            "oneOf": [schemas.reference(body) for body in known],
            "discriminator": {
                "propertyName": "operationName",
                "mapping": {body.__name__: schemas.reference(body)["$ref"] for body in known},
            },
        },
        "examples": {body.__name__: {"value": example(body)} for body in known},
    }
    extra = {"requestBody": {"required": True, "content": {schemas.JSON: content}}}
    return {"openapi_extra": extra, "responses": schemas.responses(_ACCEPTED, "Accepted, or a part of it")}


def components() -> dict[str, schemas.Schema]:
    """Describe the operations for the OpenAPI document, from the structs that read them."""
    return schemas.bodies([row.body for row in ROWS])
