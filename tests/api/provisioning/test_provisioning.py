"""Provisioning through the API: an administrator changes users, devices and features, and what follows."""

import asyncio
from typing import Any

import pytest

from bridge.directory.changes import Change
from bridge.directory.persistence import StoreError
from bridge.directory.rows import StoredRows
from bridge.tlib import messages as t
from tests.agent import Agent, Answer
from tests.loop import run
from tests.playbook import API, DEVICE_15000, Playbook, playing

NEW = {
    "userName": "zed",
    "password": "secret",
    "firstName": "Zed",
    "lastName": "Zimmer",
    "roles": ["ROLE_AGENT"],
}
CENTER = "6f9c2d3e-52b7-4e6a-9d0c-3b1f7a2e8c41"
OTHER_CENTER = "0d4b8a57-1c3e-4f92-8e65-9a7d2c6b5f10"


async def ask(agent: Agent, method: str, path: str, body: object = None) -> Answer:
    content: dict[str, Any] = {} if body is None else {"json": body}
    return Answer(await agent.http.request(method, f"{API}{path}", **content))


async def id_of(admin: Agent, name: str) -> str:
    (user,) = (await admin.get(f"/users?userName={name}&fields=id")).json["users"]
    found: str = user["id"]
    return found


async def device_at(admin: Agent, number: str) -> dict[str, Any]:
    (device,) = (await admin.get(f"/devices?phoneNumber={number}&fields=*")).json["devices"]
    found: dict[str, Any] = device
    return found


def test_a_user_from_making_to_deleting() -> None:
    async def scene() -> None:
        async with playing() as book:
            admin = book.agent("admin")

            # made, with a device that nobody has
            device = await device_at(admin, "15011")
            new = NEW | {"emailAddress": "z@example.com", "devices": [device["uri"]]}
            made = (await ask(admin, "POST", "/users", new)).json
            path = f"/users/{made['id']}"
            assert made == {"statusCode": 0, "id": made["id"], "uri": f"{API}{path}", "path": path}
            shown = (await admin.get(path)).json["user"]
            assert shown == {
                "id": made["id"],
                "userName": "zed",
                "firstName": "Zed",
                "lastName": "Zimmer",
                "emailAddress": "z@example.com",
                "roles": ["ROLE_AGENT"],
                "enabled": True,
                "changePasswordOnFirstLogin": False,
                "contactCenterId": CENTER,
                "uri": made["uri"],
                "path": path,
            }
            assert (await admin.get(f"{path}/devices")).json["uris"] == [device["uri"]]
            assert (await device_at(admin, "15011"))["userUri"] == made["uri"]

            # at work: logs in, and the DN is registered
            zed = book.agent("zed", "secret")
            (mine,) = (await zed.get("/me/devices?fields=*")).json["devices"]
            assert mine["phoneNumber"] == "15011"
            await zed.post("/me", "StartContactCenterSession", channels=["voice"])
            (register,) = book.tserver.gets()
            assert isinstance(register, t.RequestRegisterAddress)
            assert register.this_dn == "15011"

            # changed, and the rest stays: what was read may be sent back
            assert (await ask(admin, "PUT", path, shown | {"firstName": "Zoe"})).json == {"statusCode": 0}
            assert (await admin.get(path)).json["user"] == shown | {"firstName": "Zoe"}
            assert (await zed.get("/me?fields=firstName")).json["user"] == {"firstName": "Zoe"}

            # deleted: the session ends, the device is free again
            assert (await ask(admin, "DELETE", path)).json == {"statusCode": 0}
            assert (await zed.get("/me")).refusal == (403, 20, "Access denied")
            assert (await ask(admin, "DELETE", path)).refusal == (404, 6, "User not found")
            assert "userUri" not in await device_at(admin, "15011")

    run(scene())


def test_a_password_and_whether_a_user_may_log_in_can_be_changed() -> None:
    async def scene() -> None:
        async with playing() as book:
            admin, ben = book.agent("admin"), book.agent("agent15001")
            assert (await ben.get("/me")).status == 200
            path = f"/users/{await id_of(admin, 'agent15001')}"

            await ask(admin, "PUT", path, {"password": "new"})
            assert (await ben.get("/me")).refusal == (403, 20, "Access denied")
            assert (await book.agent("agent15001", "new").get("/me")).status == 200

            await ask(admin, "PUT", path, {"enabled": False})
            assert (await book.agent("agent15001", "new").get("/me")).refusal == (403, 20, "Access denied")
            await ask(admin, "PUT", path, {"enabled": True, "password": ""})
            assert (await book.agent("agent15001", "new").get("/me")).status == 200

    run(scene())


def test_a_device_from_making_to_deleting() -> None:
    async def scene() -> None:
        async with playing() as book:
            admin = book.agent("admin")
            body = {"phoneNumber": "15600", "type": "ACDPosition", "description": "Corner"}
            made = (await ask(admin, "POST", "/devices", body)).json
            path = f"/devices/{made['id']}"
            assert made == {"statusCode": 0, "id": made["id"], "uri": f"{API}{path}", "path": path}
            shown = (await admin.get(path)).json["device"]
            assert shown == {
                "id": made["id"],
                "phoneNumber": "15600",
                "e164Number": "",
                "telephonyNetwork": "Private",
                "type": "ACDPosition",
                "description": "Corner",
                "deviceState": "Inactive",
                "switchName": "Switch_A",
                "voiceEnvironmentUri": f"{API}/voice-environments/Switch_A",
                "uri": made["uri"],
                "path": path,
            }
            assert (await ask(admin, "POST", "/devices", body)).refusal == (
                409,
                18,
                "Failed to create device. Device '15600' already exists on Switch_A.",
            )
            assert (await ask(admin, "PUT", path, shown | {"description": ""})).json == {"statusCode": 0}
            assert "description" not in (await admin.get(path)).json["device"]

            # to a user by its number, as it is there; away again
            user = f"/users/{await id_of(admin, 'nodevice')}"
            given = (await ask(admin, "POST", f"{user}/devices", {"phoneNumber": "15600"})).json
            assert given["id"] == made["id"]
            assert (await admin.get(f"{user}/devices")).json["uris"] == [made["uri"]]
            assert (await ask(admin, "DELETE", f"{user}{path}")).json == {"statusCode": 0}
            assert (await ask(admin, "DELETE", f"{user}{path}")).refusal == (
                404,
                6,
                f"The user has no device {made['id']}",
            )

            assert (await ask(admin, "DELETE", path)).json == {"statusCode": 0}
            assert (await admin.get(path)).refusal == (404, 6, f"Device {made['id']} not found")

    run(scene())


def test_a_device_is_assigned_by_its_address_and_stays_with_whoever_works_with_it() -> None:
    async def scene() -> None:
        async with playing() as book:
            admin = book.agent("admin")
            alice = await book.in_session()
            user = f"/users/{await id_of(admin, 'nodevice')}"
            in_session = (409, 19, "Device 15000 is in a session")

            for body in ({"uri": f"{API}/devices/{DEVICE_15000}"}, {"uris": [f"/devices/{DEVICE_15000}"]}):
                assert (await ask(admin, "POST", f"{user}/devices", body)).refusal == in_session
            assert (await ask(admin, "DELETE", f"/devices/{DEVICE_15000}")).refusal == in_session
            assert len((await alice.get("/me/devices")).json["uris"]) == 1

            book.tserver.gets()
            await alice.post("/me", "EndContactCenterSession")
            assert (await ask(admin, "POST", f"{user}/devices", {"uri": DEVICE_15000})).status == 200
            alice = book.agent()
            assert (await alice.get("/me/devices")).json["uris"] == []
            (device,) = (await book.agent("nodevice").get("/me/devices?fields=*")).json["devices"]
            assert device["id"] == DEVICE_15000

    run(scene())


def test_features_come_and_go() -> None:
    async def scene() -> None:
        async with playing() as book:
            admin, alice = book.agent("admin"), book.agent()
            path = f"/ops/contact-centers/{CENTER}"
            await alice.get("/me")

            body = {"uris": ["/api/api-multimedia", f"{API}/features/api-voice"]}
            assert (await ask(admin, "POST", f"{path}/features", body)).json == {"statusCode": 0}
            assert f"{API}/features/api-multimedia" in (await alice.get("/me/features")).json["uris"]
            assert f"{API}/features/api-multimedia" in (await admin.get(f"{path}/features")).json["uris"]

            assert (await ask(admin, "DELETE", f"{path}/features/api-multimedia")).json == {"statusCode": 0}
            assert (await ask(admin, "DELETE", "/features/api-voice")).json == {"statusCode": 0}
            assert (await ask(admin, "DELETE", "/features/api-voice")).refusal == (
                404,
                6,
                "The contact center has no feature 'api-voice'",
            )
            assert (await alice.get("/me/calls")).status == 404
            await ask(admin, "POST", f"{path}/features", {"uris": ["api-voice"]})
            assert (await alice.get("/me/calls")).status == 200

    run(scene())


def test_without_its_feature_provisioning_is_not_there_and_can_be_got_back() -> None:
    async def scene() -> None:
        async with playing() as book:
            admin = book.agent("admin")
            gone = (404, 6, "There is no resource /api/v2/users")

            await ask(admin, "DELETE", "/features/api-provisioning-write")
            assert (await ask(admin, "POST", "/users", NEW)).refusal == gone
            assert (await admin.get("/users")).status == 200
            await ask(admin, "DELETE", "/features/api-provisioning-read")
            assert (await admin.get("/users")).refusal == gone

            body = {"uris": ["api-provisioning-read", "api-provisioning-write"]}
            await ask(admin, "POST", f"/ops/contact-centers/{CENTER}/features", body)
            assert (await ask(admin, "POST", "/users", NEW)).status == 200

    run(scene())


def test_lists_have_filters_and_pages() -> None:
    async def scene() -> None:
        async with playing() as book:
            admin = book.agent("admin")
            everybody = (await admin.get("/users")).json["uris"]
            assert len(everybody) == 22
            assert (await admin.get("/users?limit=3&offset=20")).json["uris"] == everybody[20:]
            some = (await admin.get("/users?roles=ROLE_SUPERVISOR,ROLE_ADMIN&fields=userName")).json["users"]
            assert some == [{"userName": "supervisor15009"}, {"userName": "admin"}]
            devices = (await admin.get("/devices?phoneNumber=15000,25000&fields=phoneNumber")).json["devices"]
            assert devices == [{"phoneNumber": "15000"}, {"phoneNumber": "25000"}]
            (center,) = (await admin.get("/ops/contact-centers?fields=id,name")).json["contactCenters"]
            assert center == {"id": CENTER, "name": "Demo"}
            assert (await admin.get(f"/ops/contact-centers/{CENTER}")).json["contactCenter"]["name"] == "Demo"

    run(scene())


def test_only_administrators_provision_and_a_user_is_shown_to_few() -> None:
    async def scene() -> None:
        async with playing() as book:
            admin, alice, susan = book.agent("admin"), book.agent(), book.agent("supervisor15009")
            mine, other = await id_of(admin, "agent15000"), await id_of(admin, "agent15001")

            for method, path in (
                ("GET", "/users"),
                ("POST", "/users"),
                ("PUT", f"/users/{mine}"),
                ("DELETE", f"/users/{other}"),
                ("GET", f"/users/{mine}/devices"),
                ("POST", f"/users/{mine}/devices"),
                ("DELETE", f"/users/{mine}/devices/{DEVICE_15000}"),
                ("GET", "/devices"),
                ("POST", "/devices"),
                ("GET", f"/devices/{DEVICE_15000}"),
                ("PUT", f"/devices/{DEVICE_15000}"),
                ("DELETE", f"/devices/{DEVICE_15000}"),
                ("DELETE", "/features/api-voice"),
                ("GET", "/ops/contact-centers"),
                ("GET", f"/ops/contact-centers/{CENTER}"),
                ("GET", f"/ops/contact-centers/{CENTER}/features"),
                ("POST", f"/ops/contact-centers/{CENTER}/features"),
                ("DELETE", f"/ops/contact-centers/{CENTER}/features/api-voice"),
            ):
                for agent in (alice, susan):
                    answer = await ask(agent, method, path, None if method in ("GET", "DELETE") else {})
                    assert answer.refusal == (403, 5, f"/api/v2{path} is for administrators only")

            assert (await alice.get(f"/users/{mine}")).json["user"]["userName"] == "agent15000"
            assert (await alice.get(f"/users/{other}")).refusal[:2] == (403, 5)
            assert (await susan.get(f"/users/{other}")).json["user"]["userName"] == "agent15001"

    run(scene())


def test_another_contact_center_is_out_of_sight() -> None:
    async def scene() -> None:
        async with playing() as book:
            admin = book.agent("admin")
            stranger = (await book.agent("novoice").get("/me")).json["user"]["id"]
            nobody = (404, 6, "User not found")

            assert (await admin.get("/users?userName=novoice")).json["uris"] == []
            assert (await admin.get("/devices?phoneNumber=15010")).json["uris"] == []
            assert (await admin.get(f"/users/{stranger}")).refusal == nobody
            assert (await ask(admin, "PUT", f"/users/{stranger}", {"firstName": "x"})).refusal == nobody
            assert (await ask(admin, "DELETE", f"/users/{stranger}")).refusal == nobody
            assert (await ask(admin, "POST", f"/users/{stranger}/devices", {"uri": "x"})).refusal == nobody
            for method, rest in (("GET", ""), ("GET", "/features"), ("DELETE", "/features/api-voice")):
                answer = await ask(admin, method, f"/ops/contact-centers/{OTHER_CENTER}{rest}")
                assert answer.refusal == (404, 6, "Contact center not found")
            # a login name is one of the whole site, though
            assert (await ask(admin, "POST", "/users", NEW | {"userName": "NoVoice"})).status == 409

    run(scene())


class FullStore:
    """A database whose disk is full at the first change."""

    is_full = True

    async def load(self) -> StoredRows:
        raise NotImplementedError

    async def close(self) -> None:
        pass

    async def write(self, change: Change) -> None:
        assert change.users
        if self.is_full:
            self.is_full = False
            raise StoreError("the disk of postgresql://u:hidden@h is full")


def test_a_change_that_cannot_be_kept_has_not_happened() -> None:
    async def scene() -> None:
        async with playing(store=FullStore()) as book:
            admin = book.agent("admin")
            assert (await ask(admin, "POST", "/users", NEW)).refusal == (
                500,
                4,
                "The change cannot be kept; nothing has changed",
            )
            assert (await admin.get("/users?userName=zed")).json["uris"] == []
            assert (await ask(admin, "POST", "/users", NEW)).status == 200

    run(scene())


def test_two_who_make_the_same_user_at_once_make_one() -> None:
    async def scene() -> None:
        async with playing() as book:
            admin = book.agent("admin")
            await admin.get("/me")
            answers = await asyncio.gather(*(ask(admin, "POST", "/users", NEW) for _ in range(4)))
            assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
            assert len((await admin.get("/users?userName=zed")).json["uris"]) == 1

    run(scene())


BAD_USERS = [
    *(
        ({name: ...}, 400, 1, f"{name}: required parameter missing")
        for name in ("userName", "password", "firstName", "lastName", "roles")
    ),
    ({"userName": None}, 400, 2, "userName: expected str, got null"),
    ({"roles": "ROLE_AGENT"}, 400, 2, "roles: expected array, got str"),
    ({"enabled": 1}, 400, 2, "enabled: expected bool, got int"),
    ({"userName": "x" * 256}, 400, 10, "userName: expected str of length <= 255"),
    ({"password": ""}, 400, 10, "password: expected str of length >= 1"),
    ({"roles": []}, 400, 10, "roles: expected array of length >= 1"),
    ({"roles": ["ROLE_GOD"]}, 400, 10, "roles[0]: invalid enum value 'ROLE_GOD'"),
    (
        {"userName": "a:b"},
        400,
        10,
        "userName: expected text without control characters, and of the form described",
    ),
    (
        {"lastName": "a\n"},
        400,
        10,
        "lastName: expected text without control characters, and of the form described",
    ),
    ({"devices": ["/devices/none"]}, 404, 6, "Device none not found"),
    ({"userName": "AGENT15000"}, 409, 18, "Failed to create user. User 'AGENT15000' already exists."),
]


@pytest.mark.parametrize(("change", "status", "code", "text"), BAD_USERS)
def test_a_bad_user_is_refused_and_not_made(
    change: dict[str, Any], status: int, code: int, text: str
) -> None:
    body = {name: value for name, value in (NEW | change).items() if value is not ...}

    async def scene() -> None:
        async with playing() as book:
            admin = book.agent("admin")
            before = (await admin.get("/users")).json
            assert (await ask(admin, "POST", "/users", body)).refusal == (status, code, text)
            assert (await admin.get("/users")).json == before

    run(scene())


async def _refusal(book: Playbook, method: str, path: str, body: object) -> tuple[int, int, str]:
    admin = book.agent("admin")
    me, user = await id_of(admin, "admin"), await id_of(admin, "nodevice")
    where = path.format(me=me, user=user, device=DEVICE_15000)
    return (await ask(admin, method, where, body)).refusal


READ_ONLY = "This operation is not allowed: '{}' is a read-only property"
BAD_CHANGES = [
    ("PUT", "/users/{user}", {"userName": "x"}, (400, 11, READ_ONLY.format("userName"))),
    ("PUT", "/users/{user}", {"contactCenterId": "x"}, (400, 11, READ_ONLY.format("contactCenterId"))),
    ("PUT", "/users/{user}", {"roles": None}, (400, 2, "roles: expected array, got null")),
    ("PUT", "/users/{user}", [], (400, 2, "The body: expected object, got array")),
    ("PUT", "/users/none", {}, (404, 6, "User not found")),
    ("PUT", "/devices/none", {}, (404, 6, "Device none not found")),
    ("PUT", "/devices/{device}", {"phoneNumber": "1"}, (400, 11, READ_ONLY.format("phoneNumber"))),
    ("PUT", "/devices/{device}", {"type": "Fax"}, (400, 10, "type: invalid enum value 'Fax'")),
    ("POST", "/devices", {}, (400, 1, "phoneNumber: required parameter missing")),
    ("POST", "/devices", {"phoneNumber": "7"}, (400, 2, "phoneNumber: no switch has DN '7'")),
    (
        "PUT",
        "/users/{me}",
        {"roles": ["ROLE_AGENT"]},
        (400, 2, "You cannot remove role 'ROLE_ADMIN' from yourself."),
    ),
    ("PUT", "/users/{me}", {"enabled": False}, (400, 2, "You cannot disable yourself.")),
    ("DELETE", "/users/{me}", None, (400, 2, "You cannot delete yourself.")),
    ("POST", "/users/{user}/devices", {}, (400, 1, "uri: required parameter missing")),
    (
        "POST",
        "/users/{user}/devices",
        {"uri": "x", "phoneNumber": "1"},
        (400, 2, "uri, uris and phoneNumber exclude each other"),
    ),
    (
        "POST",
        f"/ops/contact-centers/{CENTER}/features",
        {"uris": ["/api/api-vioce"]},
        (400, 2, "There is no feature 'api-vioce', did you mean 'api-voice'?"),
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "refusal"), BAD_CHANGES)
def test_a_bad_change_is_refused(method: str, path: str, body: object, refusal: tuple[int, int, str]) -> None:
    async def scene() -> None:
        async with playing() as book:
            assert await _refusal(book, method, path, body) == refusal

    run(scene())
