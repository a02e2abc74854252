"""ACD queues as ladders: who waits, and which agent gets which call."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import AgentWorkMode, ForwardMode
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
    waiting,
    wrap_up,
)
from tests.tserver_sim.in_memory_server import InMemoryServer
from tserver_sim.switch.interface.commands import SetService
from tserver_sim.switch.state.agent_states import AgentInput
from tserver_sim.switch.state.switch_data import AgentStateDetails, DeferredAgentState

# --- a call and an agent -----------------------------------------------------------------------------


def test_a_call_to_a_queue() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    (b,) = at_queue(server, "15001")

    b.calls(QUEUE)
    assert server.ladder() == [
        "15001 <- Dialing c1 This=15001/Origination Other=15600/Destination DNIS=15600 Ref=1",
        ("15600 <- Queued c1 This=15600/Destination Queue=15600 Other=15001/Origination CS=Ok DNIS=15600"),
        (
            "15600 <- Diverted c1 This=15600/Destination Queue=15600 Other=15001/Origination "
            "3rd=15000/Destination CS=Ok DNIS=15600"
        ),
        (
            "15000 <- Ringing c1 This=15000/Destination Queue=15600 Other=15001/Origination CS=Ok "
            "Cause=ACD DNIS=15600 AgentID=A00"
        ),
    ]
    a.client.answers()
    assert server.ladder() == [
        (
            "15000 <- Established c1 This=15000/Destination Queue=15600 Other=15001/Origination CS=Ok "
            "DNIS=15600 AgentID=A00 Ref=2"
        ),
        "15001 <- Established c1 This=15001/Origination Other=15000/Destination CS=Ok DNIS=15600",
    ]
    b.releases()
    assert server.ladder() == [
        "15001 <- Released c1 This=15001/Origination Other=15000/Destination CS=Ok DNIS=15600 Ref=2",
        (
            "15000 <- Released c1 This=15000/Destination Queue=15600 Other=15001/Origination CS=Ok "
            "DNIS=15600 AgentID=A00"
        ),
    ]


def test_a_call_waits_until_an_agent_is_ready() -> None:
    server = acd_server()
    (b,) = at_queue(server, "15001")
    (a,) = agent_clients(server, "15000")
    a.logs_in(QUEUE)
    b.calls(QUEUE)
    server.delivered.clear()

    a.ready()
    assert [line.split()[:4] for line in server.ladder()] == [
        ["15000", "<-", "AgentReady", "15000"],
        ["15600", "<-", "Diverted", "c1"],
        ["15000", "<-", "Ringing", "c1"],
    ]


def test_the_caller_gives_up() -> None:
    server = acd_server()
    (b,) = at_queue(server, "15001")
    b.calls(QUEUE)
    server.delivered.clear()
    b.releases()
    assert server.ladder() == [
        "15001 <- Released c1 This=15001/Origination Other=15600/Destination CS=Ok DNIS=15600 Ref=2",
        ("15600 <- Abandoned c1 This=15600/Destination Queue=15600 Other=15001/Origination CS=Ok DNIS=15600"),
    ]
    assert waiting(server) == []
    ready_agents(server, "15000")
    assert ringing_lines(server) == []


def test_the_caller_gives_up_while_it_rings_at_the_agent() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    b, c = at_queue(server, "15001", "15002")
    b.calls(QUEUE)
    c.calls(QUEUE)
    server.delivered.clear()
    b.releases()
    assert [line.split()[:4] for line in server.ladder()] == [
        ["15001", "<-", "Released", "c1"],
        ["15000", "<-", "Abandoned", "c1"],
        ["15600", "<-", "Diverted", "c2"],
        ["15000", "<-", "Ringing", "c2"],
    ]
    assert a.client.last_conn_id == c.last_conn_id


# --- who gets which ----------------------------------------------------------------------------------


def test_who_has_been_idle_longest_gets_the_call() -> None:
    server = acd_server()
    _, second, _ = ready_agents(server, "15000", "15001", "15002")
    (b,) = at_queue(server, "15003")

    def next_agent() -> str:
        b.calls(QUEUE)
        (agent,) = ringing_lines(server)
        server.clock.advance(1)
        b.releases()
        return agent.split()[0]

    assert [next_agent() for _ in range(4)] == ["15000", "15001", "15002", "15000"]
    second.not_ready()
    second.ready()
    assert [next_agent() for _ in range(3)] == ["15002", "15000", "15001"]


def test_who_waits_longest_is_served_first() -> None:
    server = acd_server()
    b, c, d = at_queue(server, "15001", "15002", "15003")
    (a,) = agent_clients(server, "15000")
    for caller in (b, c, d):
        caller.calls(QUEUE)
    c.releases()
    assert waiting(server) == [1, 3]
    server.delivered.clear()
    a.logs_in(QUEUE, AUTO_IN)
    assert ringing_lines(server) == ["15000 c1"]
    a.client.answers()
    assert waiting(server) == [3]
    a.client.releases()
    assert ringing_lines(server) == ["15000 c3"]


def test_of_two_queues_the_longest_waiting_call_is_served_first() -> None:
    server = acd_server()
    b, c, d = at_queue(server, "15001", "15002", "15003")
    (a,) = agent_clients(server, "15000")
    b.calls(OTHER_QUEUE)
    c.calls(QUEUE)
    d.calls(OTHER_QUEUE)
    a.logs_in(QUEUE)
    a.logs_in(OTHER_QUEUE)
    server.delivered.clear()
    a.ready()
    assert ringing_lines(server) == ["15000 c1"]
    b.releases()
    assert ringing_lines(server) == ["15000 c2"]
    c.releases()
    assert ringing_lines(server) == ["15000 c3"]


def test_a_second_queue_brings_its_calls_at_once() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    (b,) = at_queue(server, "15001")
    b.calls(OTHER_QUEUE)
    server.delivered.clear()
    a.logs_in(OTHER_QUEUE)
    assert ringing_lines(server) == ["15000 c1"]


def not_ready(_: InMemoryServer, agent: AgentClient) -> None:
    agent.not_ready(AgentWorkMode.AuxWork)


def logged_out(_: InMemoryServer, agent: AgentClient) -> None:
    agent.logs_out()


def out_of_the_queue(_: InMemoryServer, agent: AgentClient) -> None:
    agent.logs_in(OTHER_QUEUE)
    agent.logs_out(QUEUE)


def undisturbed(_: InMemoryServer, agent: AgentClient) -> None:
    agent.asks(m.RequestSetDNDOn)


def out_of_service(server: InMemoryServer, agent: AgentClient) -> None:
    server.tserver.switch.command(SetService(agent.client.name, out=True), server.clock.now())


def on_a_call(_: InMemoryServer, agent: AgentClient) -> None:
    agent.client.calls("15004")


def holding_a_call(server: InMemoryServer, agent: AgentClient) -> None:
    agent.client.calls("15004")
    server.agents("15004")[0].answers(conn_id=agent.client.last_conn_id)
    agent.asks(m.RequestHoldCall, conn_id=agent.client.last_conn_id)


BUSY = (
    not_ready,
    logged_out,
    out_of_the_queue,
    undisturbed,
    out_of_service,
    on_a_call,
    holding_a_call,
)


@pytest.mark.parametrize("unavailable", BUSY)
def test_who_is_not_free_gets_no_call(unavailable: Any) -> None:
    server = acd_server()
    first, _ = ready_agents(server, "15000", "15001")
    b, c = at_queue(server, "15002", "15003")
    unavailable(server, first)
    server.delivered.clear()
    b.calls(QUEUE)
    c.calls(QUEUE)
    assert ringing_lines(server) == ["15001 c" + str(b.last_conn_id & 0xFFF)]
    assert waiting(server) == [c.last_conn_id & 0xFFF]


@pytest.mark.parametrize("again", ["DND off", "in service", "the call ends"])
def test_who_is_free_again_gets_the_call(again: str) -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    (b,) = at_queue(server, "15001")
    before = {"DND off": undisturbed, "in service": out_of_service, "the call ends": on_a_call}
    before[again](server, a)
    b.calls(QUEUE)
    server.delivered.clear()
    match again:
        case "DND off":
            a.asks(m.RequestSetDNDOff)
        case "in service":
            server.tserver.switch.command(SetService("15000", out=False), server.clock.now())
        case _:
            a.client.releases()
    assert ringing_lines(server) == [f"15000 c{b.last_conn_id & 0xFFF}"]


def test_who_works_on_after_a_call_gets_the_next_one_then() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000", extensions=wrap_up(10))
    b, c = at_queue(server, "15001", "15002")
    b.calls(QUEUE)
    a.client.answers()
    c.calls(QUEUE)
    b.releases()
    server.delivered.clear()
    server.clock.advance(10)
    assert [line.split()[2] for line in server.ladder()] == ["AgentReady", "Diverted", "Ringing"]


def test_two_agents_who_talked_with_each_other_work_on_before_either_gets_a_call() -> None:
    server = acd_server()
    first, second = ready_agents(server, "15000", "15001", extensions=wrap_up(10))
    (b,) = at_queue(server, "15002")
    first.client.calls("15001")
    second.client.answers()
    b.calls(QUEUE)
    server.delivered.clear()
    first.client.releases()
    assert ringing_lines(server) == []
    assert waiting(server) == [2]


NOT_READY_LATER = DeferredAgentState(AgentInput.NOT_READY, AgentStateDetails())


@pytest.mark.parametrize("coming", [{"is_work_due": True}, {"deferred": NOT_READY_LATER}])
def test_who_is_about_to_do_something_else_gets_no_call(coming: dict[str, Any]) -> None:
    """As it is between the end of a call and what follows from it, in whatever order that is carried out."""
    server = acd_server()
    ready_agents(server, "15000")
    (b,) = at_queue(server, "15001")
    for name, value in coming.items():
        setattr(server.tserver.switch.state.devices["15000"].agent, name, value)
    b.calls(QUEUE)
    assert ringing_lines(server) == []


def test_the_forwarding_of_an_agents_dn_does_not_concern_the_queue() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    (b,) = at_queue(server, "15001")
    a.asks(m.RequestCallForwardSet, other_dn="15002", forward_mode=ForwardMode.Unconditional)
    b.calls(QUEUE)
    assert ringing_lines(server) == ["15000 c1"]
