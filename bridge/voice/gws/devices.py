"""Render devices, channels and services as the resources of the API.

Sources: GWS v2, Device resource and agent states; the ids of the states are published constants. A state of
the contact center's own is known again by its work mode and reason code.
"""

from dataclasses import fields
from typing import Any
from urllib.parse import quote

from bridge.voice.gws import resources
from bridge.voice.model.agent_state import AgentState, Presence
from bridge.voice.model.agents import Agents, CustomState
from bridge.voice.model.device import Device, DeviceConfig
from bridge.voice.model.devices import Devices
from bridge.voice.operations.permissions import device_capabilities

VOICE_CHANNEL = "voice"
"""The only channel of this bridge."""

USER_STATES: dict[AgentState, resources.UserState] = {
    AgentState.LOGGED_OUT: resources.LOGGED_OUT,
    AgentState.LOGGED_IN: resources.LOGGED_IN,
    AgentState.NOT_READY: resources.UserState(
        id="900D55CC-2BB0-431F-8BF9-D3525B383BE6", display_name="Not Ready", state="NotReady"
    ),
    AgentState.READY: resources.UserState(
        id="9430250E-0A1B-421F-B372-F29E69366DED", display_name="Ready", state="Ready"
    ),
    AgentState.AFTER_CALL_WORK: resources.UserState(
        id="D3663509-3D82-4DD3-A82E-2EA8EFA02AEF",
        display_name="AfterCallWork",
        state="NotReady",
        work_mode="AfterCallWork",
    ),
    AgentState.AUX_WORK: resources.UserState(
        id="2B36138D-C564-4562-A8CB-3C32D564F296",
        display_name="AuxWork",
        state="NotReady",
        work_mode="AuxWork",
    ),
}
"""`userState` of each agent state that every contact center has."""

_CONFIGURED = tuple(
    each.name for each in fields(DeviceConfig) if each.name in resources.DeviceResource.__struct_fields__
)
"""The attributes that are shown under their own names, such as `description`; an empty one is absent."""


class DeviceRenderer:
    """Renders resources. `api` is the external address that ends in `/api/v2`."""

    def __init__(self, api: str, devices: Devices, agents: Agents) -> None:
        self._api = api
        self._devices = devices
        self._agents = agents

    def render_device(self, device: Device) -> resources.DeviceResource:
        """Return the resource of a device as it is now."""
        presence = device.presence
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
            supervisor_monitoring_state=self._render_monitoring(device),
            capabilities=device_capabilities(device, self._agents.agent(device.user_id)),
            channels=(VOICE_CHANNEL,),
            uri=f"{self._api}/devices/{device.id}",
            path=f"/devices/{device.id}",
        )

    def render_voice_state(self, user_id: str) -> resources.UserState:
        """Return the `userState` of a user's voice channel: that of the first device with a login."""
        logged_in = [each for each in self._devices.of_user(user_id) if each.agent_session.login is not None]
        return user_state(logged_in[0], self._agents) if logged_in else resources.LOGGED_OUT

    def render_channels(self, user_id: str) -> tuple[resources.ChannelResource, ...]:
        """Return the channel resources of a user."""
        return (
            resources.ChannelResource(channel=VOICE_CHANNEL, user_state=self.render_voice_state(user_id)),
        )

    def render_service(self, switch: str, application: str, *, up: bool) -> resources.ServiceResource:
        """Return the service resource of a switch's T-Server."""
        name = quote(switch, safe="")
        return resources.ServiceResource(
            id=switch,
            name=application,
            type="Voice",
            state="Active" if up else "Inactive",
            uri=f"{self._api}/services/{name}",
            path=f"/services/{name}",
        )

    def _render_monitoring(self, device: Device) -> resources.SupervisorMonitoringState | None:
        arrangement = device.monitoring.shown
        if arrangement is None:
            return None
        target = self._devices.at(device.switch, arrangement.number)
        return resources.SupervisorMonitoringState(
            state=arrangement.state,
            mode=arrangement.mode,
            scope=arrangement.scope,
            target_device_uri=None if target is None else f"{self._api}/devices/{target.id}",
        )


def user_state(device: Device, agents: Agents) -> resources.UserState:
    """Return the `userState` of the agent at a device."""
    presence = device.presence
    if not device.in_session:
        return resources.LOGGED_OUT
    if presence.agent_state is AgentState.LOGGED_OUT and device.agent_session.is_logging_in:
        return resources.LOGGED_IN
    usual = USER_STATES[presence.agent_state or AgentState.LOGGED_IN]
    if presence.reason is None:
        return usual
    own = _find_custom_state(presence, usual, agents.states(device.config.contact_center))
    return resources.UserState(
        id=own.id if own else usual.id,
        display_name=own.display_name if own else usual.display_name,
        state=usual.state,
        work_mode=usual.work_mode,
        reason=presence.reason,
    )


def _find_custom_state(
    presence: Presence, usual: resources.UserState, states: tuple[CustomState, ...]
) -> CustomState | None:
    """Return the custom state with this state and reason, if possible with this work mode too.

    A switch may have changed the work mode.
    """
    fitting = [each for each in states if (each.state, each.reason) == (usual.state, presence.reason)]
    exact = (each for each in fitting if each.work_mode == usual.work_mode)
    return next(exact, fitting[0] if fitting else None)
