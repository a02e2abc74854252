"""What users are told, and on which channel."""

from collections.abc import Callable, Iterable

import msgspec

from bridge.tlib.kv import KVList
from bridge.voice import resources
from bridge.voice.causes import Failure
from bridge.voice.device import Call, Device
from bridge.voice.rendering import Renderer
from bridge.voice.tables import Change
from bridge.voice.userdata import to_json

CALLS = "/v2/me/calls"
DEVICES = "/v2/me/devices"
SERVICES = "/notifications/services"

Deliver = Callable[[str, str, bytes], object]
"""Gives JSON to the sessions of a user: user id, channel, data."""


class Notices:
    """Tells users of their calls, their devices and the services these stand on."""

    def __init__(self, render: Renderer, deliver: Deliver) -> None:
        self._render = render
        self._deliver = deliver
        self._encode = msgspec.json.Encoder().encode

    def call(
        self, device: Device, call: Call, change: Change, at: float, extensions: KVList | None = None
    ) -> None:
        """Tell of a change of a call at a time of the switch, with the Extensions of the event behind it."""
        message = resources.CallStateChangeMessage(
            notification_type=change,
            call=self._render.call(device, call, at),
            phone_number=device.number,
            extensions=None if extensions is None else to_json(extensions),
            message_type="CallStateChangeMessage",
        )
        self._deliver(device.user_id, CALLS, self._encode(message))

    def device(self, device: Device) -> None:
        """Tell how a device is now."""
        message = resources.DeviceStateChangeMessage(
            devices=(self._render.device(device),), message_type="DeviceStateChangeMessage"
        )
        self._deliver(device.user_id, DEVICES, self._encode(message))

    def service(self, users: Iterable[str], service: resources.ServiceResource) -> None:
        """Tell users how a service is now."""
        data = self._encode(
            resources.ServiceStateChangeMessage(services=(service,), message_type="ServiceStateChangeMessage")
        )
        for user in users:
            self._deliver(user, SERVICES, data)

    def failure(
        self, device: Device, operation: str, failure: Failure, call: resources.CallResource | None
    ) -> None:
        """Tell that an operation failed; what is about no call or its making is told on devices."""
        message = resources.ErrorMessage(
            notification_type=Change.ERROR,
            operation_name=operation,
            error_code=failure.code,
            error_message=failure.text,
            phone_number=device.number,
            call=call,
            message_type="ErrorMessage",
        )
        channel = DEVICES if is_about_session(operation) else CALLS
        self._deliver(device.user_id, channel, self._encode(message))


def is_about_session(operation: str) -> bool:
    """Tell whether an operation begins or ends a session."""
    return operation.endswith("ContactCenterSession")
