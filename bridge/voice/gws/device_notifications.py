"""Notifications about devices, channels and services."""

from collections.abc import Iterable

import msgspec

from bridge.voice.gws import resources
from bridge.voice.gws.call_notifications import Deliver
from bridge.voice.gws.devices import DeviceRenderer
from bridge.voice.gws.metrics import Stopwatch
from bridge.voice.model.call_tables import NotificationType
from bridge.voice.model.device import Device
from bridge.voice.model.pending import PendingRequest, RequestFailure

DEVICES = "/v2/me/devices"
CHANNELS = "/v2/me/channels"
SERVICES = "/notifications/services"


class DeviceNotifier:
    """Notifies users of changes of all but calls; with a stopwatch, notifications have `metrics`."""

    def __init__(
        self, renderer: DeviceRenderer, deliver: Deliver, stopwatch: Stopwatch | None = None
    ) -> None:
        self._renderer = renderer
        self._deliver = deliver
        self._stopwatch = stopwatch
        self._encode = msgspec.json.Encoder().encode
        self._last_notified: dict[str, resources.UserState] = {}

    def notify_device(self, device: Device) -> None:
        """Notify the user of a device of its state, and of that of the voice channel if it has changed."""
        if device.user_id is None:
            return
        message = resources.DeviceStateChangeMessage(
            devices=(self._renderer.render_device(device),),
            metrics=None if self._stopwatch is None else self._stopwatch.read(),
            message_type="DeviceStateChangeMessage",
        )
        self._deliver(device.user_id, DEVICES, self._encode(message))
        self.notify_channel(device.user_id)

    def notify_channel(self, user_id: str) -> None:
        """Notify a user of the state of the voice channel, if it has changed since the last notification."""
        state = self._renderer.render_voice_state(user_id)
        if state == self._last_notified.get(user_id, resources.LOGGED_OUT):
            return
        if state == resources.LOGGED_OUT:
            del self._last_notified[user_id]
        else:
            self._last_notified[user_id] = state
        message = resources.ChannelStateChangeMessage(
            channels=self._renderer.render_channels(user_id), message_type="ChannelStateChangeMessageV2"
        )
        self._deliver(user_id, CHANNELS, self._encode(message))

    def notify_service(self, users: Iterable[str], service: resources.ServiceResource) -> None:
        """Notify users of the state of a service."""
        data = self._encode(
            resources.ServiceStateChangeMessage(services=(service,), message_type="ServiceStateChangeMessage")
        )
        for user in users:
            self._deliver(user, SERVICES, data)

    def notify_failure(self, pending: PendingRequest, operation: str, failure: RequestFailure) -> None:
        """Notify the user who asked for an operation on a device, or on its agent, that it failed."""
        device = pending.device
        user_id = pending.requested_by or device.user_id
        if user_id is None:
            return
        message = resources.ErrorMessage(
            notification_type=NotificationType.ERROR,
            operation_name=operation,
            error_code=failure.code,
            error_message=failure.text,
            phone_number=device.number,
            message_type="ErrorMessage",
        )
        self._deliver(user_id, DEVICES, self._encode(message))
