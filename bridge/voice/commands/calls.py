"""Operations on calls: each is checked against its call, and becomes a request."""

from bridge.voice.gws.versions import CURRENT_VERSION, ApiVersion
from bridge.voice.model.capabilities import possible_call_operations
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.model.pending import PendingRequest, SendRequest
from bridge.voice.operations import CALL_REQUESTS, Operation
from bridge.voice.operations.calls import Dial, dial_request


class CallCommands:
    """Sends the requests of operations on calls."""

    def __init__(self, devices: Devices, send: SendRequest, version: ApiVersion = CURRENT_VERSION) -> None:
        self._devices = devices
        self._version = version
        self._send = send

    def execute_device_calls_operation(self, user_id: str, device_id: str, body: Dial) -> None:
        """Place a call from a device.

        Raises:
            ApiError: not the user's device, no session, user data that cannot be attached, or no
                link to the switch.

        """
        device = self._devices.device_in_session(user_id, device_id)
        request = dial_request(device.number, body)
        self._send(device.switch, request, PendingRequest(body.name, device))

    def execute_call_operation(self, user_id: str, call_id: str, body: Operation) -> None:
        """Execute an operation on a call.

        Raises:
            ApiError: the user has no such call, the call's state does not allow the operation, the
                user data cannot be attached, or no link to the switch.

        """
        device, call = self._devices.call(user_id, call_id)
        operation = type(body)
        name = operation.__name__
        possible = possible_call_operations(device, call, clearable=self._version.has_clear_call)
        if name not in possible:
            text = f"{name} is not possible while the call is {call.state}; possible: {', '.join(possible)}"
            raise ApiError(StatusCode.INVALID, text)
        request = CALL_REQUESTS[operation](device, call, body)
        self._send(device.switch, request, PendingRequest(name, device, call.conn_id))
