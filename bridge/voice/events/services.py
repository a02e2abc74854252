"""The T-Servers behind the bridge as services: the state and the name of each."""

from bridge.tlib import messages as t
from bridge.voice.gws.device_notifications import DeviceNotifier
from bridge.voice.gws.devices import DeviceRenderer
from bridge.voice.gws.resources import ServiceResource
from bridge.voice.model.devices import Devices


class Services:
    """One service for each switch."""

    def __init__(self, devices: Devices, renderer: DeviceRenderer, notifier: DeviceNotifier) -> None:
        self._devices = devices
        self._renderer = renderer
        self._notifier = notifier
        self._applications: dict[str, str] = {}
        self._up: set[str] = set()

    def of_contact_center(self, contact_center: str) -> list[ServiceResource]:
        """Return the services that the devices of a contact center depend on."""
        switches = {
            device.switch: None for device in self._devices if device.config.contact_center == contact_center
        }
        return [self._service(switch) for switch in switches]

    def on_server_info(self, switch: str, event: t.EventServerInfo) -> None:
        """Record the name of the T-Server's application."""
        self._applications[switch] = event.application_name

    def on_link_changed(self, switch: str, *, up: bool) -> None:
        """Record that the link to a switch came up or went down, and notify the users of its devices."""
        (self._up.add if up else self._up.discard)(switch)
        users = {device.user_id: None for device in self._devices.of_switch(switch) if device.user_id}
        self._notifier.notify_service(users, self._service(switch))

    def is_up(self, switch: str) -> bool:
        """Return whether the link to a switch is up."""
        return switch in self._up

    def _service(self, switch: str) -> ServiceResource:
        name = self._applications.get(switch, switch)
        return self._renderer.render_service(switch, name, up=switch in self._up)
