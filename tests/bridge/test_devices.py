"""The features of a device as ladders: what is posted, what the T-Server gets and tells, what is notified."""

from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.enums import ForwardMode
from bridge.tlib.errors import ErrorCode
from tests.loop import run
from tests.playbook import API, DEVICE_15000, playing

DEVICE = f"/me/devices/{DEVICE_15000}"


def test_each_feature_from_post_to_notification() -> None:
    ladder: list[tuple[str, dict[str, Any], t.Request, type[t.DNEvent], dict[str, Any], tuple[Any, ...]]] = [
        (
            "DoNotDisturbOn",
            {},
            t.RequestSetDNDOn(this_dn="15000"),
            t.EventDNDOn,
            {},
            ("On", None, ["DoNotDisturbOff", "ForwardCallsOn"]),
        ),
        (
            "DoNotDisturbOff",
            {},
            t.RequestSetDNDOff(this_dn="15000"),
            t.EventDNDOff,
            {},
            ("Off", None, ["DoNotDisturbOn", "ForwardCallsOn"]),
        ),
        (
            "ForwardCallsOn",
            {"destination": "15009"},
            t.RequestCallForwardSet(
                this_dn="15000", other_dn="15009", forward_mode=ForwardMode.Unconditional
            ),
            t.EventForwardSet,
            {"other_dn": "15009", "forward_mode": ForwardMode.Unconditional},
            ("Off", "15009", ["DoNotDisturbOn", "ForwardCallsOff"]),
        ),
        (
            "ForwardCallsOff",
            {},
            t.RequestCallForwardCancel(this_dn="15000", forward_mode=ForwardMode.Unconditional),
            t.EventForwardCancel,
            {"forward_mode": ForwardMode.Unconditional},
            ("Off", None, ["DoNotDisturbOn", "ForwardCallsOn"]),
        ),
    ]

    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            for operation, parameters, request, event, attributes, shown in ladder:
                answer = await agent.post(DEVICE, operation, **parameters)
                assert (answer.status, answer.json) == (200, {"statusCode": 0})
                (sent,) = book.tserver.gets()
                fields = {field: getattr(request, field) for field in request.__struct_fields__}
                assert sent == type(request)(**(fields | {"reference_id": sent.reference_id}))
                book.tserver.sends(event, this_dn="15000", reference_id=sent.reference_id, **attributes)
                (device,) = (await agent.notification())["devices"]
                assert (device["doNotDisturb"], device.get("forwardTo"), device["capabilities"]) == shown

    run(scene())


def test_a_device_is_told_whole() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            book.tserver.sends(t.EventDNDOn, this_dn="15000")
            message = await agent.notification()
            assert message == {
                "devices": [
                    {
                        "id": DEVICE_15000,
                        "deviceState": "Active",
                        "userState": {
                            "id": "900D55CC-2BB0-431F-8BF9-D3525B383BE6",
                            "displayName": "Not Ready",
                            "state": "NotReady",
                        },
                        "phoneNumber": "15000",
                        "e164Number": "",
                        "telephonyNetwork": "Private",
                        "doNotDisturb": "On",
                        "voiceEnvironmentUri": f"{API}/voice-environments/Switch_A",
                        "capabilities": ["DoNotDisturbOff", "ForwardCallsOn"],
                        "channels": ["voice"],
                        "uri": f"{API}/devices/{DEVICE_15000}",
                        "path": f"/devices/{DEVICE_15000}",
                    }
                ],
                "messageType": "DeviceStateChangeMessage",
            }

    run(scene())


@pytest.mark.parametrize(
    ("operation", "parameters", "refusal"),
    [
        (
            "DoNotDisturbOff",
            {},
            (
                400,
                2,
                "DoNotDisturbOff is not possible on the device now; possible: DoNotDisturbOn, ForwardCallsOn",
            ),
        ),
        (
            "ForwardCallsOff",
            {},
            (
                400,
                2,
                "ForwardCallsOff is not possible on the device now; possible: DoNotDisturbOn, ForwardCallsOn",
            ),
        ),
        ("ForwardCallsOn", {}, (400, 1, "destination: required parameter missing")),
        (
            "ForwardCallsOn",
            {"destination": {"phoneNumber": "1"}},
            (400, 2, "destination: expected str, got object"),
        ),
    ],
)
def test_what_is_not_possible_is_refused(
    operation: str, parameters: dict[str, Any], refusal: tuple[int, int, str]
) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            assert (await agent.post(DEVICE, operation, **parameters)).refusal == refusal
            assert book.tserver.gets() == []

    run(scene())


def test_devices_of_others_and_without_a_session_are_refused() -> None:
    async def scene() -> None:
        async with playing() as book:
            other = await book.in_session("agent15001")
            text = f"The user has no device {DEVICE_15000}"
            assert (await other.post(DEVICE, "DoNotDisturbOn")).refusal == (404, 6, text)
            text = "Device 15000 is not in a session; send StartContactCenterSession first"
            assert (await book.agent().post(DEVICE, "DoNotDisturbOn")).refusal == (400, 2, text)

    run(scene())


def test_an_error_is_told_on_devices_without_one() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            await agent.post(DEVICE, "ForwardCallsOn", destination="nowhere")
            (request,) = book.tserver.gets()
            book.tserver.sends(
                t.EventError, reference_id=request.reference_id, error_code=ErrorCode.InvalidForwardTarget
            )
            (message,) = await agent.notifications()
            assert message["channel"] == "/v2/me/devices"
            assert message["data"]["operationName"] == "ForwardCallsOn"
            assert "devices" not in message["data"]

    run(scene())
