"""Reading the features of a contact center, and the features that there are.

Source: GWS v2, Features.
"""

import msgspec
from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.directory.model import ContactCenter
from bridge.runtime.features import FEATURES, Feature
from bridge.voice.model.errors import ApiError, StatusCode


class FeatureResource(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A set of functions that a contact center has or has not."""

    id: str
    display_name: str
    description: str
    auto_assign_on_contact_center_create: bool
    uri: str
    path: str


def render_features(api: str, center: ContactCenter) -> list[FeatureResource]:
    """Return the features of a contact center as resources."""
    return [_render_feature(api, feature) for feature in FEATURES.values() if center.has(feature.id)]


def router(api: str) -> APIRouter:
    """Return the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2", tags=["features"])

    @routes.get("/features", responses=schemas.uri_collection("features", FeatureResource))
    async def read_features(request: Request, fields: Fields = None) -> Response:
        center = authorization.http_session(request).user.contact_center
        return views.uri_collection("features", render_features(api, center), fields)

    @routes.get("/system/features", responses=schemas.uri_collection("features", FeatureResource))
    async def read_all_features(request: Request, fields: Fields = None) -> Response:
        authorization.require_admin(request)
        return views.uri_collection(
            "features", [_render_feature(api, each) for each in FEATURES.values()], fields
        )

    @routes.get(
        "/features/{feature_id}", responses=schemas.single_object("feature", FeatureResource, fields=True)
    )
    async def read_feature(request: Request, feature_id: str, fields: Fields = None) -> Response:
        if not authorization.http_session(request).user.contact_center.has(feature_id):
            raise ApiError(StatusCode.NOT_FOUND, f"The contact center has no feature {feature_id}")
        return views.single_object("feature", _render_feature(api, FEATURES[feature_id]), fields)

    return routes


def _render_feature(api: str, feature: Feature) -> FeatureResource:
    return FeatureResource(
        id=feature.id,
        display_name=feature.display_name,
        description=feature.description,
        auto_assign_on_contact_center_create=feature.auto_assign,
        uri=f"{api}/features/{feature.id}",
        path=f"/features/{feature.id}",
    )
