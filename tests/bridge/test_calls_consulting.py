"""Consultations from POST to notification, event by event; and what crosses on the way."""

from typing import Any

from bridge.tlib import messages as t
from bridge.tlib.enums import CallState, CallType, Cause, DNRole
from bridge.tlib.errors import ErrorCode
from tests.agent import Agent
from tests.loop import run
from tests.playbook import API, CALL_ID, CONN_ID, Playbook, playing

CONSULT_CONN_ID = CONN_ID + 1
CONSULT_ID = "01RCC3N118B1V0SL807GK2LAES00000E"
MAIN, CONSULT = f"/me/calls/{CALL_ID}", f"/me/calls/{CONSULT_ID}"
TO_15002 = {"phoneNumber": "15002"}


def send_consultation_event(book: Playbook, event: type[t.CallEvent], **attributes: Any) -> None:
    consultation: dict[str, Any] = {
        "conn_id": CONSULT_CONN_ID,
        "call_id": 1014,
        "call_uuid": CONSULT_ID,
        "call_type": CallType.Consult,
        "previous_conn_id": CONN_ID,
        "other_dn": "15002",
        "dnis": "15002",
    }
    book.tserver.sends_call_event(event, **(consultation | attributes))


async def consulting(book: Playbook) -> Agent:
    """Let 15000, who talks to 15001, consult 15002."""
    agent = await book.talking()
    send_consultation_event(book, t.EventDialing)
    book.tserver.sends_call_event(t.EventHeld)
    send_consultation_event(book, t.EventEstablished)
    await agent.notifications()
    return agent


def states(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(message["data"]["call"]["id"], message["data"]["call"]["state"]) for message in messages]


def test_a_consultative_transfer() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()

            await agent.post(MAIN, "InitiateTransfer", destination=TO_15002)
            (request,) = book.tserver.gets()
            book.tserver.sends_call_event(t.EventHeld, reference_id=request.reference_id, extensions=None)
            (held,) = await agent.notifications()
            assert states([held]) == [(CALL_ID, "Held")]
            assert "extensions" not in held["data"]
            assert {"CompleteTransfer", "SwapCalls"} <= set(held["data"]["call"]["capabilities"])

            # the consultation has not begun yet
            answer = await agent.post(MAIN, "CompleteTransfer")
            assert answer.refusal == (400, 2, f"Call {CALL_ID} is not part of a consultation")

            send_consultation_event(book, t.EventDialing, reference_id=request.reference_id)
            send_consultation_event(book, t.EventEstablished)
            *_, established = await agent.notifications()
            call = established["data"]["call"]
            assert (call["callType"], call["parentCallUri"]) == ("Consult", f"{API}{MAIN}")

            await agent.post(CONSULT, "CompleteTransfer")
            (request,) = book.tserver.gets()
            assert request == t.RequestCompleteTransfer(
                reference_id=request.reference_id,
                this_dn="15000",
                conn_id=CONN_ID,
                transfer_conn_id=CONSULT_CONN_ID,
            )
            transferred: dict[str, Any] = {
                "call_state": CallState.Transferred,
                "reference_id": request.reference_id,
            }
            send_consultation_event(book, t.EventReleased, **transferred)
            book.tserver.sends_call_event(t.EventReleased, **transferred)
            assert states(await agent.notifications()) == [(CALL_ID, "Released"), (CONSULT_ID, "Released")]
            assert (await agent.get("/me/calls")).json == {"statusCode": 0, "uris": []}

    run(scene())


def test_the_end_of_the_consultation_waits_for_that_of_the_original_only_a_moment() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await consulting(book)
            await agent.post(MAIN, "CompleteTransfer")
            (request,) = book.tserver.gets()
            send_consultation_event(book, t.EventReleased, reference_id=request.reference_id)
            assert await agent.notifications() == []
            await book.wait(0.1)
            assert states(await agent.notifications()) == [(CONSULT_ID, "Released")]

    run(scene())


def test_whatever_else_happens_the_end_of_the_consultation_is_told_before_it() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await consulting(book)
            await agent.post(MAIN, "CompleteTransfer")
            (request,) = book.tserver.gets()
            send_consultation_event(book, t.EventReleased, reference_id=request.reference_id)
            book.tserver.sends_call_event(t.EventRetrieved)
            assert states(await agent.notifications()) == [(CONSULT_ID, "Released"), (CALL_ID, "Established")]

    run(scene())


def test_a_consultative_conference() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await consulting(book)
            await agent.post(CONSULT, "CompleteConference", consultCallUri=f"{API}{CONSULT}")
            (request,) = book.tserver.gets()
            assert request == t.RequestCompleteConference(
                reference_id=request.reference_id,
                this_dn="15000",
                conn_id=CONN_ID,
                conference_conn_id=CONSULT_CONN_ID,
            )
            conferenced: dict[str, Any] = {"call_state": CallState.Conferenced, "cause": Cause.Conference}
            send_consultation_event(book, t.EventReleased, reference_id=request.reference_id, **conferenced)
            book.tserver.sends_call_event(t.EventRetrieved, other_dn=None, **conferenced)
            book.tserver.sends_call_event(
                t.EventPartyAdded,
                other_dn="15002",
                other_dn_role=DNRole.NewParty,
                third_party_dn="15000",
                third_party_dn_role=DNRole.AddedBy,
                **conferenced,
            )
            messages = await agent.notifications()
            assert states(messages) == [
                (CONSULT_ID, "Released"),
                (CALL_ID, "Established"),
                (CALL_ID, "Established"),
            ]
            assert messages[0]["data"]["call"]["parentCallPath"] == f"/calls/{CALL_ID}"
            last = messages[2]["data"]
            assert last["notificationType"] == "ParticipantsUpdated"
            assert [party["digits"] for party in last["call"]["participants"]] == ["15001", "15002"]
            assert "RemoveParticipantFromConference" in last["call"]["capabilities"]

            await agent.post(MAIN, "RemoveParticipantFromConference", participant="15002")
            (request,) = book.tserver.gets()
            assert request == t.RequestDeleteFromConference(
                reference_id=request.reference_id, this_dn="15000", conn_id=CONN_ID, other_dn="15002"
            )

    run(scene())


def test_calls_are_swapped() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await consulting(book)
            await agent.post(MAIN, "SwapCalls", otherCallUri=f"{API}{CONSULT}")
            (request,) = book.tserver.gets()
            assert request == t.RequestAlternateCall(
                reference_id=request.reference_id,
                this_dn="15000",
                conn_id=CONSULT_CONN_ID,
                previous_conn_id=CONN_ID,
            )

    run(scene())


def test_somebody_elses_call_is_no_other_call() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await consulting(book)
            for operation, name in (("SwapCalls", "otherCallUri"), ("CompleteTransfer", "consultCallUri")):
                answer = await agent.post(MAIN, operation, **{name: "/calls/01ANOTHER"})
                assert answer.refusal == (404, 6, f"{name}: device 15000 has no call 01ANOTHER")
            assert book.tserver.gets() == []

    run(scene())


# --- the call of a consulted agent goes on under another ConnID ----------------------------------------


def test_a_consulted_agent_keeps_the_id_and_both_ids_are_answered() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            send_consultation_event(book, t.EventRinging, other_dn="15002")
            send_consultation_event(book, t.EventEstablished, other_dn="15002")
            await agent.notifications()
            book.tserver.sends_call_event(
                t.EventPartyChanged,
                previous_conn_id=CONSULT_CONN_ID,
                other_dn="15001",
                call_state=CallState.Transferred,
            )
            data = await agent.notification()
            assert data["notificationType"] == "ParticipantsUpdated"
            assert (data["call"]["id"], data["call"]["callUuid"]) == (CONSULT_ID, CALL_ID)
            assert data["call"]["connId"] == f"{CONN_ID:016x}"
            assert "parentCallUri" not in data["call"]
            for path in (MAIN, CONSULT, f"/me/calls/{CONN_ID:016x}"):
                assert (await agent.get(path)).json["call"]["id"] == CONSULT_ID
                assert (await agent.post(path, "Hold")).status == 200
            assert {request.name for request in book.tserver.gets()} == {"RequestHoldCall"}

    run(scene())


# --- what crosses on the way ----------------------------------------------------------------------------


def test_two_operations_on_one_call_have_an_outcome_each() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, other_browser = await book.talking(), book.agent()
            await other_browser.listen()
            await agent.post(MAIN, "Hold")
            await other_browser.post(MAIN, "Hold")
            first, second = book.tserver.gets()
            assert first.reference_id != second.reference_id

            book.tserver.sends_call_event(t.EventHeld, reference_id=first.reference_id)
            book.tserver.sends(
                t.EventError, reference_id=second.reference_id, error_code=ErrorCode.CallInWrongState
            )
            for browser in (agent, other_browser):
                held, error = (message["data"] for message in await browser.notifications())
                assert held["call"]["state"] == "Held"
                assert (error["operationName"], error["errorCode"]) == ("Hold", 496)
                assert error["errorMessage"] == "The call is in the wrong state"
                assert error["call"] == held["call"]

    run(scene())


def test_an_operation_on_a_call_that_ends_meanwhile_is_answered() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await agent.post(MAIN, "Hold")
            (request,) = book.tserver.gets()
            book.tserver.sends_call_event(t.EventReleased)
            book.tserver.sends(
                t.EventError, reference_id=request.reference_id, error_code=ErrorCode.InvalidConnID
            )
            released, error = (message["data"] for message in await agent.notifications())
            assert released["call"]["state"] == "Released"
            assert (error["messageType"], error["notificationType"]) == ("ErrorMessage", "Error")
            assert (error["errorCode"], error["operationName"]) == (56, "Hold")
            assert "call" not in error

            answer = await agent.post(MAIN, "Hold")
            assert answer.refusal == (404, 6, f"The user has no call {CALL_ID}")

    run(scene())


def test_a_dial_that_fails_is_told_without_a_call() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            devices = (await agent.get("/me/devices?fields=id")).json["devices"]
            await agent.post(f"/me/devices/{devices[0]['id']}/calls", "Dial", destination=TO_15002)
            (request,) = book.tserver.gets()
            book.tserver.sends(
                t.EventError, reference_id=request.reference_id, error_code=ErrorCode.InvalidCalledDN
            )
            (message,) = await agent.notifications()
            assert message == {
                "channel": "/v2/me/calls",
                "data": {
                    "messageType": "ErrorMessage",
                    "notificationType": "Error",
                    "errorCode": 71,
                    "errorMessage": "Invalid called DN",
                    "operationName": "Dial",
                    "phoneNumber": "15000",
                },
            }

    run(scene())
