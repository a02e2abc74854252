"""The way out for calls: an operation is checked against the call it is about, and becomes a request."""

from bridge.voice.gws.calls import Renderer
from bridge.voice.model.device import Call, Device
from bridge.voice.model.devices import Floor
from bridge.voice.model.errors import RefusedError, StatusCode
from bridge.voice.model.pending import Cause, Send
from bridge.voice.operations import CALL_REQUESTS, Operation
from bridge.voice.operations.calls import Dial, dial_request


class CallWork:
    """Carries out operations on the calls of a floor."""

    def __init__(self, floor: Floor, render: Renderer, send: Send) -> None:
        self._floor = floor
        self._render = render
        self._send = send

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

    def on_call(self, user_id: str, call_id: str, body: Operation) -> None:
        """Carry out an operation on a call.

        Raises:
            RefusedError: the user has no such call, the call's state does not allow the operation, the
                user data cannot be attached, or no link to the switch.

        """
        device, call = self._floor.call(user_id, call_id)
        possible = self.possible(device, call)
        if body.name not in possible:
            names = ", ".join(possible)
            text = f"{body.name} is not possible while the call is {call.state}; possible: {names}"
            raise RefusedError(StatusCode.INVALID, text)
        request = CALL_REQUESTS[type(body)](device, call, body)
        self._send(device.switch, request, Cause(body.name, device, call.conn_id))

    def possible(self, device: Device, call: Call) -> tuple[str, ...]:
        """List the operations that are possible on a call now."""
        return self._render.capabilities(device, call)
