"""Changes of staff and devices while people work: nobody is disturbed but those whom a change concerns."""

from bridge.voice.commands.sessions import SessionCommands
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.model.agents import Agents
from bridge.voice.model.device import DeviceConfig
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

    def add_or_update_device(self, config: DeviceConfig) -> None:
        """Add or update a device. An active session there ends if the DN or the user changes."""
        known = self._devices.device(config.id)
        if known is not None and (known.switch, known.number) != (config.switch, config.number):
            self.remove_device(config.id)
            known = None
        if known is None:
            self._devices.add(config)
            return
        owner_id = known.config.owner_id
        if owner_id != config.owner_id and known.user_id == owner_id:
            self._session_commands.end_session(known)
        self._devices.configure(known, config)

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
