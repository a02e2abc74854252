"""Contact centers and their features, for operators.

Source: GWS v2, Features. A real server has an account of its own for `/ops`, which sees all contact
centers; here administrators do it for their own, and see no other.
"""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.bodies import Body
from bridge.api.http.fields import Fields
from bridge.api.http.responses import ACCEPTED
from bridge.api.provisioning.bodies import ContactCenterResource, Features
from bridge.api.provisioning.common import DELETED, described, done, last_part
from bridge.api.resources.features import FeatureResource, of_contact_center
from bridge.api.schema import schemas
from bridge.api.security import authorization as requests
from bridge.directory.model import ContactCenter
from bridge.directory.provisioning import Provisioning
from bridge.voice.model.errors import RefusedError, StatusCode


def router(api: str, provisioning: Provisioning) -> APIRouter:
    """Make the routes; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(prefix="/api/v2", tags=["provisioning"])
    features = Body(Features)

    @routes.get("/ops/contact-centers", responses=schemas.addresses("contactCenters", ContactCenterResource))
    async def read_contact_centers(request: Request, fields: Fields = None) -> Response:
        center = requests.admin(request).contact_center
        return views.addresses("contactCenters", [_contact_center(api, center)], fields)

    @routes.get(
        "/ops/contact-centers/{center_id}",
        responses=schemas.single("contactCenter", ContactCenterResource, fields=True),
    )
    async def read_contact_center(request: Request, center_id: str, fields: Fields = None) -> Response:
        return views.single("contactCenter", _contact_center(api, _own(request, center_id)), fields)

    @routes.get(
        "/ops/contact-centers/{center_id}/features",
        responses=schemas.addresses("features", FeatureResource),
    )
    async def read_features_of_contact_center(
        request: Request, center_id: str, fields: Fields = None
    ) -> Response:
        shown: Sequence[FeatureResource] = of_contact_center(api, _own(request, center_id))
        return views.addresses("features", shown, fields)

    @routes.post("/ops/contact-centers/{center_id}/features", **described(Features))
    async def add_features(request: Request, center_id: str) -> Response:
        center = _own(request, center_id)
        body = await features.read(request)
        await done(provisioning.add_features(center.id, [last_part(uri) for uri in body.uris]))
        return ACCEPTED

    @routes.delete(
        "/ops/contact-centers/{center_id}/features/{feature_id}",
        responses=DELETED,
    )
    async def remove_feature(request: Request, center_id: str, feature_id: str) -> Response:
        await done(provisioning.remove_feature(_own(request, center_id).id, feature_id))
        return ACCEPTED

    @routes.delete("/features/{feature_id}", responses=DELETED)
    async def remove_own_feature(request: Request, feature_id: str) -> Response:
        await done(provisioning.remove_feature(requests.admin(request).contact_center.id, feature_id))
        return ACCEPTED

    return routes


def _own(request: Request, center_id: str) -> ContactCenter:
    center = requests.admin(request).contact_center
    if center.id != center_id:
        raise RefusedError(StatusCode.NOT_FOUND, "Contact center not found")
    return center


def _contact_center(api: str, center: ContactCenter) -> ContactCenterResource:
    path = f"/ops/contact-centers/{center.id}"
    return ContactCenterResource(
        id=center.id,
        name=center.name,
        country_code=center.country,
        features=sorted(center.features),
        uri=f"{api}{path}",
        path=path,
    )
