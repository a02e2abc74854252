"""Contact centers and their features, for operators.

Source: GWS v2, Features. A real server has a separate account for `/ops`, which sees all contact
centers; here each administrator has access to the own contact center alone.
"""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.bodies import JsonBodyReader
from bridge.api.http.fields import Fields
from bridge.api.http.responses import ACCEPTED
from bridge.api.provisioning.bodies import ContactCenterResource, Features
from bridge.api.provisioning.common import DELETED, apply_change, route_docs
from bridge.api.resources.features import FeatureResource, render_features
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.directory.model import ContactCenter
from bridge.directory.provisioning import Provisioning
from bridge.runtime.uris import id_from_uri
from bridge.voice.model.errors import ApiError, StatusCode


def router(api: str, provisioning: Provisioning) -> APIRouter:
    """Return the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2", tags=["provisioning"])
    features = JsonBodyReader(Features)

    @routes.get(
        "/ops/contact-centers", responses=schemas.uri_collection("contactCenters", ContactCenterResource)
    )
    async def read_contact_centers(request: Request, fields: Fields = None) -> Response:
        center = authorization.require_admin(request).contact_center
        return views.uri_collection("contactCenters", [_render_contact_center(api, center)], fields)

    @routes.get(
        "/ops/contact-centers/{center_id}",
        responses=schemas.single_object("contactCenter", ContactCenterResource, fields=True),
    )
    async def read_contact_center(request: Request, center_id: str, fields: Fields = None) -> Response:
        return views.single_object(
            "contactCenter", _render_contact_center(api, _own_contact_center(request, center_id)), fields
        )

    @routes.get(
        "/ops/contact-centers/{center_id}/features",
        responses=schemas.uri_collection("features", FeatureResource),
    )
    async def read_features_of_contact_center(
        request: Request, center_id: str, fields: Fields = None
    ) -> Response:
        rendered: Sequence[FeatureResource] = render_features(api, _own_contact_center(request, center_id))
        return views.uri_collection("features", rendered, fields)

    @routes.post("/ops/contact-centers/{center_id}/features", **route_docs(Features))
    async def add_features(request: Request, center_id: str) -> Response:
        center = _own_contact_center(request, center_id)
        body = await features.read(request)
        await apply_change(provisioning.add_features(center.id, [id_from_uri(uri) for uri in body.uris]))
        return ACCEPTED

    @routes.delete(
        "/ops/contact-centers/{center_id}/features/{feature_id}",
        responses=DELETED,
    )
    async def remove_feature(request: Request, center_id: str, feature_id: str) -> Response:
        await apply_change(
            provisioning.remove_feature(_own_contact_center(request, center_id).id, feature_id)
        )
        return ACCEPTED

    @routes.delete("/features/{feature_id}", responses=DELETED)
    async def remove_own_feature(request: Request, feature_id: str) -> Response:
        await apply_change(
            provisioning.remove_feature(authorization.require_admin(request).contact_center.id, feature_id)
        )
        return ACCEPTED

    return routes


def _own_contact_center(request: Request, center_id: str) -> ContactCenter:
    center = authorization.require_admin(request).contact_center
    if center.id != center_id:
        raise ApiError(StatusCode.NOT_FOUND, "Contact center not found")
    return center


def _render_contact_center(api: str, center: ContactCenter) -> ContactCenterResource:
    path = f"/ops/contact-centers/{center.id}"
    return ContactCenterResource(
        id=center.id,
        name=center.name,
        country_code=center.country,
        features=sorted(center.features),
        uri=f"{api}{path}",
        path=path,
    )
