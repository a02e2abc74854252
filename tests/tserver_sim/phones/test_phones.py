"""What phones do by themselves, and what hands do at them."""

from collections import Counter

import msgspec
import pytest

from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tests.tserver_sim.acd import AUTO_IN, AgentClient
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, InMemoryServer
from tserver_sim.switch.engine.chance import chance
from tserver_sim.switch.interface.commands import Act, Command, DialNumber, Done, SetPhone, UsePhone
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.state.phone_behaviour import (
    MANUAL,
    Answers,
    Busy,
    Choice,
    Mix,
    Rejects,
    Rings,
    choose_manner,
    without_busy,
)


def heads(server: InMemoryServer) -> list[str]:
    """Return the receivers and names of the events, without attributes."""
    return [" ".join(line.split()[:4]) for line in server.ladder()]


# --- by themselves -----------------------------------------------------------------------------------


def test_a_phone_answers_and_hangs_up() -> None:
    server = InMemoryServer(phones={"15001": {"answers_after": 2, "hangs_up_after": 30}})
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    assert heads(server) == ["15000 <- Dialing c1", "15001 <- Ringing c1"]
    server.clock.advance(2)
    assert heads(server) == ["15001 <- Established c1", "15000 <- Established c1"]
    server.clock.advance(29.5)
    assert heads(server) == []
    server.clock.advance(0.5)
    assert server.ladder() == [
        "15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001",
        "15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001",
    ]


def test_a_phone_that_is_answered_by_a_request_hangs_up_by_itself() -> None:
    server = InMemoryServer(phones={"15001": {"never": True, "hangs_up_after": 30}})
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    server.clock.advance(3600)
    b.answers()
    server.delivered.clear()
    server.clock.advance(30)
    assert heads(server) == ["15001 <- Released c1", "15000 <- Released c1"]


def test_a_phone_that_has_called_hangs_up_by_itself() -> None:
    server = InMemoryServer(phones={"15000": {"hangs_up_after": 5}})
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    server.clock.advance(60)
    b.answers()
    server.delivered.clear()
    server.clock.advance(5)
    assert heads(server) == ["15000 <- Released c1", "15001 <- Released c1"]


def test_time_on_hold_is_no_talking() -> None:
    server = InMemoryServer(phones={"15001": {"answers_after": 0, "hangs_up_after": 10}})
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    server.clock.advance(9)
    server.tserver.command(UsePhone("15001", Act.HOLD))
    server.clock.advance(3600)
    server.tserver.command(UsePhone("15001", Act.RETRIEVE))
    server.delivered.clear()
    server.clock.advance(9.5)
    assert heads(server) == []
    server.clock.advance(0.5)
    assert heads(server) == ["15001 <- Released c1", "15000 <- Released c1"]
    assert b.last_conn_id == CONN_ID_BASE + 1


def test_a_phone_rejects() -> None:
    server = InMemoryServer(phones={"15001": {"rejects_after": 4}})
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    server.clock.advance(4)
    assert server.ladder() == [
        "15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001",
        "15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok Cause=Reject DNIS=15001",
    ]


def test_a_phone_is_busy() -> None:
    server = InMemoryServer(phones={"15001": {"busy": True}})
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    assert server.ladder()[1:] == [
        "15000 <- DestinationBusy c1 This=15000/Origination Other=15001/Destination CS=Busy DNIS=15001",
    ]
    b.calls("15002")
    assert heads(server) == ["15001 <- Dialing c2"], "it can call, though"


def test_a_busy_phone_turns_away_what_comes_without_asking() -> None:
    server = InMemoryServer(phones={"15001": {"busy": True}})
    a, b = server.agents("15000", "15001")
    AgentClient(b).logs_in("15600", AUTO_IN)
    server.delivered.clear()
    a.calls("15600")
    assert heads(server) == [
        "15000 <- Dialing c1",
        "15001 <- Ringing c1",
        "15001 <- Released c1",
        "15001 <- AgentNotReady 15001",
    ]


def test_what_was_meant_for_one_ringing_does_not_happen_in_a_later_one() -> None:
    server = InMemoryServer(phones={"15002": {"answers_after": 10}})
    a, b, c = server.agents("15000", "15001", "15002")
    a.calls("15001")
    b.answers()
    b.transfers("15002")
    server.clock.advance(6)
    server.tserver.command(UsePhone("15002", Act.ANSWER))
    c.transfers("15001")
    b.answers()
    b.transfers("15002")
    server.delivered.clear()
    server.clock.advance(9)
    assert heads(server) == []
    server.clock.advance(1)
    assert heads(server) == ["15002 <- Established c1"]


def test_a_phone_behaves_otherwise_from_the_next_call_on() -> None:
    server = InMemoryServer(phones={"15001": {"answers_after": 10}})
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    assert server.tserver.command(SetPhone("15001", Busy())) == Done()
    server.delivered.clear()
    server.clock.advance(10)
    assert heads(server) == ["15001 <- Established c1", "15000 <- Established c1"]
    b.releases()
    server.delivered.clear()
    a.calls("15001")
    assert heads(server) == ["15000 <- Dialing c2", "15000 <- DestinationBusy c2"]


# --- by chance ---------------------------------------------------------------------------------------

MIX = {"15001": {"mix": [{"weight": 3, "answers_after": 0}, {"weight": 1, "busy": True}]}}


def outcomes(seed: int, calls: int) -> list[str]:
    server = InMemoryServer(phones=MIX, seed=seed)
    (a,) = server.agents("15000")
    delivered = []
    for _ in range(calls):
        a.calls("15001")
        server.clock.advance(0)
        delivered.append(server.delivered[-1][1].name)
        a.releases()
        server.delivered.clear()
    return delivered


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
    assert [choose_manner(mix, share) for share in (0, 0.2499, 0.25, 0.999)] == [
        Busy(),
        Busy(),
        Answers(1.0),
        Answers(1.0),
    ]
    assert without_busy(mix) == Mix((Choice(3, Answers(1.0)),))
    assert without_busy(Mix((Choice(1, Busy()),))) == MANUAL
    assert without_busy(Rejects(1.0)) == choose_manner(Rejects(1.0), 0.5) == Rejects(1.0)
    assert Rings() == MANUAL


def test_to_look_a_number_up_changes_nothing_even_if_chance_decides() -> None:
    server = InMemoryServer(phones={"15002": {"mix": [{"weight": 1, "busy": True}]}})
    a, b, _ = server.agents("15000", "15001", "15002")
    a.calls("15001")
    b.answers()
    server.delivered.clear()
    state = server.tserver.switch.state
    asked, sequence = state.chance_count, state.sequence
    b.transfers("15002")
    assert server.ladder() == ["15001 <- Error 231 15001 c1 Ref=2"]
    assert (state.chance_count, state.sequence) == (asked, sequence + 1)


# --- by hand -----------------------------------------------------------------------------------------


def test_a_call_by_hand() -> None:
    server = InMemoryServer()
    server.agents("15000", "15001")
    assert server.tserver.command(DialNumber("15000", "15001", KVList.of(A=1))) == Done(CONN_ID_BASE + 1)
    assert server.ladder() == [
        "15000 <- Dialing c1 This=15000/Origination Other=15001/Destination DNIS=15001 Data=A:1",
        "15001 <- Ringing c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001 Data=A:1",
    ]
    for dn, act, delivered in (
        ("15001", Act.ANSWER, ["15001 <- Established c1", "15000 <- Established c1"]),
        ("15000", Act.HOLD, ["15000 <- Held c1"]),
        ("15000", Act.RETRIEVE, ["15000 <- Retrieved c1"]),
        ("15001", Act.HANG_UP, ["15001 <- Released c1", "15000 <- Released c1"]),
    ):
        assert server.tserver.command(UsePhone(dn, act)) == Done(CONN_ID_BASE + 1)
        assert heads(server) == delivered
    assert server.tserver.switch.state.calls == {}


def test_a_call_is_rejected_by_hand() -> None:
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    server.tserver.command(UsePhone("15001", Act.REJECT))
    assert heads(server) == ["15001 <- Released c1", "15000 <- Released c1"]


def test_of_two_calls_the_hand_means_the_one_that_it_can_mean() -> None:
    server = InMemoryServer()
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    b.answers()
    server.tserver.command(UsePhone("15001", Act.HOLD))
    b.calls("4711")
    server.delivered.clear()
    assert server.tserver.command(UsePhone("15001", Act.HANG_UP)).conn_id == CONN_ID_BASE + 2
    assert server.tserver.command(UsePhone("15001", Act.HANG_UP)).conn_id == CONN_ID_BASE + 1
    assert heads(server)[0] == "15001 <- Released c2"


REFUSED: dict[str, tuple[Command, ErrorCode]] = {
    "dial at no DN": (DialNumber("4711", "15001"), ErrorCode.DNNotConfigured),
    "dial at a queue": (DialNumber("15600", "15001"), ErrorCode.InvalidAttribute),
    "dial while talking": (DialNumber("15000", "15002"), ErrorCode.OriginBusy),
    "dial nothing": (DialNumber("15003", ""), ErrorCode.InvalidDestination),
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
    server = InMemoryServer()
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    before = msgspec.msgpack.encode(server.tserver.switch.image())
    command, code = REFUSED[case]
    with pytest.raises(RefusedError) as refusal:
        server.tserver.command(command)
    assert refusal.value.code is code
    assert server.ladder() == []
    assert msgspec.msgpack.encode(server.tserver.switch.image()) == before
