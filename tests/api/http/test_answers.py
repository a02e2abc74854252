"""How resources are read, and how the API answers when the fault is its own."""

import pytest

from tests.loop import run
from tests.playbook import CALL_ID, DEVICE_15000, playing

SERVER = "http://127.0.0.1:8080"


def test_reading_the_user_with_everything() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            user = (await agent.get("/me?subresources=*")).json["user"]
            assert (user["userName"], user["roles"]) == ("agent15000", ["ROLE_AGENT"])
            assert [feature["id"] for feature in user["features"]] == [
                "api-voice",
                "api-voice-recording",
                "api-supervisor-monitoring",
                "api-supervisor-agent-control",
                "api-provisioning-read",
                "api-provisioning-write",
            ]
            assert [device["id"] for device in user["devices"]] == [DEVICE_15000]
            assert [call["id"] for call in user["calls"]] == [CALL_ID]

            some = (await agent.get("/me?subresources=calls,nothing")).json["user"]
            assert "calls" in some
            assert not {"devices", "features", "nothing"} & set(some)
            assert not {"devices", "calls", "features"} & set((await agent.get("/me")).json["user"])

    run(scene())


def test_reading_collections_as_addresses_as_objects_and_in_part() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            api = f"{SERVER}/api/v2"
            assert (await agent.get("/me/devices")).json["uris"] == [f"{api}/devices/{DEVICE_15000}"]
            (device,) = (await agent.get("/me/devices?fields=*")).json["devices"]
            assert device["userState"]["state"] == "NotReady"
            assert (device["deviceState"], device["phoneNumber"]) == ("Active", "15000")
            assert (await agent.get("/me/calls?fields=state,dnis,ani")).json["calls"] == [
                {"state": "Established", "dnis": "15001"}
            ]

    run(scene())


def test_the_duration_of_a_call_goes_on_between_events() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await book.wait(7)
            assert (await agent.get(f"/me/calls/{CALL_ID}")).json["call"]["duration"] == "7"

    run(scene())


def test_a_fault_of_our_own_is_answered_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            with monkeypatch.context() as broken:
                broken.setattr("bridge.voice.model.device.Device.call", None)
                for answer in (
                    await agent.post(f"/me/calls/{CALL_ID}", "Hangup"),
                    await agent.get(f"/me/calls/{CALL_ID}"),
                ):
                    assert answer.refusal == (500, 4, "Internal error")
            assert (await agent.get(f"/me/calls/{CALL_ID}")).status == 200

    run(scene())
