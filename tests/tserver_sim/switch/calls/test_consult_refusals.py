"""What cannot be done with two calls of one DN; whatever is refused changes nothing."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.tserver_sim.ladders import C1, C2, consulting, refused, talking

CONSULTS = [m.RequestInitiateTransfer, m.RequestInitiateConference, m.RequestMuteTransfer]


@pytest.mark.parametrize("kind", CONSULTS)
@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({"conn_id": 5}, "56 15001 is not on a call with this ConnID"),
        ({"other_dn": ""}, "415 OtherDN: expected 1 to 255 characters"),
        (
            {"extensions": KVList.of(ConsultUserData="some")},
            "53 Extensions: ConsultUserData: expected one of separate, inherited, joint",
        ),
        (
            {"extensions": KVList.of(ConsultUserData=1)},
            "53 Extensions: ConsultUserData: expected one of separate, inherited, joint",
        ),
        (
            {"user_data": KVList.of(Text="x" * 16_000)},
            "53 UserData: more than 16000 bytes in all",
        ),
    ],
)
def test_a_consultation_is_refused(kind: type[m.CallRequest], attributes: dict[str, Any], error: str) -> None:
    server, (_, b, *_) = talking()
    assert refused(server, b, kind, **{"other_dn": "15002", **attributes}) == error


@pytest.mark.parametrize("kind", CONSULTS)
def test_nobody_is_consulted_from_a_call_in_another_state(kind: type[m.CallRequest]) -> None:
    server, (_, b, *_) = talking()
    b.does(m.RequestHoldCall)
    server.delivered.clear()
    assert refused(server, b, kind, other_dn="15002") == "1163 nobody talks in this call here"


@pytest.mark.parametrize("kind", CONSULTS[:2])
def test_nobody_consults_itself(kind: type[m.CallRequest]) -> None:
    server, (_, b, *_) = talking()
    assert refused(server, b, kind, other_dn="15001") == "415 OtherDN: 15001 cannot consult itself"


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("4711", "415 OtherDN: not a DN of this switch"),
        ("15003", "231 OtherDN is busy"),
        ("15000", "231 OtherDN is busy"),
    ],
)
def test_a_mute_transfer_needs_somebody_who_can_be_reached(number: str, error: str) -> None:
    server, (_, b, c, *_) = talking()
    c.calls("15003")
    server.delivered.clear()
    assert refused(server, b, m.RequestMuteTransfer, other_dn=number) == error


def test_a_mute_transfer_brings_nobody_into_a_call_where_he_is_already() -> None:
    server, (a, b, *_) = talking()
    a.does(m.RequestHoldCall)
    server.delivered.clear()
    assert (
        refused(server, b, m.RequestMuteTransfer, other_dn="15000")
        == "415 OtherDN: 15000 is on the call already"
    )


def test_nobody_reconnects_while_busy_with_a_third_call() -> None:
    server, (_, b, *_) = talking()
    b.does(m.RequestInitiateTransfer, other_dn="4711")
    b.calls("15003")
    server.delivered.clear()
    error = refused(server, b, m.RequestReconnectCall, call=1, previous_conn_id=C2)
    assert error == "79 15001 is busy with another call"


PAIRS: list[tuple[type[m.CallRequest], str]] = [
    (m.RequestAlternateCall, "previous_conn_id"),
    (m.RequestReconnectCall, "previous_conn_id"),
    (m.RequestCompleteTransfer, "transfer_conn_id"),
    (m.RequestCompleteConference, "conference_conn_id"),
]


@pytest.mark.parametrize(("kind", "second"), PAIRS)
def test_two_calls_are_needed(kind: type[m.CallRequest], second: str) -> None:
    server, (_, b, *_) = consulting()
    same = refused(server, b, kind, call=1, **{second: C1})
    assert same == "56 the two ConnIDs are the same"
    unknown = refused(server, b, kind, call=1, **{second: 5})
    assert unknown == "56 15001 is not on a call with this ConnID"


@pytest.mark.parametrize(("kind", "second"), PAIRS)
def test_one_call_must_be_held_and_the_other_active(kind: type[m.CallRequest], second: str) -> None:
    server, (_, b, *_) = consulting()
    b.does(m.RequestHoldCall, call=2)
    server.delivered.clear()
    error = refused(server, b, kind, call=1, **{second: C2})
    assert error == "496 one of the calls must be on hold here, and the other one active"


@pytest.mark.parametrize(("kind", "second"), [PAIRS[0], PAIRS[3]])
def test_the_consulted_party_must_have_answered(kind: type[m.CallRequest], second: str) -> None:
    server, (_, b, *_) = talking()
    b.does(m.RequestInitiateTransfer, other_dn="15002")
    server.delivered.clear()
    error = refused(server, b, kind, call=1, **{second: C2})
    assert error == "496 one of the calls must be on hold here, and the other one active"


@pytest.mark.parametrize(("kind", "second"), PAIRS[2:])
def test_only_a_consultation_is_completed(kind: type[m.CallRequest], second: str) -> None:
    server, (_, b, c, *_) = talking()
    b.does(m.RequestHoldCall)
    c.calls("15001")
    b.does(m.RequestAnswerCall, call=2)
    server.delivered.clear()
    error = refused(server, b, kind, call=1, **{second: C2})
    assert error == "496 neither call is a consultation about the other"


@pytest.mark.parametrize(("kind", "second"), PAIRS[2:])
def test_nobody_is_brought_to_a_call_twice(kind: type[m.CallRequest], second: str) -> None:
    server, (a, b, *_) = talking()
    a.does(m.RequestHoldCall)
    b.does(m.RequestInitiateTransfer, other_dn="15000")
    a.answers()
    server.delivered.clear()
    error = refused(server, b, kind, call=1, **{second: C2})
    assert error == "496 somebody is on both calls already"


@pytest.mark.parametrize(("kind", "second"), PAIRS[2:])
def test_nothing_is_joined_while_somebody_is_invited(kind: type[m.CallRequest], second: str) -> None:
    server, (_, b, *_) = consulting()
    b.does(m.RequestSingleStepConference, call=2, other_dn="15003")
    server.delivered.clear()
    error = refused(server, b, kind, call=1, **{second: C2})
    assert error == "496 somebody who was invited has not answered yet"
