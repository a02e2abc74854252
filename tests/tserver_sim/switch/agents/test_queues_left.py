"""How calls leave an ACD queue otherwise: agents do not take them, they overflow, they are transferred."""

import pytest

from bridge.tlib import messages as m
from tests.tserver_sim.acd import (
    AUTO_IN,
    OTHER_QUEUE,
    QUEUE,
    AgentClient,
    acd_server,
    agent_clients,
    at_queue,
    ready_agents,
    ringing_lines,
    set_profile,
    waiting,
)
from tests.tserver_sim.in_memory_server import Client, InMemoryServer
from tserver_sim.switch.config.profile import TransferOrder
from tserver_sim.switch.interface.commands import SetService

# --- the agent does not take it ----------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["of the queue", "of every phone"])
def test_a_call_that_is_not_answered_goes_back_to_its_place(limit: str) -> None:
    of_queue = limit == "of the queue"
    server = acd_server({"no_answer": 12} if of_queue else None, ring_timeout=30 if of_queue else 12)
    ready_agents(server, "15000")
    b, c = at_queue(server, "15001", "15002")
    b.calls(QUEUE)
    c.calls(QUEUE)
    server.clock.advance(11.5)
    server.delivered.clear()

    server.clock.advance(0.5)
    assert server.ladder() == [
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
    assert waiting(server) == [1, 2]
    (second,) = agent_clients(server, "15003")
    second.logs_in(QUEUE, AUTO_IN)
    assert ringing_lines(server) == ["15003 c1"]


def test_on_some_switches_who_does_not_answer_stays_ready() -> None:
    server = acd_server({"no_answer": 12})
    set_profile(server, not_ready_on_no_answer=False)
    ready_agents(server, "15000", "15001")
    (b,) = at_queue(server, "15002")
    b.calls(QUEUE)
    assert ringing_lines(server) == ["15000 c1"]
    server.clock.advance(12)
    assert ringing_lines(server) == ["15001 c1"]
    server.clock.advance(12)
    assert ringing_lines(server) == ["15000 c1"]


def test_a_call_that_is_rejected_goes_to_the_next_agent() -> None:
    server = acd_server()
    a, _ = ready_agents(server, "15000", "15001")
    (b,) = at_queue(server, "15002")
    b.calls(QUEUE)
    server.delivered.clear()
    a.client.releases()
    assert server.ladder()[:3] == [
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
    assert [party.dn for party in server.tserver.switch.state.calls[b.last_conn_id].parties] == [
        "15002",
        "15001",
    ]


def test_an_agent_who_is_lost_while_it_rings_loses_no_call() -> None:
    server = acd_server()
    a, _ = ready_agents(server, "15000", "15001")
    (b,) = at_queue(server, "15002")
    b.calls(QUEUE)
    server.delivered.clear()
    server.tserver.switch.command(SetService(a.client.name, out=True), server.clock.now())
    assert ringing_lines(server) == ["15001 c1"]


def test_a_call_that_rings_when_its_queue_is_lost_ends_if_it_is_rejected() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    (b,) = at_queue(server, "15001")
    b.calls(QUEUE)
    server.tserver.switch.command(SetService(QUEUE, out=True), server.clock.now())
    a.client.releases()
    assert b.events[-1].name == "EventReleased"
    assert server.tserver.switch.state.calls == {}


@pytest.mark.parametrize("queue_is_lost", [False, True])
def test_who_logs_out_while_it_rings_may_still_answer(*, queue_is_lost: bool) -> None:
    server = acd_server({"no_answer": 12})
    (a,) = ready_agents(server, "15000")
    (b,) = at_queue(server, "15001")
    b.calls(QUEUE)
    a.logs_out()
    if queue_is_lost:
        server.tserver.switch.command(SetService(QUEUE, out=True), server.clock.now())
    server.delivered.clear()
    server.clock.advance(12)
    assert waiting(server) == ([] if queue_is_lost else [1])
    assert len(server.tserver.switch.state.calls) == (0 if queue_is_lost else 1)


# --- too many, too long ------------------------------------------------------------------------------


def test_a_full_queue_is_busy() -> None:
    server = acd_server({"max_waiting": 1})
    b, c = at_queue(server, "15001", "15002")
    b.calls(QUEUE)
    server.delivered.clear()
    c.calls(QUEUE)
    assert server.ladder() == [
        "15002 <- Dialing c2 This=15002/Origination Other=15600/Destination DNIS=15600 Ref=1",
        "15002 <- DestinationBusy c2 This=15002/Origination Other=15600/Destination CS=QueueFull DNIS=15600",
    ]


def test_nobody_is_transferred_to_a_full_queue() -> None:
    server = acd_server({"max_waiting": 1})
    b, c, d = at_queue(server, "15001", "15002", "15003")
    b.calls(QUEUE)
    c.calls("15003")
    d.answers()
    server.delivered.clear()
    c.transfers(QUEUE)
    assert server.ladder() == ["15002 <- Error 231 15002 c2 Ref=2"]


def test_a_call_that_waits_too_long_goes_elsewhere() -> None:
    server = acd_server({"overflow": {"after": 20, "to": "15002"}})
    b, _ = at_queue(server, "15001", "15002")
    b.calls(QUEUE)
    server.clock.advance(19)
    server.delivered.clear()
    server.clock.advance(1)
    assert server.ladder() == [
        (
            "15600 <- Diverted c1 This=15600/Destination Queue=15600 Other=15001/Origination "
            "3rd=15002/Destination CS=Overflowed DNIS=15600"
        ),
        (
            "15002 <- Ringing c1 This=15002/Destination Queue=15600 Other=15001/Origination CS=Overflowed "
            "DNIS=15600"
        ),
    ]
    assert waiting(server) == []


def test_a_call_that_waits_too_long_goes_to_another_queue() -> None:
    server = acd_server({"overflow": {"after": 20, "to": OTHER_QUEUE}})
    ready_agents(server, "15000", queue=OTHER_QUEUE)
    (b,) = at_queue(server, "15001", queue=OTHER_QUEUE)
    b.calls(QUEUE)
    server.delivered.clear()
    server.clock.advance(20)
    assert server.ladder()[0] == (
        "15601 <- Queued c1 This=15601/Destination Queue=15601 Other=15001/Origination CS=Overflowed "
        "DNIS=15600"
    )
    assert server.tserver.switch.state.calls[b.last_conn_id].parties[1].dn == "15000"


@pytest.mark.parametrize("to", ["15002", "15001", "4711", QUEUE])
def test_a_call_that_can_go_nowhere_waits_on(to: str) -> None:
    server = acd_server({"overflow": {"after": 20, "to": to}})
    b, c = at_queue(server, "15001", "15002")
    b.calls(QUEUE)
    c.calls("15003")
    server.delivered.clear()
    server.clock.advance(20)
    assert server.ladder() == []
    assert waiting(server) == [1]
    c.releases()
    server.delivered.clear()
    server.clock.advance(20)
    assert ringing_lines(server) == (["15002 c1"] if to == "15002" else [])


def test_a_call_that_was_served_does_not_overflow() -> None:
    server = acd_server({"overflow": {"after": 20, "to": "15002"}})
    (a,) = ready_agents(server, "15000")
    (b,) = at_queue(server, "15001")
    b.calls(QUEUE)
    a.client.answers()
    server.delivered.clear()
    server.clock.advance(60)
    assert server.ladder() == []
    assert server.tserver.switch.state.timers == {}


# --- transfers ---------------------------------------------------------------------------------------


def test_a_transfer_to_a_queue() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    b, c = at_queue(server, "15001", "15002")
    b.calls("15002")
    c.answers()
    server.delivered.clear()
    c.transfers(QUEUE)
    assert [line.split()[:4] for line in server.ladder()] == [
        ["15002", "<-", "Released", "c1"],
        ["15600", "<-", "Queued", "c1"],
        ["15001", "<-", "PartyChanged", "c1"],
        ["15600", "<-", "Diverted", "c1"],
        ["15000", "<-", "Ringing", "c1"],
    ]
    a.client.answers()
    assert server.ladder() == [
        (
            "15000 <- Established c1 This=15000/Destination Queue=15600 Other=15001/Origination "
            "3rd=15002/TransferredBy CS=Ok DNIS=15002 AgentID=A00 Ref=2"
        ),
    ]


def test_on_some_switches_the_caller_hears_of_the_agent_who_answers() -> None:
    server = acd_server()
    set_profile(server, transfer_order=TransferOrder.CHANGED_ON_ANSWER)
    (a,) = ready_agents(server, "15000")
    b, c = at_queue(server, "15001", "15002")
    b.calls("15002")
    c.answers()
    c.transfers(QUEUE)
    server.delivered.clear()
    a.client.answers()
    assert [line.split()[:6] for line in server.ladder()] == [
        ["15000", "<-", "Established", "c1", "This=15000/Destination", "Queue=15600"],
        ["15001", "<-", "PartyChanged", "c1", "This=15001/Origination", "Other=15000/Destination"],
    ]


def consulting(server: InMemoryServer) -> tuple[Client, Client]:
    """15001 and 15002 talk in c1, and 15002 consults the queue in c2."""
    b, c = at_queue(server, "15001", "15002")
    b.calls("15002")
    c.answers()
    server.delivered.clear()
    AgentClient(c).asks(m.RequestInitiateTransfer, conn_id=c.last_conn_id, other_dn=QUEUE)
    return b, c


def complete(b: Client, c: Client) -> None:
    AgentClient(c).asks(m.RequestCompleteTransfer, conn_id=b.last_conn_id, transfer_conn_id=c.last_conn_id)


def test_an_agent_is_consulted() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    consulting(server)
    assert server.ladder()[1:] == [
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
    assert [line.split()[:4] for line in server.ladder()] == [
        ["15000", "<-", "Established", "c2"],
        ["15002", "<-", "Established", "c2"],
    ]


def test_a_transfer_that_is_completed_while_the_call_waits_keeps_its_place() -> None:
    server = acd_server({"overflow": {"after": 20, "to": "15004"}})
    b, c = consulting(server)
    (d,) = server.agents("15003")
    d.calls(QUEUE)
    assert waiting(server) == [2, 3]
    complete(b, c)
    assert waiting(server) == [1, 3]
    ready_agents(server, "15000")
    assert [call.parties[1].dn for call in server.tserver.switch.state.calls.values()] == ["15000", QUEUE]
    server.clock.advance(20)
    assert waiting(server) == []


def test_a_transfer_that_is_completed_while_it_rings_may_still_go_back_to_the_queue() -> None:
    server = acd_server({"no_answer": 12})
    (a,) = ready_agents(server, "15000")
    b, c = consulting(server)
    complete(b, c)
    server.delivered.clear()
    server.clock.advance(12)
    assert server.ladder() == [
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
    assert ringing_lines(server) == ["15000 c1"]
