"""Reading the devices of the user who sent the request.

Source: GWS v2, Device resource; the settings of a device were seen of a real server.
"""

from collections.abc import Iterator

import msgspec
from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.directory.model import DirectoryDevice, User
from bridge.voice.gws.resources import CallResource, DeviceResource
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.service import VoiceService


class Setting(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """An option of a DN."""

    name: str
    value: str


def router(service: VoiceService) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/v2/me", tags=["me"])

    @routes.get("/devices", responses=schemas.uri_collection("devices", DeviceResource))
    async def read_devices(request: Request, fields: Fields = None) -> Response:
        return views.uri_collection(
            "devices", service.devices(authorization.require_voice_user(request).id), fields
        )

    @routes.get(
        "/devices/{device_id}", responses=schemas.single_object("device", DeviceResource, fields=True)
    )
    async def read_device(request: Request, device_id: str, fields: Fields = None) -> Response:
        return views.single_object(
            "device", _find_device(service, authorization.require_voice_user(request), device_id), fields
        )

    @routes.get("/devices/{device_id}/calls", responses=schemas.uri_collection("calls", CallResource))
    async def read_calls_of_device(request: Request, device_id: str, fields: Fields = None) -> Response:
        user = authorization.require_voice_user(request)
        device = _find_device(service, user, device_id)
        calls = [call for call in service.calls(user.id) if call.device_uri == device.uri]
        return views.uri_collection("calls", calls, fields)

    @routes.get(
        "/devices/{device_id}/settings/tserver",
        responses=schemas.object_collection("settings", Setting, key={"const": "name"}),
    )
    async def read_device_settings(request: Request, device_id: str, fields: Fields = None) -> Response:
        user = authorization.require_voice_user(request)
        _find_device(service, user, device_id)
        options = next((each.settings for each in _possible_devices(user) if each.id == device_id), {})
        settings = [Setting(name=name, value=value) for name, value in options.items()]
        return views.object_collection("settings", settings, fields, key="name")

    return routes


def _find_device(service: VoiceService, user: User, device_id: str) -> DeviceResource:
    for device in service.devices(user.id):
        if device.id == device_id:
            return device
    raise ApiError(StatusCode.NOT_FOUND, f"The user has no device {device_id}")


def _possible_devices(user: User) -> Iterator[DirectoryDevice]:
    """Return the devices that a user may have, including those that a place gives for one session."""
    yield from user.devices
    for place in user.contact_center.places:
        yield from place.devices
