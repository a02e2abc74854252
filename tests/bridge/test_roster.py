"""The roster: what the desk is told of a directory, at the start and after each change."""

from collections.abc import Iterable
from dataclasses import replace

from bridge.directory.changes import Edit
from bridge.directory.directory import Directory
from bridge.directory.model import UserRole
from bridge.roster import Roster
from bridge.voice.model.agents import Agent, AgentPlace, CustomState, SwitchLogin
from bridge.voice.model.device import DeviceConfig
from tests.sites import quick_demo_site


class RecordingTarget:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.devices: dict[str, DeviceConfig] = {}
        self.places: list[AgentPlace] = []
        self.states: dict[str, list[CustomState]] = {}
        self._calls: list[str] = []

    def recorded_calls(self) -> list[str]:
        """Take what it was told since the last time, shortly."""
        recorded_calls, self._calls = self._calls, []
        return recorded_calls

    def add_or_update_agent(self, agent: Agent) -> None:
        self.agents[agent.user_id] = agent
        self._calls.append("put agent")

    def remove_agent(self, user_id: str) -> None:
        del self.agents[user_id]
        self._calls.append("drop agent")

    def add_or_update_device(self, config: DeviceConfig) -> None:
        self.devices[config.id] = config
        self._calls.append(f"put device {config.number}")

    def remove_device(self, device_id: str) -> None:
        self._calls.append(f"drop device {self.devices.pop(device_id).number}")

    def add_or_update_place(self, place: AgentPlace) -> None:
        self.places.append(place)
        self._calls.append(f"put place {place.name}")

    def add_or_update_custom_states(self, contact_center: str, states: Iterable[CustomState]) -> None:
        self.states[contact_center] = list(states)
        self._calls.append("put states")


def demo() -> tuple[Directory, RecordingTarget]:
    directory, target = Directory.load(quick_demo_site()), RecordingTarget()
    Roster(directory, target)
    return directory, target


def test_at_the_start_the_desk_is_told_of_everything() -> None:
    directory, target = demo()
    center = directory.contact_centers[0]
    henry, susan = directory.user("agent15007"), directory.user("supervisor15009")
    assert henry
    assert susan

    assert set(target.agents) == {user.id for user in directory.users}
    assert target.agents[henry.id] == Agent(
        henry.id,
        center.id,
        {"Switch_A": (SwitchLogin("7007", "15600"),)},
        "Desk 15007",
        is_supervisor=False,
        features=center.features,
    )
    assert target.agents[susan.id].is_supervisor
    assert set(target.devices) == {device.id for device in directory.devices}
    device = target.devices[henry.devices[0].id]
    assert (device.number, device.switch, device.owner_id) == ("15007", "Switch_A", henry.id)
    assert (device.contact_center, device.type, device.country) == (center.id, "Extension", "US")
    assert device.features == center.features
    assert [place.name for place in target.places] == ["Hot desk", "Desk 15007"]
    assert target.places[1].device_ids == (device.id,)
    assert [state.operation_name for state in target.states[center.id]] == ["Lunch", "Training", "Paperwork"]


def test_nothing_is_told_that_is_not_new() -> None:
    directory, target = demo()
    user = directory.users[0]
    target.recorded_calls()

    directory.apply(directory.plan(users=[Edit(user, replace(user, first_name="Zoe"))]))

    assert target.recorded_calls() == []


def test_a_device_that_goes_from_one_user_to_the_other_is_told_once() -> None:
    directory, target = demo()
    alice, ben = directory.users[:2]
    (device,) = alice.devices
    target.recorded_calls()

    directory.apply(
        directory.plan(
            users=[
                Edit(alice, replace(alice, devices=())),
                Edit(ben, replace(ben, devices=(*ben.devices, device))),
            ]
        )
    )

    assert target.recorded_calls() == ["put device 15000"]
    assert target.devices[device.id].owner_id == ben.id


def test_a_user_who_goes_leaves_before_the_devices_do() -> None:
    directory, target = demo()
    alice = directory.users[0]
    target.recorded_calls()

    directory.apply(directory.plan(users=[Edit(alice, None)]))

    assert target.recorded_calls() == ["drop agent", "put device 15000"]
    assert target.devices[alice.devices[0].id].owner_id is None


def test_a_user_who_is_disabled_is_no_agent_until_enabled_again() -> None:
    directory, target = demo()
    alice = directory.users[0]
    target.recorded_calls()

    directory.apply(directory.plan(users=[Edit(alice, disabled := replace(alice, enabled=False))]))
    assert target.recorded_calls() == ["drop agent"]
    directory.apply(directory.plan(users=[Edit(disabled, alice)]))
    assert target.recorded_calls() == ["put agent"]


def test_what_hangs_on_features_and_roles_follows_them() -> None:
    directory, target = demo()
    center, alice = directory.contact_centers[0], directory.users[0]
    target.recorded_calls()

    directory.apply(directory.plan(contact_centers=[replace(center, features=frozenset({"api-voice"}))]))
    mine = [user for user in directory.users if user.contact_center.id == center.id]
    assert target.recorded_calls().count("put agent") == len(mine)
    agent = target.agents[alice.id]
    assert agent.features == {"api-voice"}
    assert target.devices[alice.devices[0].id].features == {"api-voice"}

    alice = directory.users[0]
    directory.apply(directory.plan(users=[Edit(alice, replace(alice, roles=(UserRole.SUPERVISOR,)))]))
    assert target.recorded_calls() == ["put agent"]
    assert target.agents[alice.id].is_supervisor


def test_a_device_that_goes_leaves_its_user_and_its_place() -> None:
    directory, target = demo()
    device = directory.device_at("Switch_A", "15007")
    assert device
    target.recorded_calls()

    directory.apply(directory.plan(devices=[Edit(device, None)]))

    assert target.recorded_calls() == ["drop device 15007", "put place Desk 15007"]
    assert target.places[-1].device_ids == ()


def test_a_device_of_a_switch_that_is_not_there_is_kept_from_the_desk() -> None:
    known, target = demo()
    directory = Directory(known.switches[:1], known.gws, known.content)
    Roster(directory, target := RecordingTarget())

    assert {device.switch for device in target.devices.values()} == {"Switch_A"}
