"""The way out for devices: an operation is checked against the device, and becomes a request."""

from bridge.voice.events.monitoring import Supervision
from bridge.voice.model.agents import Staff
from bridge.voice.model.device_capabilities import capabilities
from bridge.voice.model.devices import Floor
from bridge.voice.model.errors import RefusedError, StatusCode
from bridge.voice.model.pending import Cause, Send, Step
from bridge.voice.operations import Operation
from bridge.voice.operations.device import REQUESTS


class DeviceWork:
    """Carries out operations on devices."""

    def __init__(self, floor: Floor, staff: Staff, supervision: Supervision, send: Send) -> None:
        self._floor = floor
        self._staff = staff
        self._supervision = supervision
        self._send = send

    def on_device(self, user_id: str, device_id: str, body: Operation) -> None:
        """Carry out an operation on a device.

        Raises:
            RefusedError: not the user's device, no session, the device's state does not allow the
                operation, no such target, or no link to the switch.

        """
        device = self._floor.device_of(user_id, device_id)
        if not device.in_session:
            text = f"Device {device.number} is not in a session; send StartContactCenterSession first"
            raise RefusedError(StatusCode.INVALID, text)
        possible = capabilities(device, self._staff.agent(user_id))
        if body.name not in possible:
            text = f"{body.name} is not possible on the device now; possible: {', '.join(possible)}"
            raise RefusedError(StatusCode.INVALID, text)
        make = REQUESTS.get(type(body))
        if make is None:
            self._supervision.on_device(device, body)
        else:
            self._send(device.switch, make(device, body), Cause(body.name, device, step=Step.DEVICE))
