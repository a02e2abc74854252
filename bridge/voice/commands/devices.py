"""The way out for devices: an operation is checked against the device, and becomes a request."""

from bridge.voice.events.monitoring import SupervisorMonitoring
from bridge.voice.model.agents import Agents
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.model.pending import PendingRequest, Purpose, SendRequest
from bridge.voice.operations import Operation
from bridge.voice.operations.device import REQUESTS
from bridge.voice.operations.permissions import device_capabilities


class DeviceCommands:
    """Carries out operations on devices."""

    def __init__(
        self, devices: Devices, agents: Agents, supervisor_monitoring: SupervisorMonitoring, send: SendRequest
    ) -> None:
        self._devices = devices
        self._agents = agents
        self._supervisor_monitoring = supervisor_monitoring
        self._send = send

    def execute_device_operation(self, user_id: str, device_id: str, body: Operation) -> None:
        """Carry out an operation on a device.

        Raises:
            ApiError: not the user's device, no session, the device's state does not allow the
                operation, no such target, or no link to the switch.

        """
        device = self._devices.device_in_session(user_id, device_id)
        possible_operations = device_capabilities(device, self._agents.agent(user_id))
        if body.name not in possible_operations:
            text = (
                f"{body.name} is not possible on the device now; possible: {', '.join(possible_operations)}"
            )
            raise ApiError(StatusCode.INVALID, text)
        make = REQUESTS.get(type(body))
        if make is None:
            self._supervisor_monitoring.execute_device_operation(device, body)
        else:
            self._send(
                device.switch, make(device, body), PendingRequest(body.name, device, purpose=Purpose.DEVICE)
            )
