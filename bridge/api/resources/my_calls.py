"""Reading the calls, and the channels, of the user who asks.

Source: GWS v2, Call resource and Recovering the state.
"""

from fastapi import APIRouter, Request, Response

from bridge.api.http import fields as views
from bridge.api.http.fields import Fields
from bridge.api.schema import schemas
from bridge.api.security import authorization as requests
from bridge.voice.gws.resources import CallResource, ChannelResource
from bridge.voice.model.errors import RefusedError, StatusCode
from bridge.voice.service import Desk


def router(desk: Desk) -> APIRouter:
    """Make the routes."""
    routes = APIRouter(prefix="/api/v2/me", tags=["me"])

    @routes.get("/calls", responses=schemas.addresses("calls", CallResource))
    async def read_calls(request: Request, fields: Fields = None) -> Response:
        return views.addresses("calls", desk.calls(requests.voice_user(request).id), fields)

    @routes.get("/calls/{call_id}", responses=schemas.single("call", CallResource, fields=True))
    async def read_call(request: Request, call_id: str, fields: Fields = None) -> Response:
        return views.single("call", desk.call(requests.voice_user(request).id, call_id), fields)

    @routes.get("/channels", responses=schemas.objects("channels", ChannelResource))
    async def read_channels(request: Request, fields: Fields = None) -> Response:
        return views.objects("channels", desk.channels(requests.voice_user(request).id), fields)

    @routes.get("/channels/{channel}", responses=schemas.single("channel", ChannelResource, fields=True))
    async def read_channel(request: Request, channel: str, fields: Fields = None) -> Response:
        for each in desk.channels(requests.voice_user(request).id):
            if each.channel == channel:
                return views.single("channel", each, fields)
        raise RefusedError(StatusCode.NOT_FOUND, f"The user has no channel {channel}")

    return routes
