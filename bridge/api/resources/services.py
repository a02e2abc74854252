"""Reading the servers behind the bridge: as services, and as the environments of devices.

Source: GWS v2, Services. What a `voiceEnvironmentUri` leads to is on no page; its id is that of the service.
"""

from collections.abc import Iterable

import msgspec
from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields
from bridge.api.schema import schemas
from bridge.api.security import authorization as requests
from bridge.directory.model import User
from bridge.voice.gws.resources import ServiceResource
from bridge.voice.model.errors import RefusedError, StatusCode
from bridge.voice.operations.base import VOICE
from bridge.voice.service import Desk


class VoiceEnvironment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The switch that devices belong to."""

    id: str
    name: str
    uri: str
    path: str


def router(api: str, desk: Desk) -> APIRouter:
    """Make the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2", tags=["services"])

    @routes.get("/services", responses=schemas.addresses("services", ServiceResource))
    async def read_services(request: Request, fields: Fields = None) -> Response:
        return views.addresses("services", _services(desk, requests.session(request).user), fields)

    @routes.get("/services/{service_id}", responses=schemas.single("service", ServiceResource, fields=True))
    async def read_service(request: Request, service_id: str, fields: Fields = None) -> Response:
        found = _find(_services(desk, requests.session(request).user), service_id)
        return views.single("service", found, fields)

    @routes.get("/voice-environments", responses=schemas.addresses("voiceEnvironments", VoiceEnvironment))
    async def read_voice_environments(request: Request, fields: Fields = None) -> Response:
        services = _services(desk, requests.voice_user(request))
        return views.addresses("voiceEnvironments", [_environment(api, each) for each in services], fields)

    @routes.get(
        "/voice-environments/{environment_id}",
        responses=schemas.single("voiceEnvironment", VoiceEnvironment, fields=True),
    )
    async def read_voice_environment(
        request: Request, environment_id: str, fields: Fields = None
    ) -> Response:
        found = _find(_services(desk, requests.voice_user(request)), environment_id)
        return views.single("voiceEnvironment", _environment(api, found), fields)

    return routes


def _services(desk: Desk, user: User) -> list[ServiceResource]:
    center = user.contact_center
    return desk.services(center.id) if center.has(VOICE) else []


def _find(services: Iterable[ServiceResource], service_id: str) -> ServiceResource:
    for service in services:
        if service.id == service_id:
            return service
    raise RefusedError(StatusCode.NOT_FOUND, f"The contact center has no service {service_id}")


def _environment(api: str, service: ServiceResource) -> VoiceEnvironment:
    path = service.path.replace("/services/", "/voice-environments/", 1)
    return VoiceEnvironment(id=service.id, name=service.name, uri=f"{api}{path}", path=path)
