"""Provisioning: users, devices and features, for administrators."""

from fastapi import APIRouter

from bridge.api.provisioning import contact_centers, devices, users
from bridge.api.provisioning.bodies import BODIES
from bridge.api.provisioning.devices import ConfiguredDeviceRenderer
from bridge.api.schema import schemas
from bridge.directory.directory import Directory
from bridge.directory.provisioning import Provisioning
from bridge.voice.service import VoiceService


def router(api: str, directory: Directory, provisioning: Provisioning, service: VoiceService) -> APIRouter:
    """Return all routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter()
    renderer = ConfiguredDeviceRenderer(api, directory, service)
    routes.include_router(users.router(api, directory, provisioning, renderer))
    routes.include_router(devices.router(directory, provisioning, renderer))
    routes.include_router(contact_centers.router(api, provisioning))
    return routes


def components() -> dict[str, schemas.Schema]:
    """Return the schemas of the bodies, made from the structs that read them."""
    return schemas.request_body_schemas(BODIES)
