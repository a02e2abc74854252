"""After a gap: the bridge asks what it missed, and tells exactly that.

The order of a ladder is the order on the link. An event is newer than what came before it, and so is an
answer: each test that mixes the two shows one order.
"""

import pytest

from bridge.tlib import messages as t
from bridge.tlib.enums import CallState, PartyStateFlag
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList, KVValue
from tests.bridge.reconnect_steps import (
    ALERTING,
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
from tests.playbook import CALL_ID, CONN_ID, playing

# --- what was missed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "others", "missed"),
    [
        (CONNECTED, ["15001"], []),
        (CONNECTED, [], []),
        (HELD, ["15001"], [("StatusChange", "Held", "Off", ["15001"])]),
        (
            CONNECTED | PartyStateFlag.NoTalk,
            ["15001"],
            [("StatusChange", "Established", "On", ["15001"])],
        ),
        (CONNECTED, ["15002"], [("ParticipantsUpdated", "Established", "Off", ["15002"])]),
        (
            CONNECTED,
            ["15001", "15002"],
            [("ParticipantsUpdated", "Established", "Off", ["15001", "15002"])],
        ),
        (
            HELD,
            ["15002"],
            [("StatusChange", "Held", "Off", ["15002"]), ("ParticipantsUpdated", "Held", "Off", ["15002"])],
        ),
        (0, ["15001"], [("StatusChange", "Released", "Off", ["15001"])]),
    ],
    ids=["nothing", "nothing of others", "held", "muted", "another", "a third", "held and another", "gone"],
)
def test_exactly_what_was_missed_of_a_call_is_told(
    own: int, others: list[str], missed: list[tuple[str, str, str, list[str]]]
) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, query = await reconnect_during_call(book)
            send_party_info(book, query, own, *others)
            assert await call_notifications(agent) == missed
            assert book.tserver.gets() == []

    run(scene())


def test_data_attached_meanwhile_are_told() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, query = await reconnect_during_call(book)
            send_party_info(book, query, CONNECTED, "15001", user_data=KVList.of(Case=4711))
            message = await agent.notification()
            assert message["notificationType"] == "AttachedDataChanged"
            assert message["call"]["userData"] == {"Case": 4711}
            assert "extensions" not in message

    run(scene())


@pytest.mark.parametrize(
    ("own", "state"),
    [
        (ALERTING, "Ringing"),
        (INITIATED, "Dialing"),
        (CONNECTED, "Established"),
        (CONNECTED | PartyStateFlag.Dialing, "Dialing"),
        (HELD, "Held"),
    ],
)
def test_a_call_that_began_meanwhile_is_told_as_it_is(own: int, state: str) -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            reconnect_link(book)
            answer_registration(book, ALIVE)
            await agent.notifications()
            query = expect_query_call(book)
            assert (await agent.get("/me/calls")).json["uris"] == []

            send_party_info(book, query, own, "15001", user_data=KVList.of(Case=1))
            message = await agent.notification()
            call = message["call"]
            assert (message["notificationType"], call["id"], call["state"]) == (
                "StatusChange",
                CALL_ID,
                state,
            )
            assert (call["userData"], call["dnis"], call["callType"]) == ({"Case": 1}, "15001", "Internal")
            assert (await agent.get(CALL)).status == 200

    run(scene())


def test_calls_at_the_dn_are_known_from_the_first_registration() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = book.agent()
            await agent.listen()
            await agent.post("/me", "StartContactCenterSession", channels=["voice"])
            answer_registration(
                book, KVList([*ALIVE, ("AgentStatus", 2)]), agent_id="15000"
            )  # logged in already
            await agent.notifications()
            send_party_info(book, expect_query_call(book), CONNECTED, "15001")
            assert await call_notifications(agent) == [("StatusChange", "Established", "Off", ["15001"])]

    run(scene())


def test_of_several_calls_each_is_asked_about_once() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.talking()
            reconnect_link(book)
            answer_registration(
                book, KVList([("conn-1", "007102719818000e"), ("conn-2", "007102719818000f")])
            )
            assert [request.name for request in book.tserver.gets()] == ["RequestQueryCall"] * 2
            assert await call_notifications(agent) == [("StatusChange", "Released", "Off", ["15001"])]

    run(scene())


def test_a_snapshot_that_makes_no_sense_is_read_as_far_as_it_does() -> None:
    async def scene() -> None:
        async with playing() as book:
            await book.talking()
            reconnect_link(book)
            odd: list[tuple[str, KVValue]] = [
                ("conn-1", "not hex"),
                ("conn-2", 7),
                ("dnd", "on"),
                ("fwd", KVList()),
                ("AgentStatus", "9"),
            ]
            answer_registration(book, KVList([*odd, ("conn-3", "007102719818000d")]))
            expect_query_call(book)

    run(scene())


# --- events between the snapshot and the answer -----------------------------------------------------


def test_an_event_that_tells_the_missed_leaves_nothing_to_tell() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, query = await reconnect_during_call(book)
            book.tserver.sends_call_event(t.EventHeld)
            send_party_info(book, query, HELD, "15001")
            assert await call_notifications(agent) == [("StatusChange", "Held", "Off", ["15001"])]

    run(scene())


def test_an_event_that_undoes_the_missed_tells_nobody() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, query = await reconnect_during_call(book)
            book.tserver.sends_call_event(t.EventRetrieved, call_state=CallState.Ok)  # the hold was missed
            send_party_info(book, query, CONNECTED, "15001")
            assert await call_notifications(agent) == []

    run(scene())


def test_an_event_that_says_too_little_waits_for_the_answer() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, query = await reconnect_during_call(book)
            book.tserver.sends(t.EventMuteOn, this_dn="15000", conn_id=CONN_ID)  # the hold was missed
            assert await call_notifications(agent) == []
            send_party_info(book, query, HELD | PartyStateFlag.NoTalk, "15001")
            assert await call_notifications(agent) == [("StatusChange", "Held", "On", ["15001"])]
            assert book.tserver.gets() == []

    run(scene())


def test_a_new_call_of_which_an_event_says_too_little_is_told_once() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            reconnect_link(book)
            answer_registration(book, ALIVE)
            await agent.notifications()
            query = expect_query_call(book)
            book.tserver.sends_call_event(t.EventAttachedDataChanged, user_data=KVList.of(Case=1))
            assert await agent.notifications() == []
            send_party_info(book, query, HELD, "15001", user_data=KVList.of(Case=1))
            assert (await agent.notification())["call"]["state"] == "Held"
            assert book.tserver.gets() == []

    run(scene())


def test_a_new_call_that_an_event_tells_of_first_is_told_once() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent = await book.in_session()
            reconnect_link(book)
            answer_registration(book, ALIVE)
            await agent.notifications()
            query = expect_query_call(book)
            book.tserver.sends_call_event(t.EventEstablished)
            send_party_info(book, query, CONNECTED, "15001")
            assert await call_notifications(agent) == [("StatusChange", "Established", "Off", ["15001"])]

    run(scene())


@pytest.mark.parametrize("known", [True, False])
def test_a_call_that_ends_before_the_answer_ends_once(known: bool) -> None:  # noqa: FBT001 (a parameter)
    async def scene() -> None:
        async with playing() as book:
            agent = await (book.talking() if known else book.in_session())
            reconnect_link(book)
            answer_registration(book, ALIVE)
            await agent.notifications()
            query = expect_query_call(book)
            book.tserver.sends_call_event(t.EventReleased, call_state=CallState.Ok)
            book.tserver.sends(t.EventError, reference_id=query, error_code=ErrorCode.InvalidConnID)
            told = [("StatusChange", "Released", "Off", ["15001"])] if known else []
            assert await call_notifications(agent) == told

    run(scene())


def test_a_call_that_moves_before_the_answer_is_asked_about_where_it_is() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, query = await reconnect_during_call(book)
            book.tserver.sends_call_event(
                t.EventPartyChanged,
                conn_id=CONN_ID + 1,
                previous_conn_id=CONN_ID,
                call_state=CallState.Transferred,
                other_dn="15002",
            )
            assert await call_notifications(agent) == [
                ("ParticipantsUpdated", "Established", "Off", ["15002"])
            ]
            second = expect_query_call(book, CONN_ID + 1)
            book.tserver.sends(t.EventError, reference_id=query, error_code=ErrorCode.InvalidConnID)
            send_party_info(book, second, HELD, "15002", conn_id=CONN_ID + 1)
            assert await call_notifications(agent) == [("StatusChange", "Held", "Off", ["15002"])]

    run(scene())


def test_events_after_the_answer_are_newer() -> None:
    async def scene() -> None:
        async with playing() as book:
            agent, query = await reconnect_during_call(book)
            send_party_info(book, query, HELD, "15001")
            book.tserver.sends_call_event(t.EventRetrieved, call_state=CallState.Ok)
            book.tserver.sends(t.EventMuteOn, this_dn="15000", conn_id=CONN_ID)
            assert await call_notifications(agent) == [
                ("StatusChange", "Held", "Off", ["15001"]),
                ("StatusChange", "Established", "Off", ["15001"]),
                ("StatusChange", "Established", "On", ["15001"]),
            ]

    run(scene())
