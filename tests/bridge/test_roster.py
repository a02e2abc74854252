"""The roster: what the desk is told of a directory, at the start and after each change."""

from collections.abc import Iterable
from dataclasses import replace

from bridge.directory.changes import Edit
from bridge.directory.directory import Directory
from bridge.directory.model import Role
from bridge.roster import Roster
from bridge.voice.model.agents import Agent, CustomState, Login, Place
from bridge.voice.model.device import Device
from tests.sites import quick_demo_site


class Desk:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.devices: dict[str, Device] = {}
        self.places: list[Place] = []
        self.states: dict[str, list[CustomState]] = {}
        self._told: list[str] = []

    def told(self) -> list[str]:
        """Take what it was told since the last time, shortly."""
        told, self._told = self._told, []
        return told

    def put_agent(self, agent: Agent) -> None:
        self.agents[agent.user_id] = agent
        self._told.append("put agent")

    def drop_agent(self, user_id: str) -> None:
        del self.agents[user_id]
        self._told.append("drop agent")

    def put_device(self, device: Device) -> None:
        self.devices[device.id] = device
        self._told.append(f"put device {device.number}")

    def drop_device(self, device_id: str) -> None:
        self._told.append(f"drop device {self.devices.pop(device_id).number}")

    def put_place(self, place: Place) -> None:
        self.places.append(place)
        self._told.append(f"put place {place.name}")

    def put_custom_states(self, contact_center: str, states: Iterable[CustomState]) -> None:
        self.states[contact_center] = list(states)
        self._told.append("put states")


def demo() -> tuple[Directory, Desk]:
    directory, desk = Directory.load(quick_demo_site()), Desk()
    Roster(directory, desk)
    return directory, desk


def test_at_the_start_the_desk_is_told_of_everything() -> None:
    directory, desk = demo()
    center = directory.contact_centers[0]
    henry, susan = directory.user("agent15007"), directory.user("supervisor15009")
    assert henry
    assert susan

    assert set(desk.agents) == {user.id for user in directory.users}
    assert desk.agents[henry.id] == Agent(
        henry.id,
        center.id,
        {"Switch_A": (Login("7007", "15600"),)},
        "Desk 15007",
        is_supervisor=False,
        controls=True,
        monitors=True,
    )
    assert desk.agents[susan.id].is_supervisor
    assert set(desk.devices) == {device.id for device in directory.devices}
    device = desk.devices[henry.devices[0].id]
    assert (device.number, device.switch, device.user_id) == ("15007", "Switch_A", henry.id)
    assert (device.contact_center, device.type, device.country) == (center.id, "Extension", "US")
    assert device.records
    assert [place.name for place in desk.places] == ["Hot desk", "Desk 15007"]
    assert desk.places[1].device_ids == (device.id,)
    assert [state.operation_name for state in desk.states[center.id]] == ["Lunch", "Training", "Paperwork"]


def test_nothing_is_told_that_is_not_new() -> None:
    directory, desk = demo()
    user = directory.users[0]
    desk.told()

    directory.apply(directory.plan(users=[Edit(user, replace(user, first_name="Zoe"))]))

    assert desk.told() == []


def test_a_device_that_goes_from_one_user_to_the_other_is_told_once() -> None:
    directory, desk = demo()
    alice, ben = directory.users[:2]
    (device,) = alice.devices
    desk.told()

    directory.apply(
        directory.plan(
            users=[
                Edit(alice, replace(alice, devices=())),
                Edit(ben, replace(ben, devices=(*ben.devices, device))),
            ]
        )
    )

    assert desk.told() == ["put device 15000"]
    assert desk.devices[device.id].user_id == ben.id


def test_a_user_who_goes_leaves_before_the_devices_do() -> None:
    directory, desk = demo()
    alice = directory.users[0]
    desk.told()

    directory.apply(directory.plan(users=[Edit(alice, None)]))

    assert desk.told() == ["drop agent", "put device 15000"]
    assert desk.devices[alice.devices[0].id].user_id is None


def test_a_user_who_is_disabled_is_no_agent_until_enabled_again() -> None:
    directory, desk = demo()
    alice = directory.users[0]
    desk.told()

    directory.apply(directory.plan(users=[Edit(alice, disabled := replace(alice, enabled=False))]))
    assert desk.told() == ["drop agent"]
    directory.apply(directory.plan(users=[Edit(disabled, alice)]))
    assert desk.told() == ["put agent"]


def test_what_hangs_on_features_and_roles_follows_them() -> None:
    directory, desk = demo()
    center, alice = directory.contact_centers[0], directory.users[0]
    desk.told()

    directory.apply(directory.plan(contact_centers=[replace(center, features=frozenset({"api-voice"}))]))
    mine = [user for user in directory.users if user.contact_center.id == center.id]
    assert desk.told().count("put agent") == len(mine)
    agent = desk.agents[alice.id]
    assert (agent.controls, agent.monitors) == (False, False)
    assert not desk.devices[alice.devices[0].id].records

    alice = directory.users[0]
    directory.apply(directory.plan(users=[Edit(alice, replace(alice, roles=(Role.SUPERVISOR,)))]))
    assert desk.told() == ["put agent"]
    assert desk.agents[alice.id].is_supervisor


def test_a_device_that_goes_leaves_its_user_and_its_place() -> None:
    directory, desk = demo()
    device = directory.device_at("Switch_A", "15007")
    assert device
    desk.told()

    directory.apply(directory.plan(devices=[Edit(device, None)]))

    assert desk.told() == ["drop device 15007", "put place Desk 15007"]
    assert desk.places[-1].device_ids == ()


def test_a_device_of_a_switch_that_is_not_there_is_kept_from_the_desk() -> None:
    known, desk = demo()
    directory = Directory(known.switches[:1], known.gws, known.content)
    Roster(directory, desk := Desk())

    assert {device.switch for device in desk.devices.values()} == {"Switch_A"}
