"""Agent states as ladders: what is posted, what the T-Server gets and tells, what is notified."""

from typing import Any

import pytest

from bridge.tlib import messages as t
from bridge.tlib.enums import AgentWorkMode
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tests.loop import run
from tests.playbook import Playbook, playing

VOICE = {"channels": ["voice"]}
NO_SESSION = "The user is in no contact center session; StartContactCenterSession begins one"

READY = {"id": "9430250E-0A1B-421F-B372-F29E69366DED", "displayName": "Ready", "state": "Ready"}
NOT_READY = {"id": "900D55CC-2BB0-431F-8BF9-D3525B383BE6", "displayName": "Not Ready", "state": "NotReady"}
AUX_WORK = {
    "id": "2B36138D-C564-4562-A8CB-3C32D564F296",
    "displayName": "AuxWork",
    "state": "NotReady",
    "workMode": "AuxWork",
}
AFTER_CALL_WORK = {
    "id": "D3663509-3D82-4DD3-A82E-2EA8EFA02AEF",
    "displayName": "AfterCallWork",
    "state": "NotReady",
    "workMode": "AfterCallWork",
}
OFFLINE = {"id": "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB", "displayName": "Offline", "state": "LoggedOut"}

LUNCH = KVList.of(ReasonCode="lunch")


@pytest.mark.parametrize(
    ("operation", "parameters", "request_", "event", "attributes", "user_state"),
    [
        ("Ready", {}, t.RequestAgentReady(this_dn="15000"), t.EventAgentReady, {}, READY),
        ("NotReady", {}, t.RequestAgentNotReady(this_dn="15000"), t.EventAgentNotReady, {}, NOT_READY),
        (
            "AuxWork",
            {},
            t.RequestAgentNotReady(this_dn="15000", agent_work_mode=AgentWorkMode.AuxWork),
            t.EventAgentNotReady,
            {"agent_work_mode": AgentWorkMode.AuxWork},
            AUX_WORK,
        ),
        (
            "AfterCallWork",
            {"wrapUpTime": "45"},
            t.RequestAgentNotReady(
                this_dn="15000",
                agent_work_mode=AgentWorkMode.AfterCallWork,
                extensions=KVList.of(WrapUpTime=45),
            ),
            t.EventAgentNotReady,
            {"agent_work_mode": AgentWorkMode.AfterCallWork},
            AFTER_CALL_WORK,
        ),
        ("Offline", {}, t.RequestAgentLogout(this_dn="15000"), t.EventAgentLogout, {}, OFFLINE),
        (
            "Lunch",
            {},
            t.RequestAgentNotReady(
                this_dn="15000", agent_work_mode=AgentWorkMode.AuxWork, reasons=LUNCH, extensions=LUNCH
            ),
            t.EventAgentNotReady,
            {"agent_work_mode": AgentWorkMode.AuxWork, "reasons": LUNCH},
            AUX_WORK | {"displayName": "Lunch", "reason": "lunch"},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("path", ["/me/channels/voice", "/me", "/me/channels/voice/"])
def test_a_state_from_post_to_notification(
    path: str,
    operation: str,
    parameters: dict[str, Any],
    request_: t.Request,
    event: type[t.DNEvent],
    attributes: dict[str, Any],
    user_state: dict[str, Any],
) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            answer = await agent.post(path, operation, **parameters)
            assert (answer.status, answer.json) == (200, {"statusCode": 0})
            (sent,) = book.tserver.gets()
            reference = sent.reference_id
            fields = {field: getattr(request_, field) for field in request_.__struct_fields__}
            assert sent == type(request_)(**(fields | {"reference_id": reference}))

            book.tserver.sends(event, this_dn="15000", reference_id=reference, **attributes)
            message = await agent.notification()
            assert message["messageType"] == "DeviceStateChangeMessage"
            (device,) = message["devices"]
            shown = device["userState"]
            if operation == "Lunch":
                user_state["id"] = shown["id"]  # that of the site
                assert shown["id"] != AUX_WORK["id"]
            assert shown == user_state
            (channel,) = (await agent.get("/me/channels?fields=*")).json["channels"]
            assert channel == {"channel": "voice", "userState": user_state}

    run(scene())


def test_a_change_of_state_is_told_on_channels_too() -> None:
    async def scene() -> None:
        async with playing() as book:
            await book.in_session()
            other = book.agent()
            await other.listen("/v2/me/channels")
            for _ in range(2):  # of which the second changes nothing
                book.tserver.sends(t.EventAgentReady, this_dn="15000")
            (message,) = await other.notifications()
            assert message["channel"] == "/v2/me/channels"
            assert message["data"] == {
                "channels": [{"channel": "voice", "userState": READY}],
                "messageType": "ChannelStateChangeMessageV2",
            }

    run(scene())


# --- the beginning of a session -----------------------------------------------------------------------


async def starts(book: Playbook, **parameters: Any) -> Any:
    agent = book.agent()
    await agent.listen()
    answer = await agent.post("/me", "StartContactCenterSession", **(VOICE | parameters))
    assert answer.json == {"statusCode": 0}
    return agent


def test_ready_that_overtakes_the_registration_follows_the_login() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await starts(book)
            assert (await agent.post("/me/channels/voice", "Ready")).json == {"statusCode": 0}
            book.tserver.registers(KVList.of(AgentStatus=0))
            login, ready = book.tserver.gets()
            assert isinstance(login, t.RequestAgentLogin)
            assert isinstance(ready, t.RequestAgentReady)
            for event, request in ((t.EventAgentLogin, login), (t.EventAgentReady, ready)):
                book.tserver.sends(event, this_dn="15000", reference_id=request.reference_id)
            states = [
                each["data"]["devices"][0]["userState"]["state"] for each in await agent.notifications()
            ]
            assert states == ["LoggedIn", "LoggedIn", "Ready"]

    run(scene())


def test_ready_that_overtakes_the_login_is_sent_at_once() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await starts(book)
            book.tserver.registers()
            await agent.post("/me/channels/voice", "Ready")
            assert [request.name for request in book.tserver.gets()] == [
                "RequestAgentLogin",
                "RequestAgentReady",
            ]

    run(scene())


@pytest.mark.parametrize(("status", "state"), [(1, NOT_READY), (2, READY)])
def test_who_is_logged_in_already_is_not_logged_in_again(status: int, state: dict[str, Any]) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await starts(book)
            book.tserver.registers(KVList.of(AgentStatus=status), agent_id="15000")
            (device,) = (await agent.notification())["devices"]
            assert device["userState"] == state
            assert book.tserver.gets() == []

    run(scene())


def test_a_login_that_the_t_server_calls_done_already_is_no_error() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await starts(book)
            book.tserver.registers()
            (login,) = book.tserver.gets()
            book.tserver.sends(
                t.EventError,
                reference_id=login.reference_id,
                error_code=ErrorCode.AgentAlreadyLoggedIn,
                this_dn="15000",
            )
            kinds = [each["data"]["messageType"] for each in await agent.notifications()]
            assert kinds == ["DeviceStateChangeMessage"] * 2

    run(scene())


def test_a_login_that_fails_is_told_and_the_device_stays_registered() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await starts(book, loginCode="7000", queue="15600")
            book.tserver.registers(KVList.of(AgentStatus=0))
            (login,) = book.tserver.gets()
            assert login == t.RequestAgentLogin(
                this_dn="15000", agent_id="7000", this_queue="15600", reference_id=login.reference_id
            )
            book.tserver.sends(
                t.EventError,
                reference_id=login.reference_id,
                error_code=ErrorCode.WrongAgentPassword,
                error_message="Wrong agent password",
            )
            _, error, device = [each["data"] for each in await agent.notifications()]
            assert error == {
                "notificationType": "Error",
                "operationName": "StartContactCenterSession",
                "errorCode": 1705,
                "errorMessage": "Wrong agent password",
                "phoneNumber": "15000",
                "messageType": "ErrorMessage",
            }
            assert device["devices"][0]["deviceState"] == "Active"
            assert device["devices"][0]["userState"] == OFFLINE

    run(scene())


def test_a_login_is_not_sent_again_after_a_gap_but_one_that_was_never_sent_is() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await starts(book)
            for _ in range(2):  # the first time, before the DN was registered
                book.tserver.goes_away()
                book.reactor.advance(5)
                book.tserver.opens()
                book.tserver.registers(KVList.of(AgentStatus=0))
            assert [request.name for request in book.tserver.gets()] == []
            (device,) = (await agent.get("/me/devices?fields=userState")).json["devices"]
            assert device["userState"] == OFFLINE

    run(scene())


def test_some_channels_fail_and_others_do_not() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            answer = await agent.post("/me", "StartContactCenterSession", channels=["voice", "multimedia"])
            assert answer.status == 200
            assert answer.json == {
                "statusCode": 7,
                "succeeded": [{"statusCode": 0, "channel": "voice"}],
                "failed": [
                    {
                        "statusCode": 4,
                        "statusMessage": "channels: 'multimedia' is not served here, only 'voice'",
                        "channel": "multimedia",
                    }
                ],
            }
            answer = await agent.post("/me", "StartContactCenterSession", channels=["chat"])
            assert answer.refusal == (503, 4, "channels: 'chat' is not served here, only 'voice'")

    run(scene())


def test_a_place_of_the_site_is_taken_and_given_back() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await starts(book, place="Hot desk")
            book.tserver.registers()
            (login,) = book.tserver.gets()
            assert isinstance(login, t.RequestAgentLogin)
            assert login.this_dn == "15012"
            (device,) = (await agent.get("/me/devices?fields=*")).json["devices"]
            assert (device["phoneNumber"], device["description"]) == ("15012", "Hot desk")

            other = book.agent("agent15001")
            answer = await other.post("/me", "StartContactCenterSession", **VOICE, place="Hot desk")
            text = "place: the device 15012 of 'Hot desk' is assigned to another user"
            assert answer.refusal == (400, 2, text)

            await agent.post("/me", "EndContactCenterSession")
            (device,) = (await agent.get("/me/devices?fields=*")).json["devices"]
            assert device["phoneNumber"] == "15000"
            answer = await other.post("/me", "StartContactCenterSession", **VOICE, place="Hot desk")
            assert answer.json == {"statusCode": 0}

    run(scene())


# --- what fails ---------------------------------------------------------------------------------------


def test_an_error_of_the_t_server_is_told_on_devices() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            await agent.post("/me/channels/voice", "Ready")
            (request,) = book.tserver.gets()
            book.tserver.sends(
                t.EventError,
                reference_id=request.reference_id,
                error_code=ErrorCode.AgentNotLoggedIn,
                error_message="no agent is logged in on 15000",
            )
            (message,) = await agent.notifications()
            assert message["channel"] == "/v2/me/devices"
            assert message["data"] == {
                "notificationType": "Error",
                "operationName": "Ready",
                "errorCode": 1707,
                "errorMessage": "no agent is logged in on 15000",
                "phoneNumber": "15000",
                "messageType": "ErrorMessage",
            }

    run(scene())


@pytest.mark.parametrize(
    ("operation", "code"),
    [("Ready", ErrorCode.AlreadyInState), ("Offline", ErrorCode.AgentNotLoggedIn)],
)
def test_what_is_so_already_is_told_as_the_state(operation: str, code: ErrorCode) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            await agent.post("/me/channels/voice", operation)
            (request,) = book.tserver.gets()
            book.tserver.sends(t.EventError, reference_id=request.reference_id, error_code=code)
            assert (await agent.notification())["messageType"] == "DeviceStateChangeMessage"

    run(scene())


@pytest.mark.parametrize(
    ("path", "operation", "refusal"),
    [
        ("/me/channels/voice", "Ready", (400, 2, NO_SESSION)),
        ("/me", "Ready", (400, 2, NO_SESSION)),
        ("/me/channels/voice", "Lunch", (400, 2, NO_SESSION)),
        ("/me/channels/chat", "Ready", (404, 6, "There is no channel chat, only voice")),
        (
            "/me/channels/voice",
            "Dinner",
            (
                400,
                2,
                (
                    "operationName: 'Dinner' is no operation of a channel; these are: AfterCallWork, "
                    "AuxWork, NotReady, Offline, Ready, Lunch, Training, Paperwork"
                ),
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused(path: str, operation: str, refusal: tuple[int, int, str]) -> None:
    async def scene() -> None:
        async with playing() as book:
            assert (await book.agent().post(path, operation)).refusal == refusal
            assert book.tserver.gets() == []

    run(scene())


def test_a_state_while_the_link_is_down_is_refused_with_the_link() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            book.tserver.goes_away()
            status, code, text = (await agent.post("/me/channels/voice", "Ready")).refusal
            assert (status, code) == (503, 4)
            assert text.startswith("The link to Switch_A")

    run(scene())


def test_an_answer_after_the_event_and_two_browsers() -> None:
    async def scene() -> None:
        async with playing() as book:
            first = await book.in_session()
            second = book.agent()
            await second.listen()
            assert (await second.post("/me", "StartContactCenterSession", **VOICE)).json == {"statusCode": 0}
            book.tserver.registers(KVList.of(AgentStatus=1), agent_id="15000")
            assert book.tserver.gets() == []
            book.tserver.sends(t.EventAgentReady, this_dn="15000")
            for browser in (first, second):
                *_, message = await browser.notifications()
                assert message["data"]["devices"][0]["userState"] == READY

    run(scene())
