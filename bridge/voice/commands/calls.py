"""The way out for calls: an operation is checked against the call it is about, and becomes a request."""

from bridge.voice.gws.calls import CallRenderer
from bridge.voice.model.call import Call
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.model.pending import PendingRequest, SendRequest
from bridge.voice.operations import CALL_REQUESTS, Operation
from bridge.voice.operations.calls import Dial, dial_request


class CallCommands:
    """Carries out operations on the calls of a floor."""

    def __init__(self, devices: Devices, renderer: CallRenderer, send: SendRequest) -> None:
        self._devices = devices
        self._renderer = renderer
        self._send = send

    def execute_device_calls_operation(self, user_id: str, device_id: str, body: Dial) -> None:
        """Place a call from a device.

        Raises:
            ApiError: not the user's device, no session, user data that cannot be attached, or no
                link to the switch.

        """
        device = next((d for d in self._devices.of_user(user_id) if d.id == device_id), None)
        if device is None:
            raise ApiError(StatusCode.NOT_FOUND, f"The user has no device {device_id}")
        if not device.in_session:
            text = f"Device {device.number} is not in a session; send StartContactCenterSession first"
            raise ApiError(StatusCode.INVALID, text)
        request = dial_request(device.number, body)
        self._send(device.switch, request, PendingRequest(body.name, device))

    def execute_call_operation(self, user_id: str, call_id: str, body: Operation) -> None:
        """Carry out an operation on a call.

        Raises:
            ApiError: the user has no such call, the call's state does not allow the operation, the
                user data cannot be attached, or no link to the switch.

        """
        device, call = self._devices.call(user_id, call_id)
        possible_operations = self.possible_operations(device, call)
        if body.name not in possible_operations:
            names = ", ".join(possible_operations)
            text = f"{body.name} is not possible while the call is {call.state}; possible: {names}"
            raise ApiError(StatusCode.INVALID, text)
        request = CALL_REQUESTS[type(body)](device, call, body)
        self._send(device.switch, request, PendingRequest(body.name, device, call.conn_id))

    def possible_operations(self, device: Device, call: Call) -> tuple[str, ...]:
        """List the operations that are possible on a call now."""
        return self._renderer.capabilities(device, call)
