"""The desk: every device of a site, what is sent out for them and what their users are told.

The way out: an operation is checked against the call it is about and becomes a request, sent on the link
of the device's switch. The way back: an event is folded into the device of its DN, and the device's user
is notified. The desk does no I/O of its own: `send`, `deliver` and the clock are given to it, and the
methods of the last part are what a link calls.
"""

from collections.abc import Iterable, Iterator

from bridge.runtime.clock import Clock
from bridge.tlib import messages as t
from bridge.voice import operations, resources
from bridge.voice.causes import Cause, Failure, Send
from bridge.voice.device import Device
from bridge.voice.floor import Floor
from bridge.voice.notices import Deliver, Notices
from bridge.voice.operations import session
from bridge.voice.operations.calls import REQUESTS, Dial, dial_request
from bridge.voice.refusals import LinkDownError, RefusedError, StatusCode
from bridge.voice.rendering import Renderer
from bridge.voice.view import DeviceView, view
from bridge.voice.watch import Watch

__all__ = ["Cause", "Deliver", "Desk", "Failure", "Send"]


class Desk:
    """All devices, by their users and by their DNs."""

    def __init__(
        self, api: str, devices: Iterable[Device], *, clock: Clock, send: Send, deliver: Deliver
    ) -> None:
        self._floor = Floor(devices, clock)
        self._render = Renderer(api)
        self._notices = Notices(self._render, deliver)
        self._send = send
        self._watch = Watch(self._floor, self._render, self._notices, clock=clock, send=send)

    # --- reading ------------------------------------------------------------------------------------

    def devices(self, user_id: str) -> list[resources.DeviceResource]:
        """Write the user's devices as they are now."""
        return [self._render.device(device) for device in self._floor.of_user(user_id)]

    def calls(self, user_id: str) -> list[resources.CallResource]:
        """Write the user's calls as they are now; released ones are gone."""
        return [
            self._render.call(device, call, self._floor.time_at(device.switch))
            for device in self._floor.of_user(user_id)
            for call in device.calls.values()
        ]

    def call(self, user_id: str, call_id: str) -> resources.CallResource:
        """Write one call as it is now.

        Raises:
            RefusedError: the user has no such call.

        """
        device, call = self._floor.call(user_id, call_id)
        return self._render.call(device, call, self._floor.time_at(device.switch))

    def view(self) -> Iterator[DeviceView]:
        """Write what is held for true of each DN, for operators and for comparing it with a switch."""
        return map(view, self._floor)

    # --- the way out --------------------------------------------------------------------------------

    def on_me(self, user_id: str, body: operations.Operation) -> None:
        """Carry out an operation on the user.

        Raises:
            RefusedError: a channel other than voice, a user without a device, or no link to the switch.

        """
        match body:
            case session.StartContactCenterSession():
                self._start_session(user_id, body)
            case session.EndContactCenterSession():
                self._end_session(user_id, body)

    def _start_session(self, user_id: str, body: session.StartContactCenterSession) -> None:
        """Have the DNs of the user registered. Starting twice registers again, which does no harm."""
        for channel in body.channels:
            if channel != "voice":
                text = f"channels: {channel!r} is not served here, only 'voice'"
                raise RefusedError(StatusCode.INVALID, text)
        devices = self._floor.of_user(user_id)
        if not devices:
            raise RefusedError(StatusCode.INVALID, "The user has no device to work with")
        for device in devices:
            request = t.RequestRegisterAddress(this_dn=device.number)
            self._send(device.switch, request, Cause(body.name, device))
            device.in_session = True

    def _end_session(self, user_id: str, body: session.EndContactCenterSession) -> None:
        """Have the user's DNs unregistered and forget their calls. Without a session nothing is done."""
        for device in self._floor.of_user(user_id):
            if not device.in_session:
                continue
            device.leave()
            request = t.RequestUnregisterAddress(this_dn=device.number)
            try:
                self._send(device.switch, request, Cause(body.name, device))
            except LinkDownError:  # the registration went down with the link
                self._notices.device(device)

    def on_device_calls(self, user_id: str, device_id: str, body: Dial) -> None:
        """Place a call from a device.

        Raises:
            RefusedError: not the user's device, no session, user data that cannot be attached, or no
                link to the switch.

        """
        device = next((d for d in self._floor.of_user(user_id) if d.id == device_id), None)
        if device is None:
            raise RefusedError(StatusCode.NOT_FOUND, f"The user has no device {device_id}")
        if not device.in_session:
            text = f"Device {device.number} is not in a session; send StartContactCenterSession first"
            raise RefusedError(StatusCode.INVALID, text)
        request = dial_request(device.number, body)
        self._send(device.switch, request, Cause(body.name, device))

    def on_call(self, user_id: str, call_id: str, body: operations.Operation) -> None:
        """Carry out an operation on a call.

        Raises:
            RefusedError: the user has no such call, the call's state does not allow the operation, the
                user data cannot be attached, or no link to the switch.

        """
        device, call = self._floor.call(user_id, call_id)
        if body.name not in call.capabilities:
            possible = ", ".join(call.capabilities)
            text = f"{body.name} is not possible while the call is {call.state}; possible: {possible}"
            raise RefusedError(StatusCode.INVALID, text)
        request = REQUESTS[type(body)](device.number, call.conn_id, body)
        self._send(device.switch, request, Cause(body.name, device, call.conn_id))

    # --- the way back: what a link calls -----------------------------------------------------------

    def link_up(self, switch: str) -> None:
        """Have the DNs of all users in session registered, and tell users, after a link came up."""
        self._watch.link_up(switch)

    def link_down(self, switch: str, reason: str) -> None:  # noqa: ARG002 (clients are told of what is lost)
        """Tell users that nothing is heard of the switch and of their devices."""
        self._watch.link_down(switch)

    def received(self, switch: str, event: t.Event, cause: Cause | None) -> None:  # noqa: ARG002 (it tells all)
        """Fold an event into the device of its DN; a DN that is nobody's is passed over."""
        self._watch.received(switch, event)

    def failed(self, switch: str, cause: Cause, failure: Failure) -> None:  # noqa: ARG002 (the device knows it)
        """Tell the user that an accepted operation failed, and find out what became of it if nobody said."""
        self._watch.failed(cause, failure)
