"""Calls to and from the world outside."""

import msgspec
import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, ForwardMode
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import CONN_ID_BASE
from tests.tserver_sim.trunk_server import comes_in, lines, trunk_server
from tserver_sim.phones.phones import UNATTENDED_SECONDS
from tserver_sim.switch.interface.commands import ActOutside, CallIn, Command, Done, OutsideAct
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.state.switch_data import Forward

# --- calls that leave the switch ---------------------------------------------------------------------


def test_a_call_to_somebody_outside() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    a.calls("9555")
    assert server.ladder() == [
        "15000 <- Dialing c1 Type=Outbound This=15000/Origination Other=9555/Destination DNIS=9555 Ref=1",
        "15000 <- NetworkReached c1 Type=Outbound This=15000/Origination Other=9555/Destination DNIS=9555",
    ]
    assert lines(server) == {"city": 1}
    server.clock.advance(2)
    assert server.ladder() == [
        "15000 <- Established c1 Type=Outbound This=15000/Origination Other=9555/Destination CS=Ok DNIS=9555",
    ]
    server.clock.advance(3600)
    assert server.ladder() == []
    a.releases()
    assert server.ladder() == [
        (
            "15000 <- Released c1 Type=Outbound This=15000/Origination Other=9555/Destination CS=Ok "
            "DNIS=9555 Ref=2"
        ),
    ]
    assert lines(server) == {}
    assert server.tserver.switch.state.calls == {}


def test_somebody_outside_answers_and_hangs_up() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    a.calls("9301")
    server.clock.advance(1)
    server.delivered.clear()
    server.clock.advance(9)
    assert server.ladder() == []
    server.clock.advance(1)
    assert server.ladder() == [
        "15000 <- Released c1 Type=Outbound This=15000/Origination Other=9301/Destination CS=Ok DNIS=9301",
    ]
    assert lines(server) == {}


@pytest.mark.parametrize(
    ("number", "state"),
    [
        pytest.param("9201", "Busy", id="busy"),
        pytest.param("9202", "SitInvalidNum", id="not a number"),
    ],
)
def test_nobody_can_be_reached_outside(number: str, state: str) -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    a.calls(number)
    assert server.ladder()[1:] == [
        (
            f"15000 <- NetworkReached c1 Type=Outbound This=15000/Origination Other={number}/Destination "
            f"DNIS={number}"
        ),
        (
            f"15000 <- DestinationBusy c1 Type=Outbound This=15000/Origination Other={number}/Destination "
            f"CS={state} DNIS={number}"
        ),
    ]
    assert lines(server) == {}
    a.releases()
    assert server.ladder() == [
        (
            f"15000 <- Released c1 Type=Outbound This=15000/Origination Other={number}/Destination CS=Ok "
            f"DNIS={number} Ref=2"
        ),
    ]


def test_somebody_outside_never_answers() -> None:
    server = trunk_server(ring_timeout=30)
    (a,) = server.agents("15000")
    a.calls("9203")
    server.delivered.clear()
    server.clock.advance(86_400)
    assert server.ladder() == []
    a.releases()
    assert [line.split()[2] for line in server.ladder()] == ["Released"]
    assert lines(server) == {}


def test_somebody_outside_does_not_want_the_call() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    a.calls("9204")
    server.delivered.clear()
    server.clock.advance(3)
    assert server.ladder() == [
        (
            "15000 <- Released c1 Type=Outbound This=15000/Origination Other=9204/Destination CS=Ok "
            "Cause=Reject DNIS=9204"
        ),
    ]
    assert lines(server) == {}


def test_without_answer_supervision_nobody_learns_of_the_answer() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    a.calls("8301")
    assert [line.split()[2] for line in server.ladder()] == ["Dialing", "NetworkReached"]
    server.clock.advance(10)
    assert server.ladder() == []
    server.clock.advance(1)
    assert server.ladder() == [
        "15000 <- Released c1 Type=Outbound This=15000/Origination Other=8301/Destination CS=Ok DNIS=8301",
    ]
    assert lines(server) == {}


def test_all_lines_are_taken() -> None:
    server = trunk_server()
    a, b, c = server.agents("15000", "15001", "15002")
    a.calls("9555")
    b.calls("9556")
    server.delivered.clear()
    c.calls("9557")
    assert server.ladder() == [
        "15002 <- Dialing c3 Type=Outbound This=15002/Origination Other=9557/Destination DNIS=9557 Ref=1",
        (
            "15002 <- DestinationBusy c3 Type=Outbound This=15002/Origination Other=9557/Destination "
            "CS=AllTrunksBusy DNIS=9557"
        ),
    ]
    c.releases()
    a.releases()
    server.delivered.clear()
    c.calls("9557")
    assert [line.split()[2] for line in server.ladder()] == ["Dialing", "NetworkReached"]
    assert lines(server) == {"city": 2}


def test_a_call_is_transferred_to_somebody_outside() -> None:
    server = trunk_server()
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    b.answers()
    server.delivered.clear()
    b.transfers("9555")
    assert server.ladder() == [
        (
            "15001 <- Released c1 This=15001/Destination Other=15000/Origination 3rd=9555/Destination "
            "CS=Transferred Cause=SingleStepTransfer DNIS=15001 Ref=2"
        ),
        (
            "15000 <- PartyChanged c1 This=15000/Origination Other=9555/Destination 3rd=15001/TransferredBy "
            "CS=Transferred Cause=SingleStepTransfer Prev=same DNIS=15001"
        ),
    ]
    assert lines(server) == {"city": 1}
    server.clock.advance(2)
    assert server.ladder() == []
    a.releases()
    assert server.ladder() == [
        "15000 <- Released c1 This=15000/Origination Other=9555/Destination CS=Ok DNIS=15001 Ref=2",
    ]
    assert lines(server) == {}


def test_a_call_is_transferred_to_somebody_outside_who_is_busy() -> None:
    server = trunk_server()
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    b.answers()
    b.transfers("9201")
    assert server.ladder()[-1] == (
        "15000 <- Released c1 This=15000/Origination Other=9201/Destination CS=Busy DNIS=15001"
    )
    assert lines(server) == {}
    assert server.tserver.switch.state.calls == {}


# --- calls that come in ------------------------------------------------------------------------------


def test_a_call_from_outside() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    assert comes_in(server, "15000", user_data=KVList.of(Topic="Billing")) == Done(CONN_ID_BASE + 1)
    assert server.ladder() == [
        (
            "15000 <- Ringing c1 Type=Inbound This=15000/Destination Other=0699/Origination CS=Ok DNIS=15000 "
            "Data=Topic:Billing ANI=0699"
        ),
    ]
    assert lines(server) == {"city": 1}
    a.answers()
    assert server.ladder() == [
        (
            "15000 <- Established c1 Type=Inbound This=15000/Destination Other=0699/Origination CS=Ok "
            "DNIS=15000 Data=Topic:Billing ANI=0699 Ref=1"
        ),
    ]
    server.tserver.command(ActOutside(CONN_ID_BASE + 1, OutsideAct.HANG_UP))
    assert server.ladder() == [
        (
            "15000 <- Released c1 Type=Inbound This=15000/Destination Other=0699/Origination CS=Ok "
            "DNIS=15000 Data=Topic:Billing ANI=0699"
        ),
    ]
    assert lines(server) == {}


def test_the_caller_outside_gives_up() -> None:
    server = trunk_server()
    server.agents("15000")
    comes_in(server, "15000")
    server.delivered.clear()
    server.tserver.command(ActOutside(CONN_ID_BASE + 1, OutsideAct.HANG_UP))
    assert server.ladder() == [
        (
            "15000 <- Abandoned c1 Type=Inbound This=15000/Destination Other=0699/Origination CS=Ok "
            "DNIS=15000 ANI=0699"
        ),
    ]
    assert lines(server) == {}


def test_the_caller_outside_gives_up_in_a_queue() -> None:
    server = trunk_server()
    server.agents("15600")
    comes_in(server, "15600")
    assert server.ladder()[0].startswith(
        "15600 <- Queued c1 Type=Inbound This=15600/Destination Queue=15600 "
    )
    server.tserver.command(ActOutside(CONN_ID_BASE + 1, OutsideAct.HANG_UP))
    assert [line.split()[2] for line in server.ladder()] == ["Abandoned"]
    assert lines(server) == {}


def test_a_caller_outside_hangs_up_by_himself() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    comes_in(server, "15000", caller="301")
    a.answers()
    server.delivered.clear()
    server.clock.advance(10)
    assert [line.split()[2] for line in server.ladder()] == ["Released"]
    assert lines(server) == {}


def test_a_call_from_outside_reaches_nobody() -> None:
    server = trunk_server()
    a, _ = server.agents("15000", "15001")
    a.calls("15001")
    server.delivered.clear()
    assert comes_in(server, "15000") == Done(failure=CallState.Busy)
    assert comes_in(server, "4711") == Done(failure=CallState.SitInvalidNum)
    assert server.ladder() == []
    assert lines(server) == {}
    assert len(server.tserver.switch.state.calls) == 1


def test_a_call_from_outside_is_forwarded_outside() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    server.tserver.switch.state.devices["15000"].forward = Forward(ForwardMode.Unconditional, "9555")
    assert comes_in(server, "15000").conn_id == CONN_ID_BASE + 1
    assert lines(server) == {"city": 2}
    server.clock.advance(2)
    assert server.ladder() == []
    server.tserver.command(ActOutside(CONN_ID_BASE + 1, OutsideAct.HANG_UP, "0699"))
    assert lines(server) == {}
    a.calls("9555")
    assert comes_in(server, "15000") == Done(failure=CallState.AllTrunksBusy)


def test_a_caller_outside_who_is_forwarded_to_a_busy_number_hangs_up() -> None:
    server = trunk_server()
    server.agents("15000")
    server.tserver.switch.state.devices["15000"].forward = Forward(ForwardMode.Unconditional, "9201")
    assert comes_in(server, "15000").conn_id == CONN_ID_BASE + 1
    assert server.ladder() == []
    assert lines(server) == {}
    assert server.tserver.switch.state.calls == {}


def test_a_caller_outside_is_forwarded_to_himself() -> None:
    server = trunk_server()
    server.agents("15000")
    server.tserver.switch.state.devices["15000"].forward = Forward(ForwardMode.Unconditional, "9555")
    assert comes_in(server, "15000", caller="9555") == Done(failure=CallState.Busy)
    assert lines(server) == {}


def test_a_call_from_outside_is_not_answered_in_time() -> None:
    server = trunk_server(ring_timeout=30)
    server.agents("15000")
    comes_in(server, "15000")
    server.delivered.clear()
    server.clock.advance(30)
    assert server.ladder() == [
        (
            "15000 <- Released c1 Type=Inbound This=15000/Destination Other=0699/Origination CS=NoAnswer "
            "DNIS=15000 ANI=0699"
        ),
    ]
    assert lines(server) == {}


def test_people_outside_who_are_left_to_themselves_hang_up_in_the_end() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    comes_in(server, "15000")
    a.answers()
    a.transfers("9203")
    server.delivered.clear()
    server.clock.advance(UNATTENDED_SECONDS - 1)
    assert lines(server) == {"city": 2}
    server.clock.advance(1)
    assert lines(server) == {}
    assert server.ladder() == []
    assert server.tserver.switch.state.calls == {}


def test_somebody_outside_is_invited_to_a_conference() -> None:
    server = trunk_server()
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    b.answers()
    server.delivered.clear()
    invitation = m.RequestSingleStepConference(
        this_dn="15001", conn_id=b.last_conn_id, other_dn="9555", reference_id=7
    )
    b.asks(invitation)
    assert server.ladder() == []
    server.clock.advance(2)
    assert sorted(" ".join(line.split()[:4]) for line in server.ladder()) == [
        "15000 <- PartyAdded c1",
        "15001 <- PartyAdded c1",
    ]


def test_nobody_waits_for_an_answer_that_cannot_be_noticed() -> None:
    server = trunk_server()
    a, b = server.agents("15000", "15001")
    a.calls("15001")
    b.answers()
    server.delivered.clear()
    invitation = m.RequestSingleStepConference(
        this_dn="15001", conn_id=b.last_conn_id, other_dn="8555", reference_id=7
    )
    b.asks(invitation)
    delivered = server.ladder()
    assert sorted(" ".join(line.split()[:4]) for line in delivered) == [
        "15000 <- PartyAdded c1",
        "15001 <- PartyAdded c1",
    ]
    assert [line for line in delivered if line.endswith("Ref=7")] != []


# --- what people outside do --------------------------------------------------------------------------


def test_somebody_outside_is_made_to_answer() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    a.calls("9203")
    server.delivered.clear()
    server.tserver.command(ActOutside(CONN_ID_BASE + 1, OutsideAct.ANSWER, "203"))
    assert server.ladder() == [
        "15000 <- Established c1 Type=Outbound This=15000/Origination Other=9203/Destination CS=Ok DNIS=9203",
    ]


def test_what_was_due_outside_does_not_happen_to_a_call_that_is_over() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    a.calls("9301")
    a.releases()
    server.delivered.clear()
    server.clock.advance(60)
    assert server.ladder() == []
    assert server.tserver.switch.deadline is None


CALL = CONN_ID_BASE + 1

REFUSED: dict[str, tuple[Command, ErrorCode]] = {
    "no such call": (ActOutside(1, OutsideAct.ANSWER), ErrorCode.InvalidConnID),
    "it was answered": (ActOutside(CALL, OutsideAct.ANSWER), ErrorCode.CallInWrongState),
    "another number": (ActOutside(CALL, OutsideAct.HANG_UP, "4711"), ErrorCode.CallInWrongState),
    "not outside": (ActOutside(CALL, OutsideAct.HANG_UP, "15000"), ErrorCode.CallInWrongState),
    "no line": (CallIn("0698", "15000", "old"), ErrorCode.AllTrunksBusy),
    "no trunk": (CallIn("0698", "15000", "new"), ErrorCode.InvalidAttribute),
    "no caller": (CallIn("", "15000"), ErrorCode.InvalidAttribute),
    "a caller inside": (CallIn("15001", "15000"), ErrorCode.InvalidAttribute),
    "no number": (CallIn("0698", ""), ErrorCode.InvalidDestination),
    "too much": (CallIn("0698", "15001", "", KVList.of(A="x" * 17_000)), ErrorCode.InvalidAttribute),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_command_that_is_refused_changes_nothing(case: str) -> None:
    server = trunk_server()
    a, _, c = server.agents("15000", "15001", "15002")
    comes_in(server, "15000")
    a.answers()
    c.calls("8203")
    before = msgspec.msgpack.encode(server.tserver.switch.image())
    server.delivered.clear()
    command, code = REFUSED[case]
    with pytest.raises(RefusedError) as refusal:
        server.tserver.command(command)
    assert refusal.value.code is code
    assert server.ladder() == []
    assert msgspec.msgpack.encode(server.tserver.switch.image()) == before


def test_two_people_outside() -> None:
    server = trunk_server()
    (a,) = server.agents("15000")
    comes_in(server, "15000")
    a.answers()
    a.transfers("9555")
    with pytest.raises(RefusedError, match="say which number is meant: 0699, 9555"):
        server.tserver.command(ActOutside(CONN_ID_BASE + 1, OutsideAct.HANG_UP))
    server.tserver.command(ActOutside(CONN_ID_BASE + 1, OutsideAct.HANG_UP, "555"))
    assert lines(server) == {}


def test_a_switch_without_trunks() -> None:
    server = trunk_server(trunks=[], dial_plan=[])
    with pytest.raises(RefusedError, match="the switch has no trunks"):
        comes_in(server, "15000")
