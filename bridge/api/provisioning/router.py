"""Provisioning: users, devices and features, for administrators."""

from fastapi import APIRouter

from bridge.api.provisioning import contact_centers as contactcenters
from bridge.api.provisioning import devices, users
from bridge.api.provisioning.bodies import BODIES
from bridge.api.provisioning.devices import DeviceWriter
from bridge.api.schema import schemas
from bridge.directory.directory import Directory
from bridge.directory.provisioning import Provisioning
from bridge.voice.service import Desk


def router(api: str, directory: Directory, provisioning: Provisioning, desk: Desk) -> APIRouter:
    """Make all routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter()
    writer = DeviceWriter(api, directory, desk)
    routes.include_router(users.router(api, directory, provisioning, writer))
    routes.include_router(devices.router(directory, provisioning, writer))
    routes.include_router(contactcenters.router(api, provisioning))
    return routes


def components() -> dict[str, schemas.Schema]:
    """Describe the bodies for the OpenAPI document, from the structs that read them."""
    return schemas.bodies(BODIES)
