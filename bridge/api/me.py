"""`/api/v2/me`: the user, the user's devices and calls, and the operations on them."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from bridge.api import requests
from bridge.api.answers import accepted, found
from bridge.api.sessions import HttpSessions
from bridge.directory.features import FEATURES
from bridge.directory.model import User
from bridge.voice import bodies, operations
from bridge.voice.desk import Desk

Fields = Annotated[str | None, Query(description="`*` or the names of members; without it, only addresses")]
Subresources = Annotated[str | None, Query(description="`*` or any of devices, calls, features")]
Id = Annotated[str, Path(max_length=255)]


def router(api: str, desk: Desk, sessions: HttpSessions) -> APIRouter:
    """Make the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2/me", tags=["me"])

    @routes.get("")
    async def read_me(request: Request, subresources: Subresources = None) -> Response:
        user = requests.session(request).user
        return found(user=_user(api, user) | _subresources(api, desk, user, subresources))

    @routes.post(
        "", openapi_extra=_body(operations.StartContactCenterSession, operations.EndContactCenterSession)
    )
    async def operate_on_me(request: Request) -> Response:
        user = requests.operator(request)
        body = bodies.USER.read(await requests.json_body(request))
        if isinstance(body, operations.StartContactCenterSession):
            desk.start_session(user.id, body)
        else:
            desk.end_session(user.id, body)
            sessions.end(requests.session(request))
        return accepted()

    @routes.get("/devices")
    async def read_devices(request: Request, fields: Fields = None) -> Response:
        return _collection("devices", desk.devices(requests.reader(request).id), fields)

    @routes.post("/devices/{device_id}/calls", openapi_extra=_body(operations.Dial))
    async def operate_on_device_calls(request: Request, device_id: Id) -> Response:
        user = requests.operator(request)
        desk.dial(user.id, device_id, bodies.DEVICE_CALLS.read(await requests.json_body(request)))
        return accepted()

    @routes.get("/calls")
    async def read_calls(request: Request, fields: Fields = None) -> Response:
        return _collection("calls", desk.calls(requests.reader(request).id), fields)

    @routes.get("/calls/{call_id}")
    async def read_call(request: Request, call_id: Id) -> Response:
        return found(call=desk.call(requests.reader(request).id, call_id))

    @routes.post("/calls/{call_id}", openapi_extra=_body(*operations.REQUESTS))
    async def operate_on_call(request: Request, call_id: Id) -> Response:
        user = requests.operator(request)
        desk.operate(user.id, call_id, bodies.CALL.read(await requests.json_body(request)))
        return accepted()

    return routes


def _user(api: str, user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "userName": user.name,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "emailAddress": user.email,
        "roles": [f"ROLE_{role.upper()}" for role in user.roles],
        "enabled": True,
        "changePasswordOnFirstLogin": False,
        "contactCenterId": user.contact_center.id,
        "uri": f"{api}/users/{user.id}",
        "path": f"/users/{user.id}",
    }


def _subresources(api: str, desk: Desk, user: User, wanted: str | None) -> dict[str, Any]:
    if not wanted:
        return {}
    offered: dict[str, Any] = {
        "features": [
            {
                "id": feature.id,
                "displayName": feature.display_name,
                "description": feature.description,
                "autoAssignOnContactCenterCreate": feature.auto_assign,
                "uri": f"{api}/features/{feature.id}",
                "path": f"/features/{feature.id}",
            }
            for feature in FEATURES.values()
            if user.contact_center.has(feature.id)
        ]
    }
    if user.contact_center.has(requests.VOICE):
        offered |= {"devices": desk.devices(user.id), "calls": desk.calls(user.id)}
    names = offered if wanted == "*" else wanted.split(",")
    return {name: offered[name] for name in names if name in offered}


def _collection(name: str, resources: Sequence[Any], fields: str | None) -> Response:
    """Write a collection as the query asks: addresses only, whole objects, or the named members of them."""
    if fields is None:
        return found(uris=[resource.uri for resource in resources])
    if fields == "*":
        return found(**{name: resources})
    wanted = fields.split(",")
    objects = [msgspec.to_builtins(resource) for resource in resources]
    return found(**{name: [{key: o[key] for key in wanted if key in o} for o in objects]})


def _body(*bodies_: type[operations.Operation]) -> dict[str, Any]:
    """Describe the body of a POST for the OpenAPI document, from the structs that read it."""
    schemas, components = msgspec.json.schema_components(bodies_, ref_template="#/$defs/{name}")
    schema = {"oneOf": list(schemas), "$defs": components}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
