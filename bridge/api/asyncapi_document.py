"""The AsyncAPI document: the notifications of each CometD channel, made from the structs that write them.

Source: AsyncAPI 3.0.0. The channels and messages are those of GWS v2, CometD Notifications.
"""

from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Response

from bridge.api.schema import schemas
from bridge.voice.gws import call_notifications, device_notifications, resources

Json = dict[str, Any]

CHANNELS: Final[dict[str, tuple[str, ...]]] = {
    call_notifications.CALLS: ("CallStateChangeMessage", "ErrorMessage"),
    device_notifications.DEVICES: ("DeviceStateChangeMessage", "ErrorMessage"),
    device_notifications.CHANNELS: ("ChannelStateChangeMessageV2",),
    device_notifications.SERVICES: ("ServiceStateChangeMessage",),
}
"""The notifications of each channel, by `messageType`."""

_MESSAGES: Final[dict[str, type[msgspec.Struct]]] = {
    "CallStateChangeMessage": resources.CallStateChangeMessage,
    "ChannelStateChangeMessageV2": resources.ChannelStateChangeMessage,
    "DeviceStateChangeMessage": resources.DeviceStateChangeMessage,
    "ErrorMessage": resources.ErrorMessage,
    "ServiceStateChangeMessage": resources.ServiceStateChangeMessage,
}

_ABOUT: Final = (
    "What the bridge tells over CometD (Bayeux 1.0). A payload is the `data` of a Bayeux message. A client "
    "connects with the credentials of the REST API, subscribes to a channel or to a pattern such as "
    "`/v2/me/*`, and is told what concerns its own user. Nothing is taken that a client publishes."
)


def router(api: str, version: str) -> APIRouter:
    """Return the route; `api` is the external address that ends in `/api/v2`."""
    routes = APIRouter(tags=["documents"])
    body = msgspec.json.encode(build_document(api, version))

    @routes.get("/asyncapi.json", responses=schemas.responses({"type": "object"}))
    async def read_asyncapi() -> Response:
        return Response(body, media_type=schemas.JSON)

    return routes


def build_document(api: str, version: str) -> Json:
    """Return the document."""
    address = urlsplit(api)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "GWS v2 voice notifications", "version": version, "description": _ABOUT},
        "defaultContentType": schemas.JSON,
        "servers": {
            "cometd": {
                "host": address.netloc,
                "pathname": f"{address.path}/notifications",
                "protocol": address.scheme,
                "description": "Bayeux 1.0, by long-polling",
            }
        },
        "channels": {_key(name): _channel(name, message_types) for name, message_types in CHANNELS.items()},
        "operations": {
            f"tell_{_key(name)}": _operation(name, message_types) for name, message_types in CHANNELS.items()
        },
        "components": {
            "messages": {name: _message(name, kind) for name, kind in _MESSAGES.items()},
            "schemas": schemas.components(_MESSAGES.values()),
        },
    }


def _key(channel: str) -> str:
    return channel.strip("/").replace("/", "_")


def _channel(name: str, message_types: tuple[str, ...]) -> Json:
    messages = {kind: {"$ref": f"#/components/messages/{kind}"} for kind in message_types}
    return {"address": name, "messages": messages, "servers": [{"$ref": "#/servers/cometd"}]}


def _operation(name: str, message_types: tuple[str, ...]) -> Json:
    channel = f"#/channels/{_key(name)}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{kind}"} for kind in message_types],
    }


def _message(name: str, kind: type[msgspec.Struct]) -> Json:
    this = {"properties": {"messageType": {"const": name}}}
    return {
        "name": name,
        "summary": (kind.__doc__ or "").partition("\n")[0],
        "contentType": schemas.JSON,
        "payload": {"allOf": [schemas.reference(kind), this]},
    }
