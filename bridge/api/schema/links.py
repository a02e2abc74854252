"""The links from an answer to the next request, for the OpenAPI document."""

from typing import Any, Final

Link = dict[str, Any]


def operation_id(method: str, path: str) -> str:
    """Return the operationId of a method and a path, such as `getMeCallsCallId`."""
    words = path.removeprefix("/api/v2").replace("-", "_").replace(".", "_").replace("/", "_").split("_")
    return method + "".join(word.strip("{}").capitalize() for word in words)


def _link(method: str, path: str, description: str, **parameters: str) -> Link:
    return {
        "operationId": operation_id(method, path),
        "description": description,
        **({"parameters": parameters} if parameters else {}),
    }


_FIRST_CALL: Final = "$response.body#/calls/0/id"
_FIRST_DEVICE: Final = "$response.body#/devices/0/id"
_API: Final = "/api/v2"
_CALLS: Final = {
    "theCall": _link("get", f"{_API}/me/calls/{{call_id}}", "Read a call", call_id=_FIRST_CALL),
    "operateOnTheCall": _link(
        "post", f"{_API}/me/calls/{{call_id}}", "Operate on a call", call_id=_FIRST_CALL
    ),
}

LINKS: Final[dict[tuple[str, str], dict[str, Link]]] = {
    ("post", f"{_API}/me"): {
        "devices": _link("get", f"{_API}/me/devices", "The devices of the session"),
        "calls": _link("get", f"{_API}/me/calls", "The calls at them"),
    },
    ("get", f"{_API}/me/devices"): {
        "theDevice": _link(
            "get", f"{_API}/me/devices/{{device_id}}", "Read a device", device_id=_FIRST_DEVICE
        ),
        "operateOnTheDevice": _link(
            "post", f"{_API}/me/devices/{{device_id}}", "Operate on a device", device_id=_FIRST_DEVICE
        ),
        "dial": _link(
            "post", f"{_API}/me/devices/{{device_id}}/calls", "Dial from a device", device_id=_FIRST_DEVICE
        ),
        "callsOfTheDevice": _link(
            "get", f"{_API}/me/devices/{{device_id}}/calls", "The calls at a device", device_id=_FIRST_DEVICE
        ),
        "settingsOfTheDevice": _link(
            "get",
            f"{_API}/me/devices/{{device_id}}/settings/tserver",
            "The settings of a device",
            device_id=_FIRST_DEVICE,
        ),
    },
    ("post", f"{_API}/me/devices/{{device_id}}/calls"): {
        "calls": _link("get", f"{_API}/me/calls", "The new call is among them, once it is there"),
    },
    ("get", f"{_API}/me/calls"): _CALLS,
    ("get", f"{_API}/me/devices/{{device_id}}/calls"): _CALLS,
    ("get", f"{_API}/me/channels"): {
        "operateOnTheChannel": _link(
            "post",
            f"{_API}/me/channels/{{channel}}",
            "Set the agent state",
            channel="$response.body#/channels/0/channel",
        ),
    },
    ("get", f"{_API}/contacts"): {
        "theContact": _link(
            "get",
            f"{_API}/contacts/{{contact_id}}",
            "Read a contact",
            contact_id="$response.body#/contacts/0/id",
        ),
    },
    ("get", f"{_API}/features"): {
        "theFeature": _link(
            "get",
            f"{_API}/features/{{feature_id}}",
            "Read a feature",
            feature_id="$response.body#/features/0/id",
        ),
    },
    ("get", f"{_API}/services"): {
        "theService": _link(
            "get",
            f"{_API}/services/{{service_id}}",
            "Read a service",
            service_id="$response.body#/services/0/id",
        ),
        "theEnvironment": _link(
            "get",
            f"{_API}/voice-environments/{{environment_id}}",
            "Read the environment of the same id",
            environment_id="$response.body#/services/0/id",
        ),
    },
}
"""The links of an answer, by the method and the path of its request."""
