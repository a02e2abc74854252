"""What the bridge asks on its own account, and when it asks again."""

from typing import Any

from bridge.tlib import messages as t
from bridge.tlib.enums import PartyState
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.voice.model.pending import Cause
from tests.voice.dn_harness import Seat
from tests.voice.fake_tserver import SWITCH, Failure, Leg


def in_doubt() -> Seat:
    """Seat an agent in a call that was put on hold in a gap; the bridge has asked about it."""
    seat = Seat()
    leg = seat.line.legs[1] = Leg(1, PartyState.Connected, ["15001"])
    seat.line.tell(t.EventEstablished, leg)
    seat.settle()
    seat.gap_begins(keeps_connection=False)
    leg.state = PartyState.Held
    seat.gap_ends()
    seat.serve()
    seat.deliver()
    assert asked(seat) == ["RequestQueryCall"]
    return seat


def asked(seat: Seat) -> list[str]:
    return [request.name for request, _ in seat.line.requests]


def state(seat: Seat) -> list[Any]:
    return [told[0] for told in seat.client.sees().values()]


def test_a_question_lost_when_a_pair_moves_is_put_to_the_other_one() -> None:
    seat = in_doubt()
    seat.line.moves(seat.desk)
    assert asked(seat) == []

    seat.line.is_up = False  # there is no primary yet
    seat.clock.advance(0.5)
    assert asked(seat) == []

    seat.line.is_up = True
    seat.clock.advance(0.5)
    assert asked(seat) == ["RequestQueryCall"]
    seat.settle()
    assert state(seat) == ["Held"]


def test_a_question_that_is_answered_by_an_event_meanwhile_is_put_all_the_same() -> None:
    seat = in_doubt()
    seat.line.moves(seat.desk)
    seat.line.tell(t.EventHeld, seat.line.legs[1])
    seat.deliver()
    seat.clock.advance(1)
    assert asked(seat) == ["RequestQueryCall"]


def test_a_question_lost_with_the_link_is_left_to_the_next_snapshot() -> None:
    seat = in_doubt()
    seat.gap_begins(keeps_connection=False)
    seat.clock.advance(10)
    assert asked(seat) == []
    seat.gap_ends()
    seat.clock.advance(10)
    assert asked(seat) == ["RequestRegisterAddress"]
    seat.settle()
    assert state(seat) == ["Held"]


def test_a_link_that_goes_down_as_soon_as_it_is_up_begins_anew_later() -> None:
    seat = in_doubt()
    seat.gap_begins(keeps_connection=False)
    seat.desk.link_up(SWITCH)
    seat.desk.link_down(SWITCH, "down again")
    assert asked(seat) == []
    seat.gap_ends()
    assert asked(seat) == ["RequestRegisterAddress"]


def test_a_question_that_waits_for_its_turn_ends_with_the_session() -> None:
    seat = in_doubt()
    seat.line.moves(seat.desk)
    seat.device.leave()
    seat.clock.advance(10)
    assert asked(seat) == []


def test_nothing_is_asked_of_a_call_that_has_ended_without_the_outcome() -> None:
    seat = Seat()
    seat.desk.failed(SWITCH, Cause("Hangup", seat.device, 1), Failure(ErrorCode.Timeout))
    assert asked(seat) == []


def test_a_dn_that_is_not_on_the_call_any_more_is_told_of_no_call() -> None:
    seat = in_doubt()
    seat.line.legs.clear()
    seat.line.tell(t.EventReleased, Leg(1, PartyState.Held, ["15001"]))
    seat.deliver()
    seat.client.messages.clear()
    info: dict[str, Any] = {"time_in_secs": 1, "time_in_usecs": 0, "this_dn": "15000", "conn_id": 1}
    nobody = KVList([("party-1", "15001"), ("role-1", 1), ("ps-1", 12)])
    seat.desk.received(SWITCH, t.EventPartyInfo(**info, extensions=nobody), None)
    assert seat.client.messages == []


def test_a_call_whose_parties_are_told_without_the_dn_is_over() -> None:
    seat = in_doubt()
    info: dict[str, Any] = {"time_in_secs": 1, "time_in_usecs": 0, "this_dn": "15000", "conn_id": 1}
    others = KVList([("party-1", "15001"), ("role-1", 1), ("ps-1", 12)])
    seat.desk.received(SWITCH, t.EventPartyInfo(**info, extensions=others), None)
    assert state(seat) == []


def test_what_an_answer_does_not_mention_stays_as_it_is() -> None:
    seat = Seat()
    leg = seat.line.legs[1] = Leg(1, PartyState.Connected, ["15001"])
    seat.line.tell(t.EventEstablished, leg, dnis="15000", ani="0301234")
    seat.line.tell(t.EventMuteOn, conn_id=1)
    seat.settle()
    seat.client.messages.clear()
    info: dict[str, Any] = {"time_in_secs": 1, "time_in_usecs": 0, "this_dn": "15000", "conn_id": 1}
    seat.desk.received(SWITCH, t.EventPartyInfo(**info, extensions=KVList()), None)
    assert seat.client.messages == []


def test_calls_that_become_one_are_told_as_one() -> None:
    seat = Seat()
    for conn_id in (1, 2):
        leg = seat.line.legs[conn_id] = Leg(conn_id, PartyState.Connected, ["15001"])
        seat.line.tell(t.EventEstablished, leg)
    seat.line.tell(t.EventPartyChanged, Leg(1, PartyState.Connected, ["15002"]), previous_conn_id=2)
    seat.settle()
    assert {conn_id: told[2] for conn_id, told in seat.client.sees().items()} == {
        "0000000000000001": frozenset({"15002"})
    }


def test_an_operation_that_failed_on_a_call_that_has_moved_shows_the_call() -> None:
    seat = Seat()
    seat.line.legs[1] = Leg(1, PartyState.Connected, ["15001"])
    seat.line.tell(t.EventEstablished, seat.line.legs[1])
    seat.line.tell(t.EventPartyChanged, Leg(2, PartyState.Connected, ["15002"]), previous_conn_id=1)
    seat.settle()
    seat.desk.failed(SWITCH, Cause("Hangup", seat.device, 1), Failure(ErrorCode.CallInWrongState))
    assert seat.client.messages[-1]["call"]["connId"] == "0000000000000002"


def test_observers_are_nobody() -> None:
    seat = in_doubt()
    seat.line.requests.clear()
    info: dict[str, Any] = {"time_in_secs": 1, "time_in_usecs": 0, "this_dn": "15000", "conn_id": 1}
    parties: list[tuple[str, str | int]] = []
    for number, (dn, role, party_state) in enumerate(
        [("15000", 2, 12), ("15009", 10, 172), ("15001", 1, 12)]
    ):
        parties += [(f"party-{number}", dn), (f"role-{number}", role), (f"ps-{number}", party_state)]
    seat.desk.received(SWITCH, t.EventPartyInfo(**info, extensions=KVList(parties)), None)
    assert [told[2] for told in seat.client.sees().values()] == [frozenset({"15001"})]
