"""Reading `/api/v2/me`: the user, and what belongs to the user.

Source: GWS v2, Resources (subresources), User resource, Recovering the state.
"""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields, Subresources
from bridge.api.http.responses import found
from bridge.api.resources.features import FeatureResource, of_contact_center
from bridge.api.resources.user import UserResource, user_resource
from bridge.api.schema import schemas
from bridge.api.security import authorization as requests
from bridge.directory.model import User
from bridge.voice.gws.resources import CallResource, ChannelResource, DeviceResource
from bridge.voice.operations.base import VOICE
from bridge.voice.service import Desk


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


def router(api: str, desk: Desk) -> APIRouter:
    """Make the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2/me", tags=["me"])

    @routes.get("", responses=schemas.single("user", Me, fields=True))
    async def read_me(request: Request, subresources: Subresources = None, fields: Fields = None) -> Response:
        user = requests.session(request).user
        offered = _subresources(api, desk, user)
        asked = views.wanted(subresources, tuple(offered))
        shown = views.members(user_resource(api, user), fields)
        return found(user=shown | {name: offered[name]() for name in asked})

    @routes.get("/features", responses=schemas.addresses("features", FeatureResource))
    async def read_features(request: Request, fields: Fields = None) -> Response:
        center = requests.session(request).user.contact_center
        return views.addresses("features", of_contact_center(api, center), fields)

    @routes.get("/settings", responses=schemas.responses(schemas.answer({"settings": {"type": "object"}})))
    async def read_settings() -> Response:
        return found(settings={})

    @routes.get("/skills", responses=schemas.responses(schemas.answer({}), "None: skills are not served"))
    async def read_skills(fields: Fields = None) -> Response:
        return views.addresses("skills", (), fields)

    return routes


def _subresources(api: str, desk: Desk, user: User) -> dict[str, Callable[[], Any]]:
    """Offer what belongs to the user; what is of a feature that the contact center lacks is not there."""
    voice: dict[str, Callable[[], Any]] = {
        "devices": lambda: desk.devices(user.id),
        "calls": lambda: desk.calls(user.id),
        "channels": lambda: desk.channels(user.id),
    }
    return (voice if user.contact_center.has(VOICE) else {}) | {
        "features": lambda: of_contact_center(api, user.contact_center),
        "settings": dict,
        "skills": list,
        "interactions": list,
        "chats": list,
    }
