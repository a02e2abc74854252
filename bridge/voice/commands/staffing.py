"""Changes of staff and devices while people work: nobody is disturbed but those whom a change concerns."""

from bridge.voice.commands.sessions import SessionCommands
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.model.agents import Agents
from bridge.voice.model.device import Device
from bridge.voice.model.devices import Devices


class ConfigurationCommands:
    """Takes users and devices in, and lets them go."""

    def __init__(
        self, devices: Devices, agents: Agents, sessions: SessionCommands, notifier: DeviceNotifier
    ) -> None:
        self._devices = devices
        self._agents = agents
        self._session_commands = sessions
        self._notifier = notifier

    def remove_agent(self, user_id: str) -> None:
        """Forget a user, whose session ends."""
        self._session_commands.end(user_id)
        self._agents.remove_agent(user_id)

    def add_or_update_device(self, device: Device) -> None:
        """Take in a device, new or changed; a session there ends if the DN or its user is another one."""
        known = self._devices.device(device.id)
        if known is None:
            self._devices.add(device)
        elif (known.switch, known.number) != (device.switch, device.number):
            self.remove_device(device.id)
            self._devices.add(device)
        else:
            if known.owner_id != device.owner_id:
                if known.user_id == known.owner_id:
                    self._session_commands.end_session(known)
                self._devices.set_owner(known, device.owner_id)
            known.contact_center = device.contact_center
            known.type = device.type
            known.country = device.country
            known.has_recording = device.has_recording
            known.description = device.description

    def remove_device(self, device_id: str) -> None:
        """Forget a device; a session there ends, and its calls are out of sight."""
        device = self._devices.device(device_id)
        if device is None:
            return
        if device.in_session:
            self._session_commands.end_session(device)
            device.registered = False
            self._notifier.notify_device(device)
        self._devices.remove(device)
