"""Devices as they are configured, and changing them.

Sources: GWS v2, Device resource, List Devices, Create and Assign Device. Changing and deleting are done as
for users.
"""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from msgspec import UNSET
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bridge.api.http import fields as views
from bridge.api.http.bodies import Body
from bridge.api.http.fields import Fields
from bridge.api.http.responses import ACCEPTED, found
from bridge.api.provisioning.bodies import ConfiguredDevice, DeviceChange, NewDevice
from bridge.api.provisioning.common import (
    CREATED,
    DELETED,
    READ,
    WRITE,
    administrator,
    described,
    done,
    keep_read_only,
)
from bridge.api.schema import schemas
from bridge.directory.commands import DeviceFields
from bridge.directory.directory import Directory
from bridge.directory.model import Device, User
from bridge.directory.provisioning import Provisioning
from bridge.voice.model.errors import RefusedError, StatusCode
from bridge.voice.service import Desk

MOST_AT_ONCE: Final = 1000
"""How many devices one answer holds at most."""


class DeviceQuery(BaseModel):
    """Which devices are wanted. Lists have commas between their values."""

    model_config = ConfigDict(alias_generator=to_camel)

    phone_number: str | None = Field(None, description="exact DNs")
    offset: int = Field(0, ge=0)
    limit: int = Field(MOST_AT_ONCE, ge=1, le=MOST_AT_ONCE)
    fields: Fields = None


class DeviceWriter:
    """Writes devices as resources; `api` is the external address that ends in `/api/v2`."""

    def __init__(self, api: str, directory: Directory, desk: Desk) -> None:
        self._api = api
        self._directory = directory
        self._desk = desk

    def write(self, device: Device) -> ConfiguredDevice:
        """Write a device as it is now."""
        owner = self._directory.owner(device.id)
        seen = self._desk.view_of(device.switch, device.number)
        return ConfiguredDevice(
            id=device.id,
            phone_number=device.number,
            e164_number="",
            telephony_network="Private",
            type=device.type,
            description=device.description or None,
            device_state="Active" if seen and seen.registered and seen.in_service else "Inactive",
            switch_name=device.switch,
            user_uri=f"{self._api}/users/{owner.id}" if owner else None,
            voice_environment_uri=f"{self._api}/voice-environments/{quote(device.switch, safe='')}",
            uri=f"{self._api}/devices/{device.id}",
            path=f"/devices/{device.id}",
        )

    def created(self, device: Device) -> Response:
        """Answer that a device was made."""
        shown = self.write(device)
        return found(id=shown.id, uri=shown.uri, path=shown.path)


def router(directory: Directory, provisioning: Provisioning, devices: DeviceWriter) -> APIRouter:
    """Make the routes."""
    routes = APIRouter(prefix="/api/v2/devices", tags=["provisioning"])
    new_device, device_change = Body(NewDevice), Body(DeviceChange)

    @routes.get("", responses=schemas.addresses("devices", ConfiguredDevice))
    async def read_devices(request: Request, query: Annotated[DeviceQuery, Query()]) -> Response:
        page = _wanted(directory, administrator(request, READ), query)
        shown = [devices.write(device) for device in page[query.offset : query.offset + query.limit]]
        return views.addresses("devices", shown, query.fields)

    @routes.post("", **described(NewDevice, CREATED))
    async def create_device(request: Request) -> Response:
        center = administrator(request, WRITE).contact_center
        body = await new_device.read(request)
        wish = DeviceFields(type=body.type, description=body.description)
        device = await done(provisioning.create_device(center, body.phone_number, body.switch_name, wish))
        return devices.created(device)

    @routes.get("/{device_id}", responses=schemas.single("device", ConfiguredDevice, fields=True))
    async def read_device(request: Request, device_id: str, fields: Fields = None) -> Response:
        device = _of_center(directory, administrator(request, READ), device_id)
        return views.single("device", devices.write(device), fields)

    @routes.put("/{device_id}", **described(DeviceChange))
    async def update_device(request: Request, device_id: str) -> Response:
        admin = administrator(request, WRITE)
        body = await device_change.read(request)
        shown = devices.write(_of_center(directory, admin, device_id))
        keep_read_only(
            body,
            id=shown.id,
            phone_number=shown.phone_number,
            switch_name=shown.switch_name,
            uri=shown.uri,
            path=shown.path,
        )
        wish = DeviceFields(
            type=None if body.type is UNSET else body.type,
            description=None if body.description is UNSET else body.description,
        )
        await done(provisioning.update_device(admin.contact_center, device_id, wish))
        return ACCEPTED

    @routes.delete("/{device_id}", responses=DELETED)
    async def delete_device(request: Request, device_id: str) -> Response:
        center = administrator(request, WRITE).contact_center
        await done(provisioning.delete_device(center, device_id))
        return ACCEPTED

    return routes


def _wanted(directory: Directory, admin: User, query: DeviceQuery) -> list[Device]:
    devices = [each for each in directory.devices if each.contact_center == admin.contact_center.id]
    if query.phone_number is not None:
        numbers = set(query.phone_number.split(","))
        devices = [device for device in devices if device.number in numbers]
    return devices


def _of_center(directory: Directory, asking: User, device_id: str) -> Device:
    device = directory.device(device_id)
    if device is None or device.contact_center != asking.contact_center.id:
        raise RefusedError(StatusCode.NOT_FOUND, f"Device {device_id} not found")
    return device
