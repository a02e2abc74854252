"""The main path: an agent posts SingleStepTransfer and is notified of the release."""

from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.enums import CallState, Cause, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tests.loop import run
from tests.playbook import API, CALL_ID, CONN_ID, DEVICE_15000, playing

CALL = f"/me/calls/{CALL_ID}"
TO_15002 = {"phoneNumber": "15002"}
LINK_DOWN = "The link to Switch_A at tcp://switch-a:7010 is down: the T-Server went away"


def released(**changes: Any) -> dict[str, Any]:
    """What an agent is notified of when a call of 15000 with 15001 is over after 20 seconds."""
    call = {
        "id": CALL_ID,
        "state": "Released",
        "callUuid": CALL_ID,
        "connId": "007102719818000d",
        "deviceUri": f"{API}/devices/{DEVICE_15000}",
        "participants": [
            {"e164Number": "", "formattedPhoneNumber": "15001", "phoneNumber": "15001", "digits": "15001"}
        ],
        "dnis": "15001",
        "callType": "Internal",
        "capabilities": [],
        "duration": "20",
        "mute": "Off",
        "supervisorListeningIn": False,
        "monitoredUserMuted": False,
        "monitoring": False,
        "uri": f"{API}{CALL}",
        "path": f"/calls/{CALL_ID}",
    }
    return {
        "notificationType": "StatusChange",
        "call": call | changes,
        "phoneNumber": "15000",
        "extensions": {"BusinessCall": 0},
        "messageType": "CallStateChangeMessage",
    }


def test_a_transfer_from_post_to_notification() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await book.wait(20)

            # the agent posts; the T-Server gets the request; HTTP has answered already
            answer = await agent.post(CALL, "SingleStepTransfer", destination=TO_15002)
            assert (answer.status, answer.json) == (200, {"statusCode": 0})
            (request,) = book.tserver.gets()
            assert request == t.RequestSingleStepTransfer(
                reference_id=request.reference_id, this_dn="15000", conn_id=CONN_ID, other_dn="15002"
            )
            assert await agent.notifications() == []

            # the T-Server tells of the release; the agent is notified; the call is gone
            book.tserver.sends_call_event(
                t.EventReleased,
                reference_id=request.reference_id,
                call_state=CallState.Transferred,
                cause=Cause.SingleStepTransfer,
                third_party_dn="15002",
                third_party_dn_role=DNRole.Destination,
            )
            assert await agent.notifications() == [{"channel": "/v2/me/calls", "data": released()}]
            assert (await agent.get("/me/calls")).json == {"statusCode": 0, "uris": []}

    run(scene())


def test_user_data_goes_out_in_order_and_comes_back_merged() -> None:
    data = {"TransferReason": "Escalation", "TransferAgent": "WillardC", "Case": {"Id": 4711}}

    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await book.wait(20)

            await agent.post(CALL, "SingleStepTransfer", destination=TO_15002, userData=data)
            (request,) = book.tserver.gets()
            assert isinstance(request, t.RequestSingleStepTransfer)
            sent = KVList.of(TransferReason="Escalation", TransferAgent="WillardC", Case=KVList.of(Id=4711))
            assert request.user_data == sent

            book.tserver.sends_call_event(t.EventReleased, user_data=KVList.of(Before=1).updated(sent))
            assert await agent.notification() == released(userData={"Before": 1, **data})

    run(scene())


@pytest.mark.parametrize(
    ("given", "attribute"),
    [
        ({}, None),
        ({"location": None}, None),
        ({"location": ""}, None),
        ({"location": "Switch_B"}, "Switch_B"),
        ({"location": " TServer_B@Switch_B "}, " TServer_B@Switch_B "),
        ({"location": "Zürich"}, "Zürich"),
    ],
)
def test_location_is_copied_unchanged_when_there_is_one(given: dict[str, Any], attribute: str | None) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await agent.post(CALL, "SingleStepTransfer", destination=TO_15002, **given)
            (request,) = book.tserver.gets()
            assert isinstance(request, t.RequestSingleStepTransfer)
            assert request.location == attribute

    run(scene())


def test_an_error_of_the_t_server_becomes_an_error_message() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await agent.post(CALL, "SingleStepTransfer", destination=TO_15002, location="Nowhere")
            (request,) = book.tserver.gets()

            book.tserver.sends(
                t.EventError,
                reference_id=request.reference_id,
                error_code=ErrorCode.UnknownLocation,
                error_message="No such location",
            )

            data = await agent.notification()
            call = data.pop("call")
            assert data == {
                "messageType": "ErrorMessage",
                "notificationType": "Error",
                "errorCode": 1000,
                "errorMessage": "No such location",
                "operationName": "SingleStepTransfer",
                "phoneNumber": "15000",
            }
            assert (call["id"], call["state"]) == (CALL_ID, "Established")

            # the call goes on, and can be transferred after all
            await agent.post(CALL, "SingleStepTransfer", destination=TO_15002)
            assert len(book.tserver.gets()) == 1

    run(scene())


def test_an_outcome_that_never_comes_is_an_error_after_ten_seconds() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await agent.post(CALL, "SingleStepTransfer", destination=TO_15002)

            await book.wait(9.9)
            assert await agent.notifications() == []
            await book.wait(0.1)

            data = await agent.notification()
            assert (data["errorCode"], data["errorMessage"]) == (
                57,
                "RequestSingleStepTransfer got no answer from the T-Server within 10 s",
            )

    run(scene())


def test_the_switch_closing_in_mid_transfer_is_told_once_and_nothing_is_sent_again() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await agent.post(CALL, "SingleStepTransfer", destination=TO_15002)
            assert len(book.tserver.gets()) == 1

            # the link is cut: the device is out of reach, the outcome unknown
            book.tserver.goes_away()
            device, error = (message["data"] for message in await agent.notifications())
            assert device["devices"][0]["deviceState"] == "Inactive"
            assert (error["errorCode"], error["errorMessage"]) == (
                109,
                f"RequestSingleStepTransfer may not have been carried out: {LINK_DOWN}",
            )
            assert error["call"]["state"] == "Established"

            # meanwhile operations are refused at once, in the words of the link
            refusal = await agent.post(CALL, "Hangup")
            assert refusal.refusal == (
                503,
                4,
                LINK_DOWN,
            )

            # the link comes back: the DN is registered again, the transfer is not repeated
            book.reactor.advance(5)
            book.tserver.opens()
            (register,) = book.tserver.gets()
            assert isinstance(register, t.RequestRegisterAddress)

            # the T-Server names no call at the DN, so it ended meanwhile
            book.tserver.sends(t.EventRegistered, this_dn="15000", reference_id=register.reference_id)
            device, call = (message["data"] for message in await agent.notifications())
            assert device["devices"][0]["deviceState"] == "Active"
            assert (call["notificationType"], call["call"]["state"]) == ("StatusChange", "Released")
            assert book.tserver.gets() == []

    run(scene())


def test_a_call_that_lives_on_survives_a_cut_of_the_link() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            book.tserver.goes_away()
            book.reactor.advance(5)
            book.tserver.opens()
            (register,) = book.tserver.gets()
            alive = KVList([("conn-1", "007102719818000d"), ("ps-1", 12)])
            book.tserver.sends(
                t.EventRegistered, this_dn="15000", reference_id=register.reference_id, extensions=alive
            )
            assert [request.name for request in book.tserver.gets()] == ["RequestQueryCall"]
            await agent.notifications()

            assert (await agent.post(CALL, "SingleStepTransfer", destination=TO_15002)).status == 200
            assert len(book.tserver.gets()) == 1

    run(scene())
