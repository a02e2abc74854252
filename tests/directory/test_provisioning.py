"""Random changes: memory, database and what observers were told say the same after each."""

import functools
import itertools
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from bridge.directory.changes import Change, Edit, initial_change
from bridge.directory.commands import DeviceFields, ProvisioningError, ProvisioningErrorCode, UserFields
from bridge.directory.directory import Directory
from bridge.directory.model import ContactCenter, DirectoryDevice, User, UserRole
from bridge.directory.persistence import DirectoryStore, open_store
from bridge.directory.provisioning import Provisioning
from bridge.runtime.features import FEATURES
from tests.loop import run
from tests.sites import quick_demo_site

T = TypeVar("T", ContactCenter, DirectoryDevice, User)

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
names = st.sampled_from(["ann", "Ann", "bob", "cid", "agent15000", "Zoë"])
numbers = st.sampled_from(["15000", "15002", "15011", "15600", "25600", "1"])
users = st.integers(0, 30)
devices = st.integers(0, 30)
centers = st.integers(0, 1)
user_fields = st.builds(
    UserFields,
    first_name=st.none() | texts,
    email=st.none() | texts,
    roles=st.none() | st.lists(st.sampled_from(UserRole), min_size=1, unique=True).map(tuple),
    password_hash=st.none() | texts,
    enabled=st.none() | st.booleans(),
    change_password=st.none() | st.booleans(),
)
device_fields = st.builds(
    DeviceFields,
    type=st.none() | st.sampled_from(["Extension", "ACDPosition"]),
    description=st.none() | texts,
)


@functools.cache
def _demo() -> Directory:
    return Directory.load(quick_demo_site())


def demo() -> Directory:
    """Return the directory of the demo site, as new."""
    return Directory(_demo().switches, _demo().gws, _demo().content)


def _ids() -> Callable[[], UUID]:
    numbers = itertools.count(1)
    return lambda: UUID(int=next(numbers))


async def seeded_store(directory: Directory) -> DirectoryStore:
    store = await open_store("sqlite://")
    await store.write(initial_change(directory.content))
    return store


class ProvisioningMachine(RuleBasedStateMachine):
    """Numbers stand for users and devices; those beyond the last one stand for such as do not exist."""

    busy = Bundle("busy")
    is_stored = True

    def __init__(self) -> None:
        super().__init__()
        self.directory = demo()
        self.site = self.directory.content
        self.mirror: dict[str, Any] = {each.id: each for each in _all(self.directory)}
        self.directory.observe(self._observe)
        self.busy_ids: set[str] = set()
        self.store = run(seeded_store(self.directory)) if self.is_stored else None
        self.change = Provisioning(
            self.directory, self.store, lambda device: device.id in self.busy_ids, _ids()
        )

    def _observe(self, change: Change) -> None:
        for center in change.contact_centers:
            _apply_edit(self.mirror, center)
        for device in change.devices:
            _apply_edit(self.mirror, device)
        for user in change.users:
            _apply_edit(self.mirror, user)

    def teardown(self) -> None:
        if self.store:
            run(self.store.close())

    def user(self, number: int) -> str:
        return next((user.id for user in self.directory.users[number:]), "nobody")

    def device(self, number: int) -> str:
        return next((device.id for device in self.directory.devices[number:]), "nothing")

    def center(self, number: int) -> ContactCenter:
        return self.directory.contact_centers[number]

    def try_change(self, change: Any) -> None:
        before = self.directory.content
        try:
            run(change)
        except ProvisioningError:
            assert self.directory.content == before

    @rule(center=centers, name=names, fields=user_fields, held=st.lists(devices, max_size=3))
    def create_user(self, center: int, name: str, fields: UserFields, held: list[int]) -> None:
        wanted = [self.device(each) for each in held]
        self.try_change(self.change.create_user(self.center(center), name, fields, wanted))

    @rule(center=centers, user=users, by=users, fields=user_fields)
    def update_user(self, center: int, user: int, by: int, fields: UserFields) -> None:
        asking = self.user(by)
        self.try_change(self.change.update_user(self.center(center), self.user(user), fields, by=asking))

    @rule(center=centers, user=users, by=users)
    def delete_user(self, center: int, user: int, by: int) -> None:
        self.try_change(self.change.delete_user(self.center(center), self.user(user), by=self.user(by)))

    @rule(
        center=centers,
        number=numbers,
        switch=st.sampled_from([None, "Switch_A", "Switch_B", "Switch_C"]),
        fields=device_fields,
        owner=st.none() | users,
    )
    def create_device(
        self, center: int, number: str, switch: str | None, fields: DeviceFields, owner: int | None
    ) -> None:
        user = None if owner is None else self.user(owner)
        self.try_change(self.change.create_device(self.center(center), number, switch, fields, owner=user))

    @rule(center=centers, device=devices, fields=device_fields)
    def update_device(self, center: int, device: int, fields: DeviceFields) -> None:
        self.try_change(self.change.update_device(self.center(center), self.device(device), fields))

    @rule(center=centers, device=devices)
    def delete_device(self, center: int, device: int) -> None:
        self.try_change(self.change.delete_device(self.center(center), self.device(device)))

    @rule(center=centers, user=users, wanted=st.lists(devices, max_size=3))
    def assign(self, center: int, user: int, wanted: list[int]) -> None:
        found = [self.device(each) for each in wanted]
        self.try_change(self.change.assign_devices(self.center(center), self.user(user), found))

    @rule(center=centers, user=users, device=devices)
    def unassign(self, center: int, user: int, device: int) -> None:
        self.try_change(
            self.change.unassign_device(self.center(center), self.user(user), self.device(device))
        )

    @rule(center=centers, features=st.lists(st.sampled_from([*FEATURES, "api-x"]), max_size=3))
    def add_features(self, center: int, features: list[str]) -> None:
        self.try_change(self.change.add_features(self.center(center).id, features))

    @rule(center=centers, feature=st.sampled_from([*FEATURES]))
    def remove_feature(self, center: int, feature: str) -> None:
        self.try_change(self.change.remove_feature(self.center(center).id, feature))

    @rule(target=busy, device=devices)
    def start_using(self, device: int) -> str:
        found = self.device(device)
        self.busy_ids.add(found)
        return found

    @rule(device=consumes(busy))
    def stop_using(self, device: str) -> None:
        self.busy_ids.discard(device)

    @invariant()
    def database_agrees(self) -> None:
        if self.store:
            assert run(self.store.load()).content(self.site) == self.directory.content

    @invariant()
    def observers_agree(self) -> None:
        assert self.mirror == {each.id: each for each in _all(self.directory)}

    @invariant()
    def everything_fits_together(self) -> None:
        found = self.directory
        held = [device for user in found.users for device in user.devices]
        assert len({device.id for device in held}) == len(held)
        for user in found.users:
            assert found.user(user.name) is found.user_by_id(user.id) is user
            assert user.contact_center is found.contact_center(user.contact_center.id)
            for device in user.devices:
                assert found.device(device.id) is device
                assert found.owner(device.id) is user
                assert device.contact_center == user.contact_center.id
        for device in found.devices:
            assert found.device_at(device.switch, device.number) is device
        for center in found.contact_centers:
            for place in center.places:
                assert all(found.device(device.id) == device for device in place.devices)


def _all(directory: Directory) -> Iterable[ContactCenter | DirectoryDevice | User]:
    return (*directory.contact_centers, *directory.devices, *directory.users)


def _apply_edit(mirror: dict[str, Any], edit: Edit[T]) -> None:
    if edit.before:
        assert mirror.pop(edit.before.id) == edit.before
    if edit.after:
        assert edit.after.id not in mirror
        mirror[edit.after.id] = edit.after


TestProvisioning = ProvisioningMachine.TestCase
TestProvisioning.settings = settings(max_examples=20, stateful_step_count=20)


class UnstoredProvisioningMachine(ProvisioningMachine):
    """The rules alone keep everything together: no database refuses what they overlook."""

    is_stored = False


TestUnstoredProvisioning = UnstoredProvisioningMachine.TestCase
TestUnstoredProvisioning.settings = settings(max_examples=20, stateful_step_count=20)


@asynccontextmanager
async def changing(busy_ids: str = "") -> AsyncIterator[tuple[Directory, Provisioning]]:
    directory = demo()
    yield directory, Provisioning(directory, None, lambda device: device.number == busy_ids, _ids())


def test_a_device_that_somebody_works_with_stays_where_it_is() -> None:
    async def scene() -> None:
        async with changing(busy_ids="15000") as (directory, change):
            center = directory.contact_centers[0]
            alice, ben = directory.users[:2]
            device = alice.devices[0].id
            for attempt in (
                change.delete_device(center, device),
                change.unassign_device(center, alice.id, device),
                change.assign_devices(center, ben.id, [device]),
                change.create_user(center, "zed", UserFields(), [device]),
            ):
                with pytest.raises(ProvisioningError, match="Device 15000 is in a session") as caught:
                    await attempt
                assert caught.value.code is ProvisioningErrorCode.IN_USE
            assert directory.owner(device) is alice
            await change.assign_devices(center, alice.id, [device])  # it is hers

    run(scene())


def test_a_device_goes_from_one_user_to_the_other() -> None:
    async def scene() -> None:
        async with changing() as (directory, change):
            alice, ben = directory.users[:2]
            device = alice.devices[0]
            await change.assign_devices(directory.contact_centers[0], ben.id, [device.id, device.id])
            assert [user.devices for user in directory.users[:2]] == [(), (*ben.devices, device)]

    run(scene())


def test_a_number_on_two_switches_wants_the_switch() -> None:
    async def scene() -> None:
        async with changing() as (directory, change):
            center = directory.contact_centers[0]
            with pytest.raises(ProvisioningError, match="no switch has DN '7'") as caught:
                await change.create_device(center, "7", None, DeviceFields())
            assert caught.value.code is ProvisioningErrorCode.INVALID
            with pytest.raises(ProvisioningError, match="Switch_B has no DN '15600'"):
                await change.create_device(center, "15600", "Switch_B", DeviceFields())
            with pytest.raises(ProvisioningError, match="no such switch, did you mean 'Switch_A'"):
                await change.create_device(center, "15600", "Swich_A", DeviceFields())

    run(scene())
