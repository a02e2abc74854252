"""Writes devices, channels and services as the resources of the API."""

from dataclasses import fields
from typing import Any
from urllib.parse import quote

from bridge.voice.gws import resources
from bridge.voice.gws.user_states import user_state
from bridge.voice.model.agents import Agents
from bridge.voice.model.device import Device, DeviceConfig
from bridge.voice.model.devices import Devices
from bridge.voice.model.monitoring import MonitoringArrangement
from bridge.voice.operations.permissions import device_capabilities

VOICE_CHANNEL = "voice"
"""The one medium that is served here."""

_CONFIGURED = tuple(
    each.name for each in fields(DeviceConfig) if each.name in resources.DeviceResource.__struct_fields__
)
"""The attributes that are shown under their own names, such as `description`; an empty one is absent."""


class DeviceRenderer:
    """Writes resources. `api` is the external address that ends in `/api/v2`."""

    def __init__(self, api: str, devices: Devices, agents: Agents) -> None:
        self._api = api
        self._devices = devices
        self._agents = agents

    def render_device(self, device: Device) -> resources.DeviceResource:
        """Write a device as it is now."""
        presence, monitoring = device.presence, device.monitoring
        configured: dict[str, Any] = {name: getattr(device.config, name) or None for name in _CONFIGURED}
        return resources.DeviceResource(
            **configured,
            device_state="Active" if device.registered and presence.in_service else "Inactive",
            user_state=user_state(device, self._agents),
            phone_number=device.number,
            e164_number="",
            telephony_network="Private",
            do_not_disturb="On" if presence.do_not_disturb else "Off",
            forward_to=presence.forward_to,
            voice_environment_uri=f"{self._api}/voice-environments/{quote(device.switch, safe='')}",
            supervisor_monitoring_state=self._monitoring(device, monitoring),
            capabilities=device_capabilities(device, self._agents.agent(device.user_id)),
            channels=(VOICE_CHANNEL,),
            uri=f"{self._api}/devices/{device.id}",
            path=f"/devices/{device.id}",
        )

    def render_voice_state(self, user_id: str) -> resources.UserState:
        """Say how a user's voice channel is: as the agent at the first device where one is logged in."""
        logged_in = [
            each for each in self._devices.of_user(user_id) if each.agent_session and each.agent_session.login
        ]
        return user_state(logged_in[0], self._agents) if logged_in else resources.LOGGED_OUT

    def render_channels(self, user_id: str) -> tuple[resources.ChannelResource, ...]:
        """Write the media that a user works on."""
        return (
            resources.ChannelResource(channel=VOICE_CHANNEL, user_state=self.render_voice_state(user_id)),
        )

    def render_service(self, switch: str, application: str, *, up: bool) -> resources.ServiceResource:
        """Write the T-Server of a switch as a service."""
        name = quote(switch, safe="")
        return resources.ServiceResource(
            id=switch,
            name=application,
            type="Voice",
            state="Active" if up else "Inactive",
            uri=f"{self._api}/services/{name}",
            path=f"/services/{name}",
        )

    def _monitoring(
        self, device: Device, monitoring: MonitoringArrangement | None
    ) -> resources.SupervisorMonitoringState | None:
        if monitoring is None or not monitoring.is_arranged:
            return None
        target = self._devices.at(device.switch, monitoring.number)
        return resources.SupervisorMonitoringState(
            state=monitoring.state,
            mode=monitoring.mode,
            scope=monitoring.scope,
            target_device_uri=None if target is None else f"{self._api}/devices/{target.id}",
        )
