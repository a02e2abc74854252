"""Operations on devices: check the operation against the device, and make it a request."""

from bridge.runtime.uris import id_from_uri
from bridge.voice.events.monitoring import SupervisorMonitoring
from bridge.voice.model.agents import Agents
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.model.monitoring import MonitoringArrangement
from bridge.voice.model.pending import PendingRequest, Purpose, SendRequest
from bridge.voice.operations import Operation
from bridge.voice.operations.device import REQUESTS
from bridge.voice.operations.monitoring import MonitoringOperation
from bridge.voice.operations.permissions import device_capabilities


class DeviceCommands:
    """Carry out operations on devices."""

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
        if make is not None:
            pending = PendingRequest(body.name, device, purpose=Purpose.DEVICE)
            self._send(device.switch, make(device, body), pending)
        elif isinstance(body, MonitoringOperation):
            self._supervisor_monitoring.request(device, self._arrangement(device, body))
        else:  # CancelSupervisorMonitoring
            pending = PendingRequest(body.name, device, purpose=Purpose.MONITOR)
            self._supervisor_monitoring.cancel(device, pending)

    def _arrangement(self, device: Device, body: MonitoringOperation) -> MonitoringArrangement:
        """Return the device that a supervisor wants to listen in to, checked.

        It is of the same contact center and switch, and no other supervisor monitors it.
        """
        target_id = id_from_uri(body.target_device_uri)
        target = self._devices.device(target_id)
        if target is None or target.config.contact_center != device.config.contact_center:
            text = f"targetDeviceUri: the contact center has no device {target_id}"
            raise ApiError(StatusCode.NOT_FOUND, text)
        if target is device or target.switch != device.switch:
            text = f"targetDeviceUri: {device.number} monitors others of {device.switch}, not {target.number}"
            raise ApiError(StatusCode.INVALID, text)
        number = body.phone_number or target.number
        monitored = self._devices.at(device.switch, number)
        if monitored is not None and monitored.config.contact_center != device.config.contact_center:
            text = f"phoneNumber: the contact center has no DN {number} at {device.switch}"
            raise ApiError(StatusCode.NOT_FOUND, text)
        for other in self._devices.of_switch(device.switch):
            arrangement = other.monitoring.arrangement
            if arrangement is not None and arrangement.number == number:
                text = f"targetDeviceUri: {number} is monitored already by {other.number}"
                raise ApiError(StatusCode.INVALID, text)
        return MonitoringArrangement(
            number, body.monitor, body.supervisor_monitoring_mode, body.supervisor_monitoring_scope
        )
