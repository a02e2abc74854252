"""Devices as they are configured: reading, creating, changing and deleting them.

Sources: GWS v2, Device resource, List Devices, Create and Assign Device. Changing and deleting work as
for users.
"""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from msgspec import UNSET
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bridge.api.http import fields as views
from bridge.api.http.bodies import JsonBodyReader
from bridge.api.http.fields import Fields
from bridge.api.http.responses import ACCEPTED, ok_response
from bridge.api.provisioning.bodies import ConfiguredDevice, DeviceChange, NewDevice
from bridge.api.provisioning.common import (
    CREATED,
    DELETED,
    apply_change,
    check_read_only,
    require_provisioning_admin,
    route_docs,
)
from bridge.api.schema import schemas
from bridge.directory.commands import DeviceFields
from bridge.directory.directory import Directory
from bridge.directory.model import DirectoryDevice, User
from bridge.directory.provisioning import Provisioning
from bridge.runtime.features import PROVISIONING_READ, PROVISIONING_WRITE
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.service import VoiceService

MAX_PAGE_SIZE: Final = 1000
"""The most devices in one answer."""


class DeviceQuery(BaseModel):
    """The filters of a list of devices. A filter may name several values, separated by commas."""

    model_config = ConfigDict(alias_generator=to_camel)

    phone_number: str | None = Field(None, description="exact DNs")
    offset: int = Field(0, ge=0)
    limit: int = Field(MAX_PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)
    fields: Fields = None


class ConfiguredDeviceRenderer:
    """Renders devices as resources; `api` is the external address that ends in `/api/v2`."""

    def __init__(self, api: str, directory: Directory, service: VoiceService) -> None:
        self._api = api
        self._directory = directory
        self._service = service

    def render(self, device: DirectoryDevice) -> ConfiguredDevice:
        """Return a device as a resource, as it is now."""
        owner = self._directory.owner(device.id)
        device_view = self._service.snapshot_of(device.switch, device.number)
        return ConfiguredDevice(
            id=device.id,
            phone_number=device.number,
            e164_number="",
            telephony_network="Private",
            type=device.type,
            description=device.description or None,
            device_state="Active"
            if device_view and device_view.registered and device_view.in_service
            else "Inactive",
            switch_name=device.switch,
            user_uri=f"{self._api}/users/{owner.id}" if owner else None,
            voice_environment_uri=f"{self._api}/voice-environments/{quote(device.switch, safe='')}",
            uri=f"{self._api}/devices/{device.id}",
            path=f"/devices/{device.id}",
        )

    def created_response(self, device: DirectoryDevice) -> Response:
        """Return the answer to the creation of a device."""
        rendered = self.render(device)
        return ok_response(id=rendered.id, uri=rendered.uri, path=rendered.path)


def router(directory: Directory, provisioning: Provisioning, devices: ConfiguredDeviceRenderer) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/v2/devices", tags=["provisioning"])
    new_device, device_change = JsonBodyReader(NewDevice), JsonBodyReader(DeviceChange)

    @routes.get("", responses=schemas.uri_collection("devices", ConfiguredDevice))
    async def read_devices(request: Request, query: Annotated[DeviceQuery, Query()]) -> Response:
        page = _select_devices(directory, require_provisioning_admin(request, PROVISIONING_READ), query)
        rendered = [devices.render(device) for device in page[query.offset : query.offset + query.limit]]
        return views.uri_collection("devices", rendered, query.fields)

    @routes.post("", **route_docs(NewDevice, CREATED))
    async def create_device(request: Request) -> Response:
        center = require_provisioning_admin(request, PROVISIONING_WRITE).contact_center
        body = await new_device.read(request)
        device_fields = DeviceFields(type=body.type, description=body.description)
        device = await apply_change(
            provisioning.create_device(center, body.phone_number, body.switch_name, device_fields)
        )
        return devices.created_response(device)

    @routes.get("/{device_id}", responses=schemas.single_object("device", ConfiguredDevice, fields=True))
    async def read_device(request: Request, device_id: str, fields: Fields = None) -> Response:
        device = _find_device(directory, require_provisioning_admin(request, PROVISIONING_READ), device_id)
        return views.single_object("device", devices.render(device), fields)

    @routes.put("/{device_id}", **route_docs(DeviceChange))
    async def update_device(request: Request, device_id: str) -> Response:
        admin = require_provisioning_admin(request, PROVISIONING_WRITE)
        body = await device_change.read(request)
        rendered = devices.render(_find_device(directory, admin, device_id))
        check_read_only(
            body,
            id=rendered.id,
            phone_number=rendered.phone_number,
            switch_name=rendered.switch_name,
            uri=rendered.uri,
            path=rendered.path,
        )
        device_fields = DeviceFields(
            type=None if body.type is UNSET else body.type,
            description=None if body.description is UNSET else body.description,
        )
        await apply_change(provisioning.update_device(admin.contact_center, device_id, device_fields))
        return ACCEPTED

    @routes.delete("/{device_id}", responses=DELETED)
    async def delete_device(request: Request, device_id: str) -> Response:
        center = require_provisioning_admin(request, PROVISIONING_WRITE).contact_center
        await apply_change(provisioning.delete_device(center, device_id))
        return ACCEPTED

    return routes


def _select_devices(directory: Directory, admin: User, query: DeviceQuery) -> list[DirectoryDevice]:
    devices = [each for each in directory.devices if each.contact_center == admin.contact_center.id]
    if query.phone_number is not None:
        numbers = set(query.phone_number.split(","))
        devices = [device for device in devices if device.number in numbers]
    return devices


def _find_device(directory: Directory, requester: User, device_id: str) -> DirectoryDevice:
    device = directory.device(device_id)
    if device is None or device.contact_center != requester.contact_center.id:
        raise ApiError(StatusCode.NOT_FOUND, f"Device {device_id} not found")
    return device
