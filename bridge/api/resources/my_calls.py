"""Reading the calls and the channels of the user who sent the request.

Source: GWS v2, Call resource and Recovering the state.
"""

from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields
from bridge.api.schema import schemas
from bridge.api.security import authorization
from bridge.voice.gws.resources import CallResource, ChannelResource
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.service import VoiceService


def router(service: VoiceService) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/v2/me", tags=["me"])

    @routes.get("/calls", responses=schemas.uri_collection("calls", CallResource))
    async def read_calls(request: Request, fields: Fields = None) -> Response:
        return views.uri_collection(
            "calls", service.calls(authorization.require_voice_user(request).id), fields
        )

    @routes.get("/calls/{call_id}", responses=schemas.single_object("call", CallResource, fields=True))
    async def read_call(request: Request, call_id: str, fields: Fields = None) -> Response:
        return views.single_object(
            "call", service.call(authorization.require_voice_user(request).id, call_id), fields
        )

    @routes.get("/channels", responses=schemas.object_collection("channels", ChannelResource))
    async def read_channels(request: Request, fields: Fields = None) -> Response:
        return views.object_collection(
            "channels", service.channels(authorization.require_voice_user(request).id), fields
        )

    @routes.get(
        "/channels/{channel}", responses=schemas.single_object("channel", ChannelResource, fields=True)
    )
    async def read_channel(request: Request, channel: str, fields: Fields = None) -> Response:
        for each in service.channels(authorization.require_voice_user(request).id):
            if each.channel == channel:
                return views.single_object("channel", each, fields)
        raise ApiError(StatusCode.NOT_FOUND, f"The user has no channel {channel}")

    return routes
