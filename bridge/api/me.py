"""Reading `/api/v2/me`: the user, and the user's devices and calls."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response

from bridge.api import requests
from bridge.api.answers import found
from bridge.directory.features import FEATURES
from bridge.directory.model import User
from bridge.voice.desk import Desk
from bridge.voice.operations.base import VOICE

Fields = Annotated[str | None, Query(description="`*` or the names of members; without it, only addresses")]
Subresources = Annotated[str | None, Query(description="`*` or any of devices, calls, features")]


def router(api: str, desk: Desk) -> APIRouter:
    """Make the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2/me", tags=["me"])

    @routes.get("")
    async def read_me(request: Request, subresources: Subresources = None) -> Response:
        user = requests.session(request).user
        return found(user=_user(api, user) | _subresources(api, desk, user, subresources))

    @routes.get("/devices")
    async def read_devices(request: Request, fields: Fields = None) -> Response:
        return _collection("devices", desk.devices(requests.voice_user(request).id), fields)

    @routes.get("/calls")
    async def read_calls(request: Request, fields: Fields = None) -> Response:
        return _collection("calls", desk.calls(requests.voice_user(request).id), fields)

    @routes.get("/calls/{call_id}")
    async def read_call(request: Request, call_id: str) -> Response:
        return found(call=desk.call(requests.voice_user(request).id, call_id))

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
    if user.contact_center.has(VOICE):
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
