"""Reading `/api/v2/me`: the user, and what belongs to the user.

Source: GWS v2, Resources (subresources), User resource, Recovering the state.
"""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields, Subresources
from bridge.api.http.responses import ok_response
from bridge.api.resources.features import FeatureResource, render_features
from bridge.api.resources.user import UserResource, render_user
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.directory.model import User
from bridge.runtime.features import VOICE
from bridge.voice.gws.resources import CallResource, ChannelResource, DeviceResource
from bridge.voice.service import VoiceService


class Me(UserResource, frozen=True, kw_only=True):
    """The user who asks, with the subresources that were asked for."""

    devices: Sequence[DeviceResource] | None = None
    calls: Sequence[CallResource] | None = None
    channels: Sequence[ChannelResource] | None = None
    features: Sequence[FeatureResource] | None = None
    settings: dict[str, Any] | None = None
    skills: tuple[str, ...] | None = None
    interactions: tuple[str, ...] | None = None
    chats: tuple[str, ...] | None = None


def router(api: str, service: VoiceService) -> APIRouter:
    """Return the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2/me", tags=["me"])

    @routes.get("", responses=schemas.single_object("user", Me, fields=True))
    async def read_me(request: Request, subresources: Subresources = None, fields: Fields = None) -> Response:
        user = authorization.http_session(request).user
        available = _available_subresources(api, service, user)
        requested = views.requested_names(subresources, tuple(available))
        rendered = views.select_members(render_user(api, user), fields)
        return ok_response(user=rendered | {name: available[name]() for name in requested})

    @routes.get("/features", responses=schemas.uri_collection("features", FeatureResource))
    async def read_features(request: Request, fields: Fields = None) -> Response:
        center = authorization.http_session(request).user.contact_center
        return views.uri_collection("features", render_features(api, center), fields)

    @routes.get(
        "/settings", responses=schemas.responses(schemas.success_schema({"settings": {"type": "object"}}))
    )
    async def read_settings() -> Response:
        return ok_response(settings={})

    @routes.get(
        "/skills", responses=schemas.responses(schemas.success_schema({}), "None: skills are not served")
    )
    async def read_skills(fields: Fields = None) -> Response:
        return views.uri_collection("skills", (), fields)

    return routes


def _available_subresources(api: str, service: VoiceService, user: User) -> dict[str, Callable[[], Any]]:
    """Return the subresources of a user, without those of features that the contact center lacks."""
    voice: dict[str, Callable[[], Any]] = {
        "devices": lambda: service.devices(user.id),
        "calls": lambda: service.calls(user.id),
        "channels": lambda: service.channels(user.id),
    }
    return (voice if user.contact_center.has(VOICE) else {}) | {
        "features": lambda: render_features(api, user.contact_center),
        "settings": dict,
        "skills": list,
        "interactions": list,
        "chats": list,
    }
