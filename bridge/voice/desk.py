"""The desk: every device of a site, what is sent out for them and what their users are told.

The way out: an operation is checked against the call it is about and becomes a request, sent on the link
of the device's switch. The way back: an event is folded into the device of its DN, and the device's user
is notified. The desk does no I/O of its own: `send`, `deliver` and the clock are given to it, and the
methods of the last part are what a link calls.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from bridge.runtime.clock import Clock
from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.tlib.ids import conn_id_text
from bridge.tlib.kv import KVList
from bridge.voice import operations, resources
from bridge.voice.device import Call, Device, Renderer
from bridge.voice.refusals import LinkDownError, RefusedError, StatusCode
from bridge.voice.tables import EFFECTS, Change, State
from bridge.voice.userdata import to_json

CALLS = "/v2/me/calls"
DEVICES = "/v2/me/devices"


@dataclass(frozen=True, slots=True)
class Cause:
    """The operation behind a request; it rides along until the outcome is known."""

    operation: str
    device: Device
    conn_id: int | None = None


class Failure(Protocol):
    """Why a request did not do what it was sent for."""

    @property
    def code(self) -> ErrorCode:
        """The T-Server's error number, or one for a lost outcome."""

    @property
    def text(self) -> str:
        """The reason, in words for people."""


Send = Callable[[str, t.Request, Cause], None]
"""Puts a request on the link of a switch; raises `LinkDownError` when that cannot be done now."""

Deliver = Callable[[str, str, bytes], object]
"""Gives JSON to the sessions of a user: user id, channel, data."""


class Desk:
    """All devices, by their users and by their DNs."""

    def __init__(
        self, api: str, devices: Iterable[Device], *, clock: Clock, send: Send, deliver: Deliver
    ) -> None:
        self._render = Renderer(api)
        self._encode = msgspec.json.Encoder().encode
        self._clock = clock
        self._send = send
        self._deliver = deliver
        self._by_dn: dict[str, dict[str, Device]] = {}
        self._by_user: dict[str, list[Device]] = {}
        self._ahead: dict[str, float] = {}
        for device in devices:
            self._by_dn.setdefault(device.switch, {})[device.number] = device
            self._by_user.setdefault(device.user_id, []).append(device)

    # --- reading ------------------------------------------------------------------------------------

    def devices(self, user_id: str) -> list[resources.DeviceResource]:
        """Write the user's devices as they are now."""
        return [self._render.device(device) for device in self._by_user.get(user_id, ())]

    def calls(self, user_id: str) -> list[resources.CallResource]:
        """Write the user's calls as they are now; released ones are gone."""
        return [
            self._render.call(device, call, self._switch_time(device))
            for device in self._by_user.get(user_id, ())
            for call in device.calls.values()
        ]

    def call(self, user_id: str, call_id: str) -> resources.CallResource:
        """Write one call as it is now.

        Raises:
            RefusedError: the user has no such call.

        """
        device, call = self._find(user_id, call_id)
        return self._render.call(device, call, self._switch_time(device))

    # --- the way out --------------------------------------------------------------------------------

    def start_session(self, user_id: str, body: operations.StartContactCenterSession) -> None:
        """Have the DNs of the user registered. Starting twice registers again, which does no harm.

        Raises:
            RefusedError: a channel other than voice, a user without a device, or no link to the switch.

        """
        for channel in body.channels:
            if channel != "voice":
                text = f"channels: {channel!r} is not served here, only 'voice'"
                raise RefusedError(StatusCode.INVALID, text)
        devices = self._by_user.get(user_id)
        if not devices:
            raise RefusedError(StatusCode.INVALID, "The user has no device to work with")
        for device in devices:
            self._register(device, body.name)
            device.in_session = True

    def end_session(self, user_id: str, body: operations.EndContactCenterSession) -> None:
        """Have the user's DNs unregistered and forget their calls. Without a session nothing is done."""
        for device in self._by_user.get(user_id, ()):
            if not device.in_session:
                continue
            device.in_session = False
            device.calls.clear()
            request = t.RequestUnregisterAddress(this_dn=device.number)
            try:
                self._send(device.switch, request, Cause(body.name, device))
            except LinkDownError:  # the registration went down with the link
                self._tell_device(device)

    def dial(self, user_id: str, device_id: str, body: operations.Dial) -> None:
        """Place a call from a device.

        Raises:
            RefusedError: not the user's device, no session, user data that cannot be attached, or no
                link to the switch.

        """
        device = next((d for d in self._by_user.get(user_id, ()) if d.id == device_id), None)
        if device is None:
            raise RefusedError(StatusCode.NOT_FOUND, f"The user has no device {device_id}")
        if not device.in_session:
            text = f"Device {device.number} is not in a session; send StartContactCenterSession first"
            raise RefusedError(StatusCode.INVALID, text)
        request = operations.dial_request(device.number, body)
        self._send(device.switch, request, Cause(body.name, device))

    def operate(self, user_id: str, call_id: str, body: operations.CallOperation) -> None:
        """Carry out an operation on a call.

        Raises:
            RefusedError: the user has no such call, the call's state does not allow the operation, the
                user data cannot be attached, or no link to the switch.

        """
        device, call = self._find(user_id, call_id)
        if body.name not in call.capabilities:
            possible = ", ".join(call.capabilities)
            text = f"{body.name} is not possible while the call is {call.state}; possible: {possible}"
            raise RefusedError(StatusCode.INVALID, text)
        request = operations.REQUESTS[type(body)](device.number, call.conn_id, body)
        self._send(device.switch, request, Cause(body.name, device, call.conn_id))

    # --- the way back: what a link calls -----------------------------------------------------------

    def link_up(self, switch: str) -> None:
        """Have the DNs of all users in session registered, after a link came up."""
        for device in self._by_dn.get(switch, {}).values():
            if device.in_session:
                self._register(device, operations.StartContactCenterSession.__name__)

    def link_down(self, switch: str, reason: str) -> None:  # noqa: ARG002 (clients are told of the device)
        """Tell the users that nothing is heard of their devices."""
        for device in self._by_dn.get(switch, {}).values():
            if device.registered:
                device.registered = False
                self._tell_device(device)

    def received(self, switch: str, event: t.Event, cause: Cause | None) -> None:  # noqa: ARG002 (it tells all)
        """Fold an event into the device of its DN; a DN that is nobody's is passed over."""
        if not isinstance(event, t.CallEvent | t.EventRegistered | t.EventUnregistered):
            return
        device = self._by_dn.get(switch, {}).get(event.this_dn)
        if device is None:
            return
        self._ahead[switch] = event.time - self._clock.now()
        if isinstance(event, t.CallEvent):
            if device.in_session:
                self._fold(device, event)
        else:
            device.registered = device.in_session and isinstance(event, t.EventRegistered)
            self._tell_device(device)
            if device.registered:
                self._release_vanished(device, event)

    def failed(self, switch: str, cause: Cause, failure: Failure) -> None:  # noqa: ARG002 (the device knows it)
        """Tell the user that an accepted operation failed."""
        device = cause.device
        about_session = cause.operation.endswith("ContactCenterSession")
        if about_session and failure.code not in (ErrorCode.LinkDown, ErrorCode.Timeout):
            device.in_session = False
        call = device.calls.get(cause.conn_id) if cause.conn_id is not None else None
        message = resources.ErrorMessage(
            notification_type=Change.ERROR,
            operation_name=cause.operation,
            error_code=failure.code,
            error_message=failure.text,
            phone_number=device.number,
            call=self._render.call(device, call, self._switch_time(device)) if call else None,
            message_type="ErrorMessage",
        )
        self._deliver(device.user_id, DEVICES if about_session else CALLS, self._encode(message))

    # --- inside ------------------------------------------------------------------------------------

    def _find(self, user_id: str, call_id: str) -> tuple[Device, Call]:
        for device in self._by_user.get(user_id, ()):
            call = device.call(call_id)
            if call is not None:
                return device, call
        raise RefusedError(StatusCode.NOT_FOUND, f"The user has no call {call_id}")

    def _register(self, device: Device, operation: str) -> None:
        request = t.RequestRegisterAddress(this_dn=device.number)
        self._send(device.switch, request, Cause(operation, device))

    def _switch_time(self, device: Device) -> float:
        """Say what time it is at the switch; that differs from ours when its clock is held."""
        return self._clock.now() + self._ahead.get(device.switch, 0.0)

    def _fold(self, device: Device, event: t.CallEvent) -> None:
        effect = EFFECTS.get(type(event))
        if effect is None:
            return
        call = device.calls.get(event.conn_id)
        if call is None:
            call = device.calls[event.conn_id] = Call(event)
        call.apply(event, effect)
        if call.state is State.RELEASED:
            del device.calls[event.conn_id]
        if effect.change is not None:
            self._tell_call(device, call, effect.change, event.time, event.extensions)

    def _release_vanished(self, device: Device, registered: t.EventRegistered | t.EventUnregistered) -> None:
        """Release the calls that ended while nothing was heard: a registration names those that live.

        Source: T-Library Events and Models, EventRegistered: the keys conn-1, conn-2, ... of Extensions.
        """
        alive = {value for key, value in registered.extensions or () if key.startswith("conn-")}
        for call in [c for c in device.calls.values() if conn_id_text(c.conn_id) not in alive]:
            del device.calls[call.conn_id]
            call.state = State.RELEASED
            self._tell_call(device, call, Change.STATUS, registered.time, None)

    def _tell_call(
        self, device: Device, call: Call, change: Change, at: float, extensions: KVList | None
    ) -> None:
        message = resources.CallStateChangeMessage(
            notification_type=change,
            call=self._render.call(device, call, at),
            phone_number=device.number,
            extensions=None if extensions is None else to_json(extensions),
            message_type="CallStateChangeMessage",
        )
        self._deliver(device.user_id, CALLS, self._encode(message))

    def _tell_device(self, device: Device) -> None:
        message = resources.DeviceStateChangeMessage(
            devices=(self._render.device(device),), message_type="DeviceStateChangeMessage"
        )
        self._deliver(device.user_id, DEVICES, self._encode(message))
