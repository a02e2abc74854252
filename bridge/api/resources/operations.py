"""Operations on resources: each POST carries one operation, named in its body.

Source: GWS v2, What Are Operations. The answer means that the operation was accepted, no more.
"""

from typing import Any, cast

from fastapi import APIRouter, Request, Response

from bridge.api.http.operation_route import BODY_SCOPE_KEY, OperationRoute
from bridge.api.http.responses import ACCEPTED, partial_response
from bridge.api.schema import schemas
from bridge.api.schema.examples import example_body
from bridge.api.security import authorization
from bridge.api.security.http_sessions import HttpSessions
from bridge.voice.gws import bodies
from bridge.voice.model.errors import PartialSuccess
from bridge.voice.operations import ROW_OF, ROWS, Operation, Resource, calls, operations_on, session
from bridge.voice.service import VoiceService


def router(service: VoiceService, sessions: HttpSessions) -> APIRouter:
    """Return the routes. They are tried in this order, so the most used come first."""
    routes = APIRouter(prefix="/api/v2", tags=["operations"], route_class=OperationRoute)

    @routes.post(Resource.CALL.value, **_operation_docs(Resource.CALL))
    def operate_on_call(request: Request, call_id: str) -> Response:
        user_id, body = _read_operation(request, Resource.CALL)
        service.execute_call_operation(user_id, call_id, body)
        return ACCEPTED

    @routes.post(Resource.DEVICE_CALLS.value, **_operation_docs(Resource.DEVICE_CALLS))
    def operate_on_device_calls(request: Request, device_id: str) -> Response:
        user_id, body = _read_operation(request, Resource.DEVICE_CALLS)
        service.execute_device_calls_operation(user_id, device_id, cast(calls.Dial, body))
        return ACCEPTED

    @routes.post(Resource.CHANNEL.value, **_operation_docs(Resource.CHANNEL))
    def operate_on_channel(request: Request, channel: str) -> Response:
        user_id, body = _read_operation(request, Resource.CHANNEL)
        service.execute_channel_operation(user_id, channel, body)
        return ACCEPTED

    @routes.post(Resource.DEVICE.value, **_operation_docs(Resource.DEVICE))
    def operate_on_device(request: Request, device_id: str) -> Response:
        user_id, body = _read_operation(request, Resource.DEVICE)
        service.execute_device_operation(user_id, device_id, body)
        return ACCEPTED

    @routes.post(Resource.ME.value, **_operation_docs(Resource.ME))
    def operate_on_me(request: Request) -> Response:
        user_id, body = _read_operation(request, Resource.ME)
        answer = _operation_response(service.execute_me_operation(user_id, body))
        if isinstance(body, session.EndContactCenterSession):
            sessions.end(authorization.http_session(request))
        return answer

    @routes.post(Resource.CHANNEL_OF_USER.value, **_operation_docs(Resource.CHANNEL_OF_USER))
    def operate_on_channel_of_user(request: Request, user_id: str, channel: str) -> Response:
        supervisor_id, body = _read_operation(request, Resource.CHANNEL_OF_USER)
        service.execute_user_channel_operation(supervisor_id, user_id, channel, body)
        return ACCEPTED

    return routes


def _operation_response(partial: PartialSuccess | None) -> Response:
    return ACCEPTED if partial is None else partial_response(partial)


def _read_operation(request: Request, on: Resource) -> tuple[str, Operation]:
    """Return the id of the user and the operation of a request.

    Raises:
        ApiError: the body is wrong, or the user may not use this operation.

    """
    user = authorization.require_operation_user(request)
    body = bodies.READERS[on].read(request.scope[BODY_SCOPE_KEY])
    authorization.authorize(user, ROW_OF[on, type(body)], body)
    return user.id, body


# --- the document -----------------------------------------------------------------------------------

_OUTCOMES: schemas.Schema = {"type": "array", "items": {"type": "object"}}
_ACCEPTED: schemas.Schema = {
    "type": "object",
    "properties": {"statusCode": {"enum": [0, 7]}, "succeeded": _OUTCOMES, "failed": _OUTCOMES},
    "required": ["statusCode"],
}


def _operation_docs(resource: Resource) -> dict[str, Any]:
    """Return the OpenAPI documentation of a POST; `components` has the schemas that it refers to."""
    known = operations_on(resource)
    content = {
        "schema": {
            "oneOf": [schemas.reference(body) for body in known],
            "discriminator": {
                "propertyName": "operationName",
                "mapping": {body.__name__: schemas.reference(body)["$ref"] for body in known},
            },
        },
        "examples": {body.__name__: {"value": example_body(body)} for body in known},
    }
    extra = {"requestBody": {"required": True, "content": {schemas.JSON: content}}}
    return {"openapi_extra": extra, "responses": schemas.responses(_ACCEPTED, "Accepted, or a part of it")}


def components() -> dict[str, schemas.Schema]:
    """Return the schemas of the operations, made from the structs that read them."""
    return schemas.request_body_schemas([row.body for row in ROWS])
