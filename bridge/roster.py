"""The roster: keeps the voice service in step with the directory.

The directory knows users and their features, the voice service devices and their calls; neither imports the
other. At the start and after each change of the directory, the roster gives the service what has changed for
it.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from bridge.directory import model
from bridge.directory.changes import Change, Edit, initial_change
from bridge.directory.directory import Directory
from bridge.directory.model import UserRole
from bridge.runtime.device_attributes import device_attributes
from bridge.voice.model.agents import Agent, AgentPlace, CustomState, SwitchLogin
from bridge.voice.model.device import DeviceConfig

T = TypeVar("T", model.DirectoryDevice, model.User)


class RosterTarget(Protocol):
    """What a roster calls; see `bridge.voice.service.VoiceService`."""

    def add_or_update_agent(self, agent: Agent) -> None:
        """Add or update an agent."""

    def remove_agent(self, user_id: str) -> None:
        """Remove an agent, and end the agent's session."""

    def add_or_update_device(self, config: DeviceConfig) -> None:
        """Add or update a device."""

    def remove_device(self, device_id: str) -> None:
        """Remove a device."""

    def add_or_update_place(self, place: AgentPlace) -> None:
        """Add or update a place."""

    def add_or_update_custom_states(self, contact_center: str, states: Iterable[CustomState]) -> None:
        """Replace the custom agent states of a contact center."""


class Roster:
    """Gives a voice service the content of a directory, at the start and after each change."""

    def __init__(self, directory: Directory, target: RosterTarget) -> None:
        self._directory = directory
        self._target = target
        self._switches = frozenset(switch.switch for switch in directory.switches)
        self._agents: dict[str, Agent] = {}
        self._devices: dict[str, DeviceConfig] = {}
        self._places: dict[tuple[str, str], AgentPlace] = {}
        self._states: dict[str, tuple[CustomState, ...]] = {}
        self.changed(initial_change(directory.content))
        directory.observe(self.changed)

    def changed(self, change: Change) -> None:
        """Pass a change on. Users come before their devices, so that a removed user's session ends first."""
        for center in (edit.after for edit in change.contact_centers if edit.after):
            self._sync_states(center)
        for user_id in _edited_ids(change.users):
            self._sync_agent(user_id)
        for device_id in self._affected_device_ids(change):
            self._sync_device(device_id)
        for center in (edit.after for edit in change.contact_centers if edit.after):
            self._sync_places(center)

    def _affected_device_ids(self, change: Change) -> Iterable[str]:
        """Return the ids of the devices that a change may concern."""
        ids = _edited_ids(change.devices)
        for edit in change.users:
            ids += [device.id for user in (edit.before, edit.after) if user for device in user.devices]
        changed = {edit.after.id for edit in change.contact_centers if edit.before and edit.after}
        if changed:
            ids += [device.id for device in self._directory.devices if device.contact_center in changed]
        return dict.fromkeys(ids)

    def _sync_agent(self, user_id: str) -> None:
        user = self._directory.user_by_id(user_id)
        agent = _to_agent(user) if user and user.enabled else None
        if agent == self._agents.get(user_id):
            return
        if agent is None:
            del self._agents[user_id]
            self._target.remove_agent(user_id)
        else:
            self._agents[user_id] = agent
            self._target.add_or_update_agent(agent)

    def _sync_device(self, device_id: str) -> None:
        config = self._device_config(device_id)
        if config == self._devices.get(device_id):
            return
        if config is None:
            del self._devices[device_id]
            self._target.remove_device(device_id)
        else:
            self._devices[device_id] = config
            self._target.add_or_update_device(config)

    def _device_config(self, device_id: str) -> DeviceConfig | None:
        """Return the config of a device; None if the service does not serve it."""
        device = self._directory.device(device_id)
        if device is None or device.switch not in self._switches:
            return None
        owner = self._directory.owner(device_id)
        center = self._directory.contact_center_of(device)
        return DeviceConfig(
            **device_attributes(device),
            owner_id=owner.id if owner else None,
            country=center.country,
            features=center.features,
        )

    def _sync_places(self, center: model.ContactCenter) -> None:
        for place in center.places:
            current = AgentPlace(place.name, center.id, tuple(device.id for device in place.devices))
            if self._places.get((center.id, place.name)) != current:
                self._places[center.id, place.name] = current
                self._target.add_or_update_place(current)

    def _sync_states(self, center: model.ContactCenter) -> None:
        states = tuple(
            CustomState(
                state.id,
                state.operation_name,
                state.display_name,
                state.state,
                state.work_mode,
                state.reason,
            )
            for state in center.agent_states
        )
        if self._states.get(center.id) != states:
            self._states[center.id] = states
            self._target.add_or_update_custom_states(center.id, states)


def _to_agent(user: model.User) -> Agent:
    center = user.contact_center
    logins: dict[str, tuple[SwitchLogin, ...]] = {}
    for login in user.logins:
        current = SwitchLogin(login.code, login.queue, login.password)
        logins[login.switch] = (*logins.get(login.switch, ()), current)
    return Agent(
        user_id=user.id,
        contact_center=center.id,
        logins=logins,
        place=user.place,
        is_supervisor=UserRole.SUPERVISOR in user.roles,
        features=center.features,
    )


def _edited_ids(edits: Iterable[Edit[T]]) -> list[str]:
    return [value.id for edit in edits if (value := edit.before or edit.after)]
