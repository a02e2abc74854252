"""What phones do by themselves, and what hands do at them."""

from collections import Counter

import msgspec
import pytest

from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tests.tserver_sim.acd import AUTO_IN, Seat
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Desk
from tserver_sim.switch.engine.chance import chance
from tserver_sim.switch.interface.commands import Act, Command, Dial, Done, SetPhone, UsePhone
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.state.phone_behaviour import (
    MANUAL,
    Answers,
    Busy,
    Choice,
    Mix,
    Rejects,
    Rings,
    chosen,
    when_free,
)


def heads(desk: Desk) -> list[str]:
    """Tell who was told what, without the attributes."""
    return [" ".join(line.split()[:4]) for line in desk.ladder()]


# --- by themselves -----------------------------------------------------------------------------------


def test_a_phone_answers_and_hangs_up() -> None:
    desk = Desk(phones={"15001": {"answers_after": 2, "hangs_up_after": 30}})
    a, _ = desk.agents("15000", "15001")
    a.calls("15001")
    assert heads(desk) == ["15000 <- Dialing c1", "15001 <- Ringing c1"]
    desk.clock.advance(2)
    assert heads(desk) == ["15001 <- Established c1", "15000 <- Established c1"]
    desk.clock.advance(29.5)
    assert heads(desk) == []
    desk.clock.advance(0.5)
    assert desk.ladder() == [
        "15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001",
        "15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001",
    ]


def test_a_phone_that_is_answered_by_a_request_hangs_up_by_itself() -> None:
    desk = Desk(phones={"15001": {"never": True, "hangs_up_after": 30}})
    a, b = desk.agents("15000", "15001")
    a.calls("15001")
    desk.clock.advance(3600)
    b.answers()
    desk.told.clear()
    desk.clock.advance(30)
    assert heads(desk) == ["15001 <- Released c1", "15000 <- Released c1"]


def test_a_phone_that_has_called_hangs_up_by_itself() -> None:
    desk = Desk(phones={"15000": {"hangs_up_after": 5}})
    a, b = desk.agents("15000", "15001")
    a.calls("15001")
    desk.clock.advance(60)
    b.answers()
    desk.told.clear()
    desk.clock.advance(5)
    assert heads(desk) == ["15000 <- Released c1", "15001 <- Released c1"]


def test_time_on_hold_is_no_talking() -> None:
    desk = Desk(phones={"15001": {"answers_after": 0, "hangs_up_after": 10}})
    a, b = desk.agents("15000", "15001")
    a.calls("15001")
    desk.clock.advance(9)
    desk.tserver.command(UsePhone("15001", Act.HOLD))
    desk.clock.advance(3600)
    desk.tserver.command(UsePhone("15001", Act.RETRIEVE))
    desk.told.clear()
    desk.clock.advance(9.5)
    assert heads(desk) == []
    desk.clock.advance(0.5)
    assert heads(desk) == ["15001 <- Released c1", "15000 <- Released c1"]
    assert b.last_conn_id == CONN_ID_BASE + 1


def test_a_phone_rejects() -> None:
    desk = Desk(phones={"15001": {"rejects_after": 4}})
    a, _ = desk.agents("15000", "15001")
    a.calls("15001")
    desk.told.clear()
    desk.clock.advance(4)
    assert desk.ladder() == [
        "15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001",
        "15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok Cause=Reject DNIS=15001",
    ]


def test_a_phone_is_busy() -> None:
    desk = Desk(phones={"15001": {"busy": True}})
    a, b = desk.agents("15000", "15001")
    a.calls("15001")
    assert desk.ladder()[1:] == [
        "15000 <- DestinationBusy c1 This=15000/Origination Other=15001/Destination CS=Busy DNIS=15001",
    ]
    b.calls("15002")
    assert heads(desk) == ["15001 <- Dialing c2"], "it can call, though"


def test_a_busy_phone_turns_away_what_comes_without_asking() -> None:
    desk = Desk(phones={"15001": {"busy": True}})
    a, b = desk.agents("15000", "15001")
    Seat(b).logs_in("15600", AUTO_IN)
    desk.told.clear()
    a.calls("15600")
    assert heads(desk) == [
        "15000 <- Dialing c1",
        "15001 <- Ringing c1",
        "15001 <- Released c1",
        "15001 <- AgentNotReady 15001",
    ]


def test_what_was_meant_for_one_ringing_does_not_happen_in_a_later_one() -> None:
    desk = Desk(phones={"15002": {"answers_after": 10}})
    a, b, c = desk.agents("15000", "15001", "15002")
    a.calls("15001")
    b.answers()
    b.transfers("15002")
    desk.clock.advance(6)
    desk.tserver.command(UsePhone("15002", Act.ANSWER))
    c.transfers("15001")
    b.answers()
    b.transfers("15002")
    desk.told.clear()
    desk.clock.advance(9)
    assert heads(desk) == []
    desk.clock.advance(1)
    assert heads(desk) == ["15002 <- Established c1"]


def test_a_phone_behaves_otherwise_from_the_next_call_on() -> None:
    desk = Desk(phones={"15001": {"answers_after": 10}})
    a, b = desk.agents("15000", "15001")
    a.calls("15001")
    assert desk.tserver.command(SetPhone("15001", Busy())) == Done()
    desk.told.clear()
    desk.clock.advance(10)
    assert heads(desk) == ["15001 <- Established c1", "15000 <- Established c1"]
    b.releases()
    desk.told.clear()
    a.calls("15001")
    assert heads(desk) == ["15000 <- Dialing c2", "15000 <- DestinationBusy c2"]


# --- by chance ---------------------------------------------------------------------------------------

MIX = {"15001": {"mix": [{"weight": 3, "answers_after": 0}, {"weight": 1, "busy": True}]}}


def outcomes(seed: int, calls: int) -> list[str]:
    desk = Desk(phones=MIX, seed=seed)
    (a,) = desk.agents("15000")
    told = []
    for _ in range(calls):
        a.calls("15001")
        desk.clock.advance(0)
        told.append(desk.told[-1][1].name)
        a.releases()
        desk.told.clear()
    return told


def test_chance_can_be_repeated() -> None:
    assert outcomes(1, 40) == outcomes(1, 40)
    assert outcomes(1, 40) != outcomes(2, 40)


def test_chance_follows_the_weights() -> None:
    counts = Counter(outcomes(7, 400))
    assert set(counts) == {"EventEstablished", "EventDestinationBusy"}
    assert 60 <= counts["EventDestinationBusy"] <= 140


def test_the_same_question_has_the_same_answer() -> None:
    answers = [chance(1, "draw", number) for number in range(2000)]
    assert answers == [chance(1, "draw", number) for number in range(2000)]
    assert all(0 <= answer < 1 for answer in answers)
    assert 900 < sum(answer < 0.5 for answer in answers) < 1100
    assert chance(1, "busy", 0) != answers[0] != chance(2, "draw", 0)


def test_a_mix() -> None:
    mix = Mix((Choice(1, Busy()), Choice(3, Answers(1.0))))
    assert [chosen(mix, share) for share in (0, 0.2499, 0.25, 0.999)] == [
        Busy(),
        Busy(),
        Answers(1.0),
        Answers(1.0),
    ]
    assert when_free(mix) == Mix((Choice(3, Answers(1.0)),))
    assert when_free(Mix((Choice(1, Busy()),))) == MANUAL
    assert when_free(Rejects(1.0)) == chosen(Rejects(1.0), 0.5) == Rejects(1.0)
    assert Rings() == MANUAL


def test_to_look_a_number_up_changes_nothing_even_if_chance_decides() -> None:
    desk = Desk(phones={"15002": {"mix": [{"weight": 1, "busy": True}]}})
    a, b, _ = desk.agents("15000", "15001", "15002")
    a.calls("15001")
    b.answers()
    desk.told.clear()
    state = desk.tserver.switch.state
    asked, sequence = state.chance_count, state.sequence
    b.transfers("15002")
    assert desk.ladder() == ["15001 <- Error 231 15001 c1 Ref=2"]
    assert (state.chance_count, state.sequence) == (asked, sequence + 1)


# --- by hand -----------------------------------------------------------------------------------------


def test_a_call_by_hand() -> None:
    desk = Desk()
    desk.agents("15000", "15001")
    assert desk.tserver.command(Dial("15000", "15001", KVList.of(A=1))) == Done(CONN_ID_BASE + 1)
    assert desk.ladder() == [
        "15000 <- Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001 Data=A:1",
        "15001 <- Ringing c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Data=A:1",
    ]
    for dn, act, told in (
        ("15001", Act.ANSWER, ["15001 <- Established c1", "15000 <- Established c1"]),
        ("15000", Act.HOLD, ["15000 <- Held c1"]),
        ("15000", Act.RETRIEVE, ["15000 <- Retrieved c1"]),
        ("15001", Act.HANG_UP, ["15001 <- Released c1", "15000 <- Released c1"]),
    ):
        assert desk.tserver.command(UsePhone(dn, act)) == Done(CONN_ID_BASE + 1)
        assert heads(desk) == told
    assert desk.tserver.switch.state.calls == {}


def test_a_call_is_rejected_by_hand() -> None:
    desk = Desk()
    a, _ = desk.agents("15000", "15001")
    a.calls("15001")
    desk.told.clear()
    desk.tserver.command(UsePhone("15001", Act.REJECT))
    assert heads(desk) == ["15001 <- Released c1", "15000 <- Released c1"]


def test_of_two_calls_the_hand_means_the_one_that_it_can_mean() -> None:
    desk = Desk()
    a, b = desk.agents("15000", "15001")
    a.calls("15001")
    b.answers()
    desk.tserver.command(UsePhone("15001", Act.HOLD))
    b.calls("4711")
    desk.told.clear()
    assert desk.tserver.command(UsePhone("15001", Act.HANG_UP)).conn_id == CONN_ID_BASE + 2
    assert desk.tserver.command(UsePhone("15001", Act.HANG_UP)).conn_id == CONN_ID_BASE + 1
    assert heads(desk)[0] == "15001 <- Released c2"


REFUSED: dict[str, tuple[Command, ErrorCode]] = {
    "dial at no DN": (Dial("4711", "15001"), ErrorCode.DNNotConfigured),
    "dial at a queue": (Dial("15600", "15001"), ErrorCode.InvalidAttribute),
    "dial while talking": (Dial("15000", "15002"), ErrorCode.OriginBusy),
    "dial nothing": (Dial("15003", ""), ErrorCode.InvalidDestination),
    "answer at no DN": (UsePhone("4711", Act.ANSWER), ErrorCode.DNNotConfigured),
    "answer what does not ring": (UsePhone("15000", Act.ANSWER), ErrorCode.CallInWrongState),
    "answer another call": (UsePhone("15001", Act.ANSWER, 1), ErrorCode.CallInWrongState),
    "hang up what rings": (UsePhone("15001", Act.HANG_UP), ErrorCode.CallInWrongState),
    "hold nothing": (UsePhone("15003", Act.HOLD), ErrorCode.CallInWrongState),
    "retrieve nothing": (UsePhone("15000", Act.RETRIEVE), ErrorCode.CallInWrongState),
    "behave without a DN": (SetPhone("4711", None), ErrorCode.DNNotConfigured),
    "behave without a phone": (SetPhone("15500", Answers(1)), ErrorCode.DNNotConfigured),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_command_that_is_refused_changes_nothing(case: str) -> None:
    desk = Desk()
    a, _ = desk.agents("15000", "15001")
    a.calls("15001")
    desk.told.clear()
    before = msgspec.msgpack.encode(desk.tserver.switch.image())
    command, code = REFUSED[case]
    with pytest.raises(RefusedError) as refusal:
        desk.tserver.command(command)
    assert refusal.value.code is code
    assert desk.ladder() == []
    assert msgspec.msgpack.encode(desk.tserver.switch.image()) == before
