"""Reading the servers behind the bridge: as services, and as the environments of devices.

Source: GWS v2, Services. What a `voiceEnvironmentUri` refers to is on none of the
pages; here it has the id of the service.
"""

from collections.abc import Iterable

import msgspec
from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.directory.model import User
from bridge.runtime.features import VOICE
from bridge.voice.gws.resources import ServiceResource
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.service import VoiceService


class VoiceEnvironment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The switch that devices belong to."""

    id: str
    name: str
    uri: str
    path: str


def router(api: str, service: VoiceService) -> APIRouter:
    """Return the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2", tags=["services"])

    @routes.get("/services", responses=schemas.uri_collection("services", ServiceResource))
    async def read_services(request: Request, fields: Fields = None) -> Response:
        return views.uri_collection(
            "services", _visible_services(service, authorization.http_session(request).user), fields
        )

    @routes.get(
        "/services/{service_id}", responses=schemas.single_object("service", ServiceResource, fields=True)
    )
    async def read_service(request: Request, service_id: str, fields: Fields = None) -> Response:
        found = _find_service(
            _visible_services(service, authorization.http_session(request).user), service_id
        )
        return views.single_object("service", found, fields)

    @routes.get(
        "/voice-environments", responses=schemas.uri_collection("voiceEnvironments", VoiceEnvironment)
    )
    async def read_voice_environments(request: Request, fields: Fields = None) -> Response:
        services = _visible_services(service, authorization.require_voice_user(request))
        return views.uri_collection(
            "voiceEnvironments", [_render_environment(api, each) for each in services], fields
        )

    @routes.get(
        "/voice-environments/{environment_id}",
        responses=schemas.single_object("voiceEnvironment", VoiceEnvironment, fields=True),
    )
    async def read_voice_environment(
        request: Request, environment_id: str, fields: Fields = None
    ) -> Response:
        found = _find_service(
            _visible_services(service, authorization.require_voice_user(request)), environment_id
        )
        return views.single_object("voiceEnvironment", _render_environment(api, found), fields)

    return routes


def _visible_services(service: VoiceService, user: User) -> list[ServiceResource]:
    center = user.contact_center
    return service.services(center.id) if center.has(VOICE) else []


def _find_service(services: Iterable[ServiceResource], service_id: str) -> ServiceResource:
    for service in services:
        if service.id == service_id:
            return service
    raise ApiError(StatusCode.NOT_FOUND, f"The contact center has no service {service_id}")


def _render_environment(api: str, service: ServiceResource) -> VoiceEnvironment:
    path = service.path.replace("/services/", "/voice-environments/", 1)
    return VoiceEnvironment(id=service.id, name=service.name, uri=f"{api}{path}", path=path)
