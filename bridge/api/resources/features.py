"""Reading the features of a contact center, and the features that there are.

Source: GWS v2, Features.
"""

import msgspec
from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields
from bridge.api.schema import schemas
from bridge.api.security import authorization as requests
from bridge.directory.features import FEATURES, Feature
from bridge.directory.model import ContactCenter
from bridge.voice.model.errors import RefusedError, StatusCode


class FeatureResource(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A set of functions that a contact center has or has not."""

    id: str
    display_name: str
    description: str
    auto_assign_on_contact_center_create: bool
    uri: str
    path: str


def of_contact_center(api: str, center: ContactCenter) -> list[FeatureResource]:
    """Write the features of a contact center."""
    return [_feature(api, feature) for feature in FEATURES.values() if center.has(feature.id)]


def router(api: str) -> APIRouter:
    """Make the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2", tags=["features"])

    @routes.get("/features", responses=schemas.addresses("features", FeatureResource))
    async def read_features(request: Request, fields: Fields = None) -> Response:
        center = requests.session(request).user.contact_center
        return views.addresses("features", of_contact_center(api, center), fields)

    @routes.get("/system/features", responses=schemas.addresses("features", FeatureResource))
    async def read_all_features(request: Request, fields: Fields = None) -> Response:
        requests.admin(request)
        return views.addresses("features", [_feature(api, each) for each in FEATURES.values()], fields)

    @routes.get("/features/{feature_id}", responses=schemas.single("feature", FeatureResource, fields=True))
    async def read_feature(request: Request, feature_id: str, fields: Fields = None) -> Response:
        if not requests.session(request).user.contact_center.has(feature_id):
            raise RefusedError(StatusCode.NOT_FOUND, f"The contact center has no feature {feature_id}")
        return views.single("feature", _feature(api, FEATURES[feature_id]), fields)

    return routes


def _feature(api: str, feature: Feature) -> FeatureResource:
    return FeatureResource(
        id=feature.id,
        display_name=feature.display_name,
        description=feature.description,
        auto_assign_on_contact_center_create=feature.auto_assign,
        uri=f"{api}/features/{feature.id}",
        path=f"/features/{feature.id}",
    )
