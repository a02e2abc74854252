"""The link: what a T-Server may send, and how the bridge lives with a bad or a missing one."""

import msgspec
import pytest
import structlog

from bridge.tlib import messages as t
from bridge.tlib.enums import CallType
from bridge.tlib.errors import ErrorCode
from bridge.tlib.message_pack import frame
from tests.loop import run
from tests.playbook import CALL_ID, CONN_ID, DEVICE_15000, Playbook, playing

DOWN = "The link to Switch_A at tcp://switch-a:7010 is down"
CALL = f"/me/calls/{CALL_ID}"


async def dial_works(book: Playbook) -> None:
    """Show that the bridge goes on as before."""
    agent = await book.in_session("agent15003")
    assert (await agent.get("/me")).status == 200
    device = (await agent.get("/me/devices?fields=id")).json["devices"][0]["id"]
    await agent.post(f"/me/devices/{device}/calls", "Dial", destination={"phoneNumber": "15004"})
    (request,) = book.tserver.gets()
    assert isinstance(request, t.RequestMakeCall)
    assert (request.this_dn, request.other_dn) == ("15003", "15004")


# --- what is passed over ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        {"Message": 66, "ThisDN": "15000", "ConnID": CONN_ID},
        {"Message": 9999},
        {"Message": 65, "ThisDN": 15000},
        {"Message": 65, "TimeinSecs": "now"},
        {"Message": 65},
    ],
    ids=["number not modelled", "number unknown", "wrong type", "wrong time", "nothing in it"],
)
def test_an_event_that_is_not_understood_is_passed_over(event: dict[str, object]) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            book.tserver.sends_bytes(frame(msgspec.msgpack.encode(event)))
            assert await agent.notifications() == []
            await dial_works(book)

    run(scene())


def test_an_unknown_attribute_is_ignored() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            event = {
                "Message": 65,
                "TimeinSecs": 1444901376,
                "TimeinuSecs": 0,
                "ThisDN": "15000",
                "ThisDNRole": 1,
                "ConnID": CONN_ID,
                "CallID": 1013,
                "CallType": 1,
                "CallState": 0,
                "CallUUID": CALL_ID,
                "FavouriteColour": ["blue"],
            }
            book.tserver.sends_bytes(frame(msgspec.msgpack.encode(event)))
            assert (await agent.notification())["call"]["state"] == "Released"

    run(scene())


def test_an_event_for_a_dn_that_nobody_registered_tells_nobody() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            for number in ("15007", "99999"):
                book.tserver.sends_call_event(t.EventRinging, this_dn=number)
            assert await agent.notifications() == []
            late = await book.in_session("agent15007")
            assert (await late.get("/me/calls")).json["uris"] == []

    run(scene())


def test_a_reference_that_nobody_sent_does_no_harm() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            book.tserver.sends(t.EventError, reference_id=4711, error_code=ErrorCode.UnknownError)
            book.tserver.sends(t.EventError, error_code=ErrorCode.UnknownError)
            assert await agent.notifications() == []
            book.tserver.sends_call_event(t.EventReleased, reference_id=4711)
            assert (await agent.notification())["call"]["state"] == "Released"

    run(scene())


def test_an_outcome_that_comes_twice_is_told_once() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await agent.post(CALL, "SingleStepTransfer", destination={"phoneNumber": "15002"})
            (request,) = book.tserver.gets()
            for _ in range(2):
                book.tserver.sends(
                    t.EventError, reference_id=request.reference_id, error_code=ErrorCode.DNBusy
                )
            assert (await agent.notification())["errorMessage"] == "The DN is busy"

    run(scene())


# --- what ends the connection -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "garbage",
    [b"\xff\xff\xff\xff", frame(b"\xc1"), frame(b"\x93\x01\x02\x03"), b"SSH-2.0-OpenSSH_9.2\r\n"],
    ids=["4 GiB", "not MessagePack", "not a map", "another protocol"],
)
def test_garbage_closes_the_link_and_the_next_one_works(garbage: bytes) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            book.tserver.sends_bytes(garbage)
            assert book.tserver.is_dropped
            assert (await agent.notification())["devices"][0]["deviceState"] == "Inactive"

            book.reactor.advance(10)
            book.tserver.opens()
            (register,) = book.tserver.gets()
            book.tserver.sends(t.EventRegistered, this_dn="15000", reference_id=register.reference_id)
            assert (await agent.notification())["devices"][0]["deviceState"] == "Active"
            await dial_works(book)

    run(scene())


def test_a_frame_cut_by_the_end_of_the_connection_is_not_acted_on() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            whole = frame(msgspec.msgpack.encode({"Message": 65, "ThisDN": "15000"}))
            book.tserver.sends_bytes(whole[:-1])
            book.tserver.goes_away()
            (message,) = await agent.notifications()
            assert message["data"]["messageType"] == "DeviceStateChangeMessage"

    run(scene())


def test_a_silent_t_server_is_polled_and_then_given_up() -> None:
    async def scene() -> None:
        async with playing() as book:
            book.clock.advance(10)  # the bridge polls
            assert not book.tserver.is_dropped
            book.clock.advance(10)  # and gets no answer
            assert book.tserver.is_dropped
            reason = (await book.agent().http.get("http://127.0.0.1:8080/health/ready")).json()["reason"]
            assert reason.endswith("is down: nothing heard for 20.0 s, and no answer to a poll")

    run(scene())


def test_a_t_server_that_refuses_the_bridge_is_named_with_its_reason() -> None:
    async def scene() -> None:
        async with playing(link=False) as book:
            book.tserver.accepting = True
            await book.bridge.stop()
            book.bridge.start()
            book.tserver.sends(t.EventError, error_code=ErrorCode.BadPassword, error_message="Bad password")
            answer = await book.agent().post("/me", "StartContactCenterSession", channels=["voice"])
            assert answer.refusal == (
                503,
                4,
                f"{DOWN}: the T-Server refused this client: Bad password",
            )

    run(scene())


def test_a_switch_that_its_t_server_has_lost_is_down_until_it_is_back() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()

            book.tserver.sends(t.EventLinkDisconnected)
            assert (await agent.notification())["devices"][0]["deviceState"] == "Inactive"
            refusal = (await agent.post(CALL, "Hangup")).refusal
            assert refusal == (
                503,
                4,
                f"{DOWN}: the T-Server has lost its switch",
            )

            book.tserver.sends(t.EventLinkConnected)
            (register,) = book.tserver.gets()
            assert isinstance(register, t.RequestRegisterAddress)

    run(scene())


def test_a_dn_that_the_t_server_does_not_have_is_told_on_devices() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            await agent.listen()
            await agent.post("/me", "StartContactCenterSession", channels=["voice"])
            (register,) = book.tserver.gets()
            book.tserver.sends(
                t.EventError,
                reference_id=register.reference_id,
                error_code=ErrorCode.DNNotConfigured,
                error_message="The DN is not configured",
            )
            (message,) = await agent.notifications()
            assert message["channel"] == "/v2/me/devices"
            assert message["data"] == {
                "notificationType": "Error",
                "operationName": "StartContactCenterSession",
                "errorCode": 59,
                "errorMessage": "The DN is not configured",
                "phoneNumber": "15000",
                "messageType": "ErrorMessage",
            }
            answer = await agent.post(
                f"/me/devices/{DEVICE_15000}/calls", "Dial", destination={"phoneNumber": "15001"}
            )
            assert answer.status == 400

    run(scene())


def test_a_call_that_began_before_the_session_is_known_from_its_next_event() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            book.tserver.sends_call_event(t.EventEstablished, call_uuid=None, call_type=CallType(99))
            call = (await agent.notification())["call"]
            assert (call["id"], call["callType"], call["duration"]) == ("007102719818000d", "Unknown", "0")

    run(scene())


def test_a_reason_that_repeats_is_logged_once() -> None:
    async def scene() -> None:
        with structlog.testing.capture_logs() as logged:
            async with playing() as book:
                for _ in range(3):  # each time it connects, and is refused
                    book.tserver.goes_away(ConnectionResetError("gone"))
                    book.reactor.advance(10)
        ours = [line for line in logged if line["switch"] == "Switch_A" and line["log_level"] != "debug"]
        assert [(line["event"], line.get("reason")) for line in ours] == [
            ("link up", None),
            ("link down", "gone"),
        ]

    run(scene())
