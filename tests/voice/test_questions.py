"""What the bridge asks on its own account, and when it asks again."""

from typing import Any

from bridge.tlib import messages as t
from bridge.tlib.enums import PartyState
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.voice.model.pending import PendingRequest
from tests.voice.dn_harness import DNHarness
from tests.voice.fake_tserver import SWITCH, Leg, RequestFailure


def in_doubt() -> DNHarness:
    """Seat an agent in a call that was put on hold in a gap; the bridge has asked about it."""
    dn_harness = DNHarness()
    leg = dn_harness.tserver.legs[1] = Leg(1, PartyState.Connected, ["15001"])
    dn_harness.tserver.send_event(t.EventEstablished, leg)
    dn_harness.settle()
    dn_harness.begin_gap(keeps_connection=False)
    leg.state = PartyState.Held
    dn_harness.end_gap()
    dn_harness.answer_request()
    dn_harness.deliver()
    assert queried(dn_harness) == ["RequestQueryCall"]
    return dn_harness


def queried(dn_harness: DNHarness) -> list[str]:
    return [request.name for request, _ in dn_harness.tserver.requests]


def state(dn_harness: DNHarness) -> list[Any]:
    return [facts[0] for facts in dn_harness.client.visible_calls().values()]


def test_a_question_lost_when_a_pair_moves_is_put_to_the_other_one() -> None:
    dn_harness = in_doubt()
    dn_harness.tserver.fail_over(dn_harness.service)
    assert queried(dn_harness) == []

    dn_harness.tserver.is_up = False  # there is no primary yet
    dn_harness.clock.advance(0.5)
    assert queried(dn_harness) == []

    dn_harness.tserver.is_up = True
    dn_harness.clock.advance(0.5)
    assert queried(dn_harness) == ["RequestQueryCall"]
    dn_harness.settle()
    assert state(dn_harness) == ["Held"]


def test_a_question_that_is_answered_by_an_event_meanwhile_is_put_all_the_same() -> None:
    dn_harness = in_doubt()
    dn_harness.tserver.fail_over(dn_harness.service)
    dn_harness.tserver.send_event(t.EventHeld, dn_harness.tserver.legs[1])
    dn_harness.deliver()
    dn_harness.clock.advance(1)
    assert queried(dn_harness) == ["RequestQueryCall"]


def test_a_question_lost_with_the_link_is_left_to_the_next_snapshot() -> None:
    dn_harness = in_doubt()
    dn_harness.begin_gap(keeps_connection=False)
    dn_harness.clock.advance(10)
    assert queried(dn_harness) == []
    dn_harness.end_gap()
    dn_harness.clock.advance(10)
    assert queried(dn_harness) == ["RequestRegisterAddress"]
    dn_harness.settle()
    assert state(dn_harness) == ["Held"]


def test_a_link_that_goes_down_as_soon_as_it_is_up_begins_anew_later() -> None:
    dn_harness = in_doubt()
    dn_harness.begin_gap(keeps_connection=False)
    dn_harness.service.link_up(SWITCH)
    dn_harness.service.link_down(SWITCH, "down again")
    assert queried(dn_harness) == []
    dn_harness.end_gap()
    assert queried(dn_harness) == ["RequestRegisterAddress"]


def test_a_question_that_waits_for_its_turn_ends_with_the_session() -> None:
    dn_harness = in_doubt()
    dn_harness.tserver.fail_over(dn_harness.service)
    dn_harness.device.end_session()
    dn_harness.clock.advance(10)
    assert queried(dn_harness) == []


def test_nothing_is_asked_of_a_call_that_has_ended_without_the_outcome() -> None:
    dn_harness = DNHarness()
    dn_harness.service.failed(
        SWITCH, PendingRequest("Hangup", dn_harness.device, 1), RequestFailure(ErrorCode.Timeout)
    )
    assert queried(dn_harness) == []


def test_a_dn_that_is_not_on_the_call_any_more_is_told_of_no_call() -> None:
    dn_harness = in_doubt()
    dn_harness.tserver.legs.clear()
    dn_harness.tserver.send_event(t.EventReleased, Leg(1, PartyState.Held, ["15001"]))
    dn_harness.deliver()
    dn_harness.client.messages.clear()
    info: dict[str, Any] = {"time_in_secs": 1, "time_in_usecs": 0, "this_dn": "15000", "conn_id": 1}
    nobody = KVList([("party-1", "15001"), ("role-1", 1), ("ps-1", 12)])
    dn_harness.service.received(SWITCH, t.EventPartyInfo(**info, extensions=nobody), None)
    assert dn_harness.client.messages == []


def test_a_call_whose_parties_are_told_without_the_dn_is_over() -> None:
    dn_harness = in_doubt()
    info: dict[str, Any] = {"time_in_secs": 1, "time_in_usecs": 0, "this_dn": "15000", "conn_id": 1}
    others = KVList([("party-1", "15001"), ("role-1", 1), ("ps-1", 12)])
    dn_harness.service.received(SWITCH, t.EventPartyInfo(**info, extensions=others), None)
    assert state(dn_harness) == []


def test_what_an_answer_does_not_mention_stays_as_it_is() -> None:
    dn_harness = DNHarness()
    leg = dn_harness.tserver.legs[1] = Leg(1, PartyState.Connected, ["15001"])
    dn_harness.tserver.send_event(t.EventEstablished, leg, dnis="15000", ani="0301234")
    dn_harness.tserver.send_event(t.EventMuteOn, conn_id=1)
    dn_harness.settle()
    dn_harness.client.messages.clear()
    info: dict[str, Any] = {"time_in_secs": 1, "time_in_usecs": 0, "this_dn": "15000", "conn_id": 1}
    dn_harness.service.received(SWITCH, t.EventPartyInfo(**info, extensions=KVList()), None)
    assert dn_harness.client.messages == []


def test_calls_that_become_one_are_told_as_one() -> None:
    dn_harness = DNHarness()
    for conn_id in (1, 2):
        leg = dn_harness.tserver.legs[conn_id] = Leg(conn_id, PartyState.Connected, ["15001"])
        dn_harness.tserver.send_event(t.EventEstablished, leg)
    dn_harness.tserver.send_event(
        t.EventPartyChanged, Leg(1, PartyState.Connected, ["15002"]), previous_conn_id=2
    )
    dn_harness.settle()
    assert {conn_id: facts[2] for conn_id, facts in dn_harness.client.visible_calls().items()} == {
        "0000000000000001": frozenset({"15002"})
    }


def test_an_operation_that_failed_on_a_call_that_has_moved_shows_the_call() -> None:
    dn_harness = DNHarness()
    dn_harness.tserver.legs[1] = Leg(1, PartyState.Connected, ["15001"])
    dn_harness.tserver.send_event(t.EventEstablished, dn_harness.tserver.legs[1])
    dn_harness.tserver.send_event(
        t.EventPartyChanged, Leg(2, PartyState.Connected, ["15002"]), previous_conn_id=1
    )
    dn_harness.settle()
    dn_harness.service.failed(
        SWITCH, PendingRequest("Hangup", dn_harness.device, 1), RequestFailure(ErrorCode.CallInWrongState)
    )
    assert dn_harness.client.messages[-1]["call"]["connId"] == "0000000000000002"


def test_observers_are_nobody() -> None:
    dn_harness = in_doubt()
    dn_harness.tserver.requests.clear()
    info: dict[str, Any] = {"time_in_secs": 1, "time_in_usecs": 0, "this_dn": "15000", "conn_id": 1}
    parties: list[tuple[str, str | int]] = []
    for number, (dn, role, party_state) in enumerate(
        [("15000", 2, 12), ("15009", 10, 172), ("15001", 1, 12)]
    ):
        parties += [(f"party-{number}", dn), (f"role-{number}", role), (f"ps-{number}", party_state)]
    dn_harness.service.received(SWITCH, t.EventPartyInfo(**info, extensions=KVList(parties)), None)
    assert [facts[2] for facts in dn_harness.client.visible_calls().values()] == [frozenset({"15001"})]
