"""Questions and operations without an answer, calls that others change, and a link that users hear of."""

from typing import Any

from bridge.tlib import messages as t
from bridge.tlib.enums import AddressInfoType, CallState, CallType, DNRole
from bridge.tlib.errors import ErrorCode
from tests.agent import Agent
from tests.bridge.reconnect_steps import (
    ALIVE,
    CALL,
    CONNECTED,
    HELD,
    INITIATED,
    answer_registration,
    call_notifications,
    expect_query_call,
    reconnect_during_call,
    reconnect_link,
    send_party_info,
)
from tests.loop import run
from tests.playbook import CALL_ID, CONN_ID, DEVICE_15000, Playbook, playing

# --- questions that get no answer ---------------------------------------------------------------------


def test_a_second_gap_asks_again() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, _ = await reconnect_during_call(book)
            reconnect_link(book)
            answer_registration(book, ALIVE)
            send_party_info(book, expect_query_call(book), HELD, "15001")
            assert await call_notifications(agent) == [("StatusChange", "Held", "Off", ["15001"])]

    run(scene())


def test_a_switch_lost_before_the_answer_is_asked_again() -> None:
    async def scene() -> None:
        async with playing() as book:
            await reconnect_during_call(book)
            book.tserver.sends(t.EventLinkDisconnected)
            book.tserver.sends(t.EventLinkConnected)
            answer_registration(book, ALIVE)
            expect_query_call(book)

    run(scene())


def test_a_question_without_an_answer_is_not_repeated_and_leaves_the_call_as_it_is() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, _ = await reconnect_during_call(book)
            await book.wait(11)
            assert (book.tserver.gets(), await agent.notifications()) == ([], [])
            assert (await agent.get(CALL)).json["call"]["state"] == "Established"

    run(scene())


# --- operations whose outcome nobody knows ----------------------------------------------------------


async def hangs_up_without_an_outcome(book: Playbook) -> tuple[Agent, int]:
    agent = await book.talking()
    await agent.post(CALL, "Hangup")
    assert [request.name for request in book.tserver.gets()] == ["RequestReleaseCall"]
    await book.wait(10)
    error = await agent.notification()
    assert (error["operationName"], error["errorCode"]) == ("Hangup", ErrorCode.Timeout)
    return agent, expect_query_call(book)


def test_an_operation_without_an_outcome_is_asked_about_and_not_repeated() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, query = await hangs_up_without_an_outcome(book)
            send_party_info(book, query, CONNECTED, "15001")
            assert await agent.notifications() == []
            await book.wait(30)
            assert book.tserver.gets() == []

    run(scene())


def test_a_call_that_the_t_server_does_not_know_any_more_is_released() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, query = await hangs_up_without_an_outcome(book)
            book.tserver.sends(t.EventError, reference_id=query, error_code=ErrorCode.InvalidConnID)
            assert await call_notifications(agent) == [("StatusChange", "Released", "Off", ["15001"])]
            assert (await agent.get("/me/calls")).json["uris"] == []

    run(scene())


def test_a_call_that_the_t_server_tells_nothing_of_stays() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, query = await hangs_up_without_an_outcome(book)
            book.tserver.sends(t.EventError, reference_id=query, error_code=ErrorCode.OperationNotSupported)
            assert await agent.notifications() == []
            assert (await agent.get(CALL)).status == 200

    run(scene())


def test_a_dial_without_an_outcome_asks_for_the_calls_of_the_dn() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            await agent.post(
                f"/me/devices/{DEVICE_15000}/calls", "Dial", destination={"phoneNumber": "15001"}
            )
            assert [request.name for request in book.tserver.gets()] == ["RequestMakeCall"]
            await book.wait(10)
            assert (await agent.notification())["errorCode"] == ErrorCode.Timeout

            (query,) = book.tserver.gets()
            assert query == t.RequestQueryAddress(
                reference_id=query.reference_id,
                this_dn="15000",
                address_info_type=AddressInfoType.CallsQuery,
            )
            book.tserver.sends(
                t.EventAddressInfo,
                reference_id=query.reference_id,
                this_dn="15000",
                address_info_type=AddressInfoType.CallsQuery,
                address_info_status=1,
                extensions=ALIVE,
            )
            send_party_info(book, expect_query_call(book), INITIATED, "15001")
            assert await call_notifications(agent) == [("StatusChange", "Dialing", "Off", ["15001"])]

    run(scene())


def test_what_was_outstanding_at_a_cut_is_told_once_and_sent_never_again() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            await agent.post(CALL, "Hangup")
            await agent.post(
                f"/me/devices/{DEVICE_15000}/calls", "Dial", destination={"phoneNumber": "15002"}
            )
            assert len(book.tserver.gets()) == 2
            reconnect_link(book)
            answer_registration(book, ALIVE)
            send_party_info(book, expect_query_call(book), CONNECTED, "15001")
            await book.wait(30)
            told = [
                (message["data"]["operationName"], message["data"]["errorCode"])
                for message in await agent.notifications()
                if message["data"]["messageType"] == "ErrorMessage"
            ]
            assert told == [("Hangup", ErrorCode.LinkDown), ("Dial", ErrorCode.LinkDown)]
            assert book.tserver.gets() == []

    run(scene())


# --- calls that other parties change ----------------------------------------------------------------


def test_a_consulted_party_keeps_its_call_under_both_ids() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            consult: dict[str, Any] = {"call_type": CallType.Consult, "previous_conn_id": CONN_ID + 7}
            book.tserver.sends_call_event(t.EventRinging, **consult)
            book.tserver.sends_call_event(t.EventEstablished, **consult)
            await agent.notifications()

            # 15001 completes its transfer: the call goes on as another, with 15002
            book.tserver.sends_call_event(
                t.EventPartyChanged,
                conn_id=CONN_ID + 7,
                previous_conn_id=CONN_ID,
                call_uuid="01RCC3N118B1V0SL807GK2LAES00000K",
                call_state=CallState.Transferred,
                other_dn="15002",
                third_party_dn="15001",
                third_party_dn_role=DNRole.TransferredBy,
            )
            message = await agent.notification()
            call = message["call"]
            assert (message["notificationType"], call["id"]) == ("ParticipantsUpdated", CALL_ID)
            assert call["connId"] == "0071027198180014"
            assert call["callUuid"] == "01RCC3N118B1V0SL807GK2LAES00000K"
            assert [party["digits"] for party in call["participants"]] == ["15002"]
            assert book.tserver.gets() == []

            for known_as in (CALL_ID, "01RCC3N118B1V0SL807GK2LAES00000K"):
                assert (await agent.get(f"/me/calls/{known_as}")).json["call"] == call | {"duration": "0"}
            await agent.post("/me/calls/01RCC3N118B1V0SL807GK2LAES00000K", "Hangup")
            (hangup,) = book.tserver.gets()
            assert isinstance(hangup, t.RequestReleaseCall)
            assert hangup.conn_id == CONN_ID + 7

    run(scene())


def test_who_joins_a_conference_is_told_whom_it_meets() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            book.tserver.sends_call_event(t.EventEstablished, call_type=CallType.Consult)
            await agent.notifications()
            book.tserver.sends_call_event(
                t.EventPartyChanged,
                conn_id=CONN_ID + 7,
                previous_conn_id=CONN_ID,
                call_state=CallState.Conferenced,
                this_dn_role=DNRole.ConferenceMember,
                other_dn=None,
            )
            query = expect_query_call(book, CONN_ID + 7)
            send_party_info(book, query, CONNECTED, "15001", "15002", conn_id=CONN_ID + 7)
            assert await call_notifications(agent) == [
                ("ParticipantsUpdated", "Established", "Off", ["15001"]),
                ("ParticipantsUpdated", "Established", "Off", ["15001", "15002"]),
            ]

    run(scene())


# --- the service behind the devices -----------------------------------------------------------------


def test_users_are_told_once_of_the_loss_and_the_return_of_their_switch() -> None:
    async def scene() -> None:
        async with playing() as book:
            agents = [book.agent("agent15000"), book.agent("agent15001"), book.agent("agent25000")]
            for agent in agents:
                await agent.listen("/notifications/services")

            book.tserver.sends(t.EventLinkDisconnected)
            book.tserver.goes_away()
            book.reactor.advance(5)
            book.tserver.opens()

            told = [
                [
                    (service["name"], service["type"], service["state"])
                    for message in await agent.notifications()
                    for service in message["data"]["services"]
                ]
                for agent in agents
            ]
            of_switch_a = [("TServer_A", "Voice", "Inactive"), ("TServer_A", "Voice", "Active")]
            assert told == [of_switch_a, of_switch_a, []]

    run(scene())
