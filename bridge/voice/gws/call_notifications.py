"""Notifications about calls."""

from collections.abc import Callable

import msgspec

from bridge.tlib.kv import KVList
from bridge.voice.gws import resources
from bridge.voice.gws.calls import CallRenderer
from bridge.voice.gws.metrics import Stopwatch
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import NotificationType
from bridge.voice.model.device import Device
from bridge.voice.model.pending import RequestFailure
from bridge.voice.model.user_data import to_json

CALLS = "/v2/me/calls"

Deliver = Callable[[str, str, bytes], object]
"""Gives JSON to the sessions of a user: user id, channel, data."""


class CallNotifier:
    """Notifies users of changes of their calls; with a stopwatch, notifications have `metrics`."""

    def __init__(self, renderer: CallRenderer, deliver: Deliver, stopwatch: Stopwatch | None = None) -> None:
        self._renderer = renderer
        self._deliver = deliver
        self._stopwatch = stopwatch
        self._encode = msgspec.json.Encoder().encode

    def notify_call(
        self,
        device: Device,
        call: Call,
        notification_type: NotificationType,
        at: float,
        extensions: KVList | None = None,
    ) -> None:
        """Notify the user of a change of a call.

        Args:
            device: where the call is.
            call: the call after the change.
            notification_type: what has changed.
            at: the time of the change, by the switch's clock.
            extensions: those of the event behind it, if it has some and they are shown.

        """
        if device.user_id is None:
            return
        message = resources.CallStateChangeMessage(
            notification_type=notification_type,
            call=self._renderer.render_call(device, call, at),
            phone_number=device.number,
            extensions=None if extensions is None else to_json(extensions),
            metrics=None if self._stopwatch is None else self._stopwatch.read(),
            message_type="CallStateChangeMessage",
        )
        self._deliver(device.user_id, CALLS, self._encode(message))

    def notify_failure(
        self, device: Device, operation: str, failure: RequestFailure, call: resources.CallResource | None
    ) -> None:
        """Notify the user that an operation on a call, or the making of one, failed."""
        if device.user_id is None:
            return
        message = resources.ErrorMessage(
            notification_type=NotificationType.ERROR,
            operation_name=operation,
            error_code=failure.code,
            error_message=failure.text,
            phone_number=device.number,
            call=call,
            message_type="ErrorMessage",
        )
        self._deliver(device.user_id, CALLS, self._encode(message))
