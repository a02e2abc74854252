"""Where a directory is kept: what comes back, what stays when a write fails, and what is refused."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from pathlib import Path
from uuid import uuid4

import pytest
import structlog

from bridge.directory.changes import Edit
from bridge.directory.commands import DeviceFields, ProvisioningError, ProvisioningErrorCode, UserFields
from bridge.directory.directory import Directory
from bridge.directory.model import DirectoryDevice, DirectoryLogin, UserRole
from bridge.directory.persistence import (
    ConflictError,
    DirectoryStore,
    StoreError,
    load_directory,
    open_store,
)
from bridge.directory.provisioning import Provisioning
from bridge.directory.schema import DEVICES
from tests.directory.conftest import Database
from tests.loop import run
from tests.sites import demo_site, quick_demo_site


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[DirectoryStore]:
    store = await open_store(database.address)
    try:
        yield store
    finally:
        await store.close()


def demo() -> Directory:
    return Directory.load(quick_demo_site())


def provisioning(directory: Directory, store: DirectoryStore) -> Provisioning:
    return Provisioning(directory, store, lambda _: False, uuid4)


def test_an_empty_database_takes_over_the_site_file(database: Database) -> None:
    async def scene() -> None:
        async with opened(database) as store:
            assert (await load_directory(demo(), store)).content == demo().content

    run(scene())


def test_all_that_changes_is_there_after_a_restart(database: Database) -> None:
    async def scene() -> None:
        async with opened(database) as store:
            before = await load_directory(demo(), store)
            center = before.contact_centers[0]
            alice = before.user("agent15000")
            assert alice is not None
            change = provisioning(before, store)
            fields = UserFields(
                first_name="Zoë",
                last_name="O'Neil; DROP TABLE users",
                email="z@example.com",
                roles=(UserRole.AGENT, UserRole.SUPERVISOR),
                password_hash="hash",
                enabled=False,
                change_password=True,
            )
            zoe = await change.create_user(center, "Zoe", fields, [alice.devices[0].id])
            device = await change.create_device(center, "15600", "Switch_A", DeviceFields(), owner=zoe.id)
            wish = DeviceFields(type="ACDPosition", description="Corner")
            await change.update_device(center, device.id, wish)
            await change.update_user(center, alice.id, UserFields(email=""), by=zoe.id)
            await change.add_features(center.id, ["api-multimedia"])
            await change.remove_feature(center.id, "api-voice-recording")
            await change.delete_device(center, before.devices[3].id)
            await change.delete_user(center, before.users[4].id, by=zoe.id)

        async with opened(database) as store:
            after = await load_directory(demo(), store)
            assert after.content == before.content
            zoe_again = after.user("zoe")
            assert zoe_again is not None
            assert [(each.number, each.type, each.description) for each in zoe_again.devices] == [
                ("15000", "Extension", ""),
                ("15600", "ACDPosition", "Corner"),
            ]
            assert zoe_again.roles == (UserRole.AGENT, UserRole.SUPERVISOR)
            assert (zoe_again.last_name, zoe_again.enabled) == ("O'Neil; DROP TABLE users", False)
            assert after.contact_centers[0].has("api-multimedia")
            assert not after.contact_centers[0].has("api-voice-recording")

    run(scene())


def test_what_an_agent_logs_in_with_is_kept(database: Database) -> None:
    async def scene() -> None:
        async with opened(database) as store:
            directory = await load_directory(demo(), store)
            henry = directory.user("agent15007")
            assert henry is not None
            assert henry.logins == (DirectoryLogin("7007", "Switch_A", "15600"),)
            logins = (DirectoryLogin("1", "Switch_A", None, "pass"), *henry.logins)
            change = directory.plan(users=[Edit(henry, replace(henry, logins=logins, place=None))])
            await store.write(change)
            directory.apply(change)
            assert (await store.load()).content(directory.content) == directory.content

    run(scene())


def test_a_contact_center_that_comes_later_is_taken_over_and_others_are_not(
    database: Database, tmp_path: Path
) -> None:
    old = Directory.load(demo_site(tmp_path, changes={"first_name: Alice": "first_name: Alicia"}))
    file = demo_site(tmp_path)
    more = "\n  - {name: Later, id: 00000000-0000-4000-8000-000000000009}\n"
    file.write_text(file.read_text("utf-8").rstrip() + more, "utf-8")
    new = Directory.load(file)

    async def scene() -> None:
        async with opened(database) as store:
            await load_directory(old, store)
            found = await load_directory(new, store)
            assert [center.name for center in found.contact_centers] == [
                "Demo",
                "Demo without voice",
                "Later",
            ]
            alice = found.user("agent15000")
            assert alice is not None
            assert alice.first_name == "Alicia"

    run(scene())


def test_a_contact_center_that_the_site_file_has_not_lives_on(database: Database, tmp_path: Path) -> None:
    empty = tmp_path / "empty.yaml"
    empty.write_text("{switches: [], contact_centers: []}")

    async def scene() -> None:
        async with opened(database) as store:
            await load_directory(demo(), store)
            with structlog.testing.capture_logs() as logs:
                found = await load_directory(Directory.load(empty), store)
            center = found.contact_centers[0]
            assert (center.name, center.places, center.agent_states) == ("Demo", (), ())
            assert center.has("api-voice")
            assert len(found.users) == len(demo().users)
            texts = [each["what"] for each in logs]
            device = found.devices[0]
            assert f"device 15000 ({device.id}): there is no switch Switch_A" in texts
            assert len(texts) == len(found.devices)

    run(scene())


def test_a_device_whose_dn_is_gone_is_told_and_does_not_keep_the_bridge_from_starting(
    database: Database, tmp_path: Path
) -> None:
    changes = {
        '      - {number: "15008"}\n': "",
        '      - {number: "15008", switch: Switch_A}\n': "",
        'devices: ["15008"]': "devices: []",
    }
    without = Directory.load(demo_site(tmp_path, changes=changes))

    async def scene() -> None:
        async with opened(database) as store:
            known = (await load_directory(demo(), store)).device_at("Switch_A", "15008")
            assert known is not None
            with structlog.testing.capture_logs() as logs:
                found = await load_directory(without, store)
            assert found.device_at("Switch_A", "15008") == known
            assert [each["what"] for each in logs] == [f"device 15008 ({known.id}): Switch_A has no such DN"]

    run(scene())


def test_a_change_that_somebody_else_made_first_is_refused_and_changes_nothing(database: Database) -> None:
    async def scene() -> None:
        async with opened(database) as store, opened(database) as another:
            one, two = await load_directory(demo(), store), await load_directory(demo(), another)
            center = one.contact_centers[0]
            zed = await provisioning(one, store).create_user(center, "zed", UserFields())
            before = two.content
            change = provisioning(two, another)

            with pytest.raises(ProvisioningError) as caught:
                await change.create_user(center, "zed", UserFields())
            assert caught.value.code is ProvisioningErrorCode.EXISTS
            device = two.devices[0]
            await provisioning(one, store).delete_device(center, device.id)
            with pytest.raises(ProvisioningError):
                await change.update_device(center, device.id, DeviceFields(description="x"))

            assert two.content == before
            assert one.user("zed") == zed
            # and goes on
            await change.create_user(center, "zac", UserFields())

    run(scene())


def test_a_database_that_fails_leaves_everything_as_it_was(database: Database) -> None:
    async def scene() -> None:
        async with opened(database) as store:
            directory = await load_directory(demo(), store)
            before, told = directory.content, list[object]()
            directory.observe(told.append)
            change = provisioning(directory, store)
            center, free = directory.contact_centers[0], directory.device_at("Switch_A", "15011")
            assert free is not None
            database.execute("ALTER TABLE user_devices RENAME TO away")

            with pytest.raises(StoreError):
                await change.create_user(center, "zed", UserFields(), [free.id])  # fails at its last row
            assert directory.content == before
            assert told == []

            database.execute("ALTER TABLE away RENAME TO user_devices")
            zed = await change.create_user(center, "zed", UserFields(), [free.id])
            assert directory.user("zed") == zed
            assert (await store.load()).content(before) == directory.content

    run(scene())


def test_a_newer_database_is_refused(database: Database) -> None:
    async def scene() -> str:
        async with opened(database):
            pass
        database.execute("UPDATE schema_version SET version = 2")
        with pytest.raises(StoreError) as caught:
            await open_store(database.address)
        return str(caught.value)

    assert run(scene()).endswith(": its tables have version 2, and this program knows 1")


def test_what_is_there_cannot_be_added(database: Database) -> None:
    async def scene() -> None:
        async with opened(database) as store:
            directory = await load_directory(demo(), store)
            with pytest.raises(ConflictError):
                await store.write(directory.plan(users=[Edit(None, directory.users[0])]))

    run(scene())


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("mysql://u:hidden@h/d", "'mysql' is no database that is served here; sqlite and postgresql are"),
        (
            "hidden",
            "the address of a database is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
        ),
        ("sqlite:////no/such/folder/x.db", "unable to open database file"),
        ("postgresql://u:hidden@127.0.0.1:1/d", "Connection refused"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_its_password(address: str, text: str) -> None:
    with pytest.raises(StoreError) as caught:
        run(open_store(address))

    assert text in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "site.db"
    file.write_text("switches: []\n" * 100)

    with pytest.raises(StoreError, match=r"cannot use the database .*: file is not a database"):
        run(open_store(f"sqlite:///{file}"))


def test_each_attribute_of_a_device_has_a_column() -> None:
    attributes = {each.name for each in fields(DirectoryDevice)} - {"contact_center"}
    assert set(DEVICES.c.keys()) == attributes | {"contact_center_id", "position"}


@pytest.mark.parametrize("module", ["sqlalchemy", "aiosqlite"])
def test_without_the_extra_one_line_names_it(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "bridge.directory.store", raising=False)
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed

    with pytest.raises(StoreError) as caught:
        run(open_store("sqlite://"))

    assert str(caught.value) == (
        f"--database needs {module}, which is not installed: pip install 'tserver-bridge[database]'"
    )
