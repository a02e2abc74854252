"""How calls leave an ACD queue otherwise: agents do not take them, they overflow, they are transferred."""

import pytest

from bridge.tlib import messages as m
from tests.tserver_sim.acd import (
    AUTO_IN,
    OTHER_QUEUE,
    QUEUE,
    Seat,
    acd_desk,
    at_queue,
    choose,
    ready_agents,
    rung,
    seats,
    waiting,
)
from tests.tserver_sim.in_memory_server import Client, Desk
from tserver_sim.switch.config.profile import TransferOrder
from tserver_sim.switch.interface.commands import SetService

# --- the agent does not take it ----------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["of the queue", "of every phone"])
def test_a_call_that_is_not_answered_goes_back_to_its_place(limit: str) -> None:
    of_queue = limit == "of the queue"
    desk = acd_desk({"no_answer": 12} if of_queue else None, ring_timeout=30 if of_queue else 12)
    ready_agents(desk, "15000")
    b, c = at_queue(desk, "15001", "15002")
    b.calls(QUEUE)
    c.calls(QUEUE)
    desk.clock.advance(11.5)
    desk.told.clear()

    desk.clock.advance(0.5)
    assert desk.ladder() == [
        (
            "15000 <- Released c1 This=15000/Destination Queue=15600 Other=15001/Origination "
            "3rd=15600/Destination CS=NoAnswer Cause=NoAnswer DNIS=15600 AgentID=A00"
        ),
        (
            "15600 <- Queued c1 This=15600/Destination Queue=15600 Other=15001/Origination CS=Redirected "
            "Cause=NoAnswer DNIS=15600"
        ),
        "15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=Unknown",
    ]
    assert waiting(desk) == [1, 2]
    (second,) = seats(desk, "15003")
    second.logs_in(QUEUE, AUTO_IN)
    assert rung(desk) == ["15003 c1"]


def test_on_some_switches_who_does_not_answer_stays_ready() -> None:
    desk = acd_desk({"no_answer": 12})
    choose(desk, not_ready_on_no_answer=False)
    ready_agents(desk, "15000", "15001")
    (b,) = at_queue(desk, "15002")
    b.calls(QUEUE)
    assert rung(desk) == ["15000 c1"]
    desk.clock.advance(12)
    assert rung(desk) == ["15001 c1"]
    desk.clock.advance(12)
    assert rung(desk) == ["15000 c1"]


def test_a_call_that_is_rejected_goes_to_the_next_agent() -> None:
    desk = acd_desk()
    a, _ = ready_agents(desk, "15000", "15001")
    (b,) = at_queue(desk, "15002")
    b.calls(QUEUE)
    desk.told.clear()
    a.client.releases()
    assert desk.ladder()[:3] == [
        (
            "15000 <- Released c1 This=15000/Destination Queue=15600 Other=15002/Origination "
            "3rd=15600/Destination CS=Redirected Cause=Reject DNIS=15600 AgentID=A00 Ref=2"
        ),
        (
            "15600 <- Queued c1 This=15600/Destination Queue=15600 Other=15002/Origination CS=Redirected "
            "Cause=Reject DNIS=15600"
        ),
        "15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=Unknown",
    ]
    assert [party.dn for party in desk.tserver.switch.state.calls[b.last_conn_id].parties] == [
        "15002",
        "15001",
    ]


def test_an_agent_who_is_lost_while_it_rings_loses_no_call() -> None:
    desk = acd_desk()
    a, _ = ready_agents(desk, "15000", "15001")
    (b,) = at_queue(desk, "15002")
    b.calls(QUEUE)
    desk.told.clear()
    desk.tserver.switch.command(SetService(a.client.name, out=True), desk.clock.now())
    assert rung(desk) == ["15001 c1"]


def test_a_call_that_rings_when_its_queue_is_lost_ends_if_it_is_rejected() -> None:
    desk = acd_desk()
    (a,) = ready_agents(desk, "15000")
    (b,) = at_queue(desk, "15001")
    b.calls(QUEUE)
    desk.tserver.switch.command(SetService(QUEUE, out=True), desk.clock.now())
    a.client.releases()
    assert b.events[-1].name == "EventReleased"
    assert desk.tserver.switch.state.calls == {}


@pytest.mark.parametrize("queue_is_lost", [False, True])
def test_who_logs_out_while_it_rings_may_still_answer(*, queue_is_lost: bool) -> None:
    desk = acd_desk({"no_answer": 12})
    (a,) = ready_agents(desk, "15000")
    (b,) = at_queue(desk, "15001")
    b.calls(QUEUE)
    a.logs_out()
    if queue_is_lost:
        desk.tserver.switch.command(SetService(QUEUE, out=True), desk.clock.now())
    desk.told.clear()
    desk.clock.advance(12)
    assert waiting(desk) == ([] if queue_is_lost else [1])
    assert len(desk.tserver.switch.state.calls) == (0 if queue_is_lost else 1)


# --- too many, too long ------------------------------------------------------------------------------


def test_a_full_queue_is_busy() -> None:
    desk = acd_desk({"max_waiting": 1})
    b, c = at_queue(desk, "15001", "15002")
    b.calls(QUEUE)
    desk.told.clear()
    c.calls(QUEUE)
    assert desk.ladder() == [
        "15002 <- Dialing c2 This=15002/Origination Other=15600/Destination DNIS=15600 Ref=1",
        "15002 <- DestinationBusy c2 This=15002/Origination Other=15600/Destination CS=QueueFull DNIS=15600",
    ]


def test_nobody_is_transferred_to_a_full_queue() -> None:
    desk = acd_desk({"max_waiting": 1})
    b, c, d = at_queue(desk, "15001", "15002", "15003")
    b.calls(QUEUE)
    c.calls("15003")
    d.answers()
    desk.told.clear()
    c.transfers(QUEUE)
    assert desk.ladder() == ["15002 <- Error 231 15002 c2 Ref=2"]


def test_a_call_that_waits_too_long_goes_elsewhere() -> None:
    desk = acd_desk({"overflow": {"after": 20, "to": "15002"}})
    b, _ = at_queue(desk, "15001", "15002")
    b.calls(QUEUE)
    desk.clock.advance(19)
    desk.told.clear()
    desk.clock.advance(1)
    assert desk.ladder() == [
        (
            "15600 <- Diverted c1 This=15600/Destination Queue=15600 Other=15001/Origination "
            "3rd=15002/Destination CS=Overflowed DNIS=15600"
        ),
        (
            "15002 <- Ringing c1 This=15002/Destination Queue=15600 Other=15001/Origination CS=Overflowed "
            "DNIS=15600"
        ),
    ]
    assert waiting(desk) == []


def test_a_call_that_waits_too_long_goes_to_another_queue() -> None:
    desk = acd_desk({"overflow": {"after": 20, "to": OTHER_QUEUE}})
    ready_agents(desk, "15000", queue=OTHER_QUEUE)
    (b,) = at_queue(desk, "15001", queue=OTHER_QUEUE)
    b.calls(QUEUE)
    desk.told.clear()
    desk.clock.advance(20)
    assert desk.ladder()[0] == (
        "15601 <- Queued c1 This=15601/Destination Queue=15601 Other=15001/Origination CS=Overflowed "
        "DNIS=15600"
    )
    assert desk.tserver.switch.state.calls[b.last_conn_id].parties[1].dn == "15000"


@pytest.mark.parametrize("to", ["15002", "15001", "4711", QUEUE])
def test_a_call_that_can_go_nowhere_waits_on(to: str) -> None:
    desk = acd_desk({"overflow": {"after": 20, "to": to}})
    b, c = at_queue(desk, "15001", "15002")
    b.calls(QUEUE)
    c.calls("15003")
    desk.told.clear()
    desk.clock.advance(20)
    assert desk.ladder() == []
    assert waiting(desk) == [1]
    c.releases()
    desk.told.clear()
    desk.clock.advance(20)
    assert rung(desk) == (["15002 c1"] if to == "15002" else [])


def test_a_call_that_was_served_does_not_overflow() -> None:
    desk = acd_desk({"overflow": {"after": 20, "to": "15002"}})
    (a,) = ready_agents(desk, "15000")
    (b,) = at_queue(desk, "15001")
    b.calls(QUEUE)
    a.client.answers()
    desk.told.clear()
    desk.clock.advance(60)
    assert desk.ladder() == []
    assert desk.tserver.switch.state.timers == {}


# --- transfers ---------------------------------------------------------------------------------------


def test_a_transfer_to_a_queue() -> None:
    desk = acd_desk()
    (a,) = ready_agents(desk, "15000")
    b, c = at_queue(desk, "15001", "15002")
    b.calls("15002")
    c.answers()
    desk.told.clear()
    c.transfers(QUEUE)
    assert [line.split()[:4] for line in desk.ladder()] == [
        ["15002", "<-", "Released", "c1"],
        ["15600", "<-", "Queued", "c1"],
        ["15001", "<-", "PartyChanged", "c1"],
        ["15600", "<-", "Diverted", "c1"],
        ["15000", "<-", "Ringing", "c1"],
    ]
    a.client.answers()
    assert desk.ladder() == [
        (
            "15000 <- Established c1 This=15000/Destination Queue=15600 Other=15001/Origination "
            "3rd=15002/TransferredBy CS=Ok DNIS=15002 AgentID=A00 Ref=2"
        ),
    ]


def test_on_some_switches_the_caller_hears_of_the_agent_who_answers() -> None:
    desk = acd_desk()
    choose(desk, transfer_order=TransferOrder.CHANGED_ON_ANSWER)
    (a,) = ready_agents(desk, "15000")
    b, c = at_queue(desk, "15001", "15002")
    b.calls("15002")
    c.answers()
    c.transfers(QUEUE)
    desk.told.clear()
    a.client.answers()
    assert [line.split()[:6] for line in desk.ladder()] == [
        ["15000", "<-", "Established", "c1", "This=15000/Destination", "Queue=15600"],
        ["15001", "<-", "PartyChanged", "c1", "This=15001/Origination", "Other=15000/Destination"],
    ]


def consulting(desk: Desk) -> tuple[Client, Client]:
    """15001 and 15002 talk in c1, and 15002 consults the queue in c2."""
    b, c = at_queue(desk, "15001", "15002")
    b.calls("15002")
    c.answers()
    desk.told.clear()
    Seat(c).asks(m.RequestInitiateTransfer, conn_id=c.last_conn_id, other_dn=QUEUE)
    return b, c


def complete(b: Client, c: Client) -> None:
    Seat(c).asks(m.RequestCompleteTransfer, conn_id=b.last_conn_id, transfer_conn_id=c.last_conn_id)


def test_an_agent_is_consulted() -> None:
    desk = acd_desk()
    (a,) = ready_agents(desk, "15000")
    consulting(desk)
    assert desk.ladder()[1:] == [
        (
            "15002 <- Dialing c2 Type=Consult This=15002/Origination Other=15600/Destination Prev=c1 "
            "DNIS=15600 Ref=2"
        ),
        (
            "15600 <- Queued c2 Type=Consult This=15600/Destination Queue=15600 Other=15002/Origination "
            "CS=Ok Prev=c1 DNIS=15600"
        ),
        (
            "15600 <- Diverted c2 Type=Consult This=15600/Destination Queue=15600 Other=15002/Origination "
            "3rd=15000/Destination CS=Ok Prev=c1 DNIS=15600"
        ),
        (
            "15000 <- Ringing c2 Type=Consult This=15000/Destination Queue=15600 Other=15002/Origination "
            "CS=Ok Cause=ACD Prev=c1 DNIS=15600 AgentID=A00"
        ),
    ]
    a.client.answers()
    assert [line.split()[:4] for line in desk.ladder()] == [
        ["15000", "<-", "Established", "c2"],
        ["15002", "<-", "Established", "c2"],
    ]


def test_a_transfer_that_is_completed_while_the_call_waits_keeps_its_place() -> None:
    desk = acd_desk({"overflow": {"after": 20, "to": "15004"}})
    b, c = consulting(desk)
    (d,) = desk.agents("15003")
    d.calls(QUEUE)
    assert waiting(desk) == [2, 3]
    complete(b, c)
    assert waiting(desk) == [1, 3]
    ready_agents(desk, "15000")
    assert [call.parties[1].dn for call in desk.tserver.switch.state.calls.values()] == ["15000", QUEUE]
    desk.clock.advance(20)
    assert waiting(desk) == []


def test_a_transfer_that_is_completed_while_it_rings_may_still_go_back_to_the_queue() -> None:
    desk = acd_desk({"no_answer": 12})
    (a,) = ready_agents(desk, "15000")
    b, c = consulting(desk)
    complete(b, c)
    desk.told.clear()
    desk.clock.advance(12)
    assert desk.ladder() == [
        (
            "15000 <- Released c1 This=15000/Destination Queue=15600 Other=15001/Origination "
            "3rd=15600/Destination CS=NoAnswer Cause=NoAnswer DNIS=15002 AgentID=A00"
        ),
        (
            "15600 <- Queued c1 This=15600/Destination Queue=15600 Other=15001/Origination "
            "3rd=15002/TransferredBy CS=Redirected Cause=NoAnswer DNIS=15002"
        ),
        "15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=Unknown",
    ]
    a.ready()
    assert rung(desk) == ["15000 c1"]
