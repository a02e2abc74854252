"""ACD queues as ladders: who waits, and which agent gets which call."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import AgentWorkMode, ForwardMode
from tests.tserver_sim.acd import (
    AUTO_IN,
    OTHER_QUEUE,
    QUEUE,
    Seat,
    acd_desk,
    at_queue,
    ready_agents,
    rung,
    seats,
    waiting,
    wrap_up,
)
from tests.tserver_sim.in_memory_server import Desk
from tserver_sim.switch.interface.commands import SetService
from tserver_sim.switch.state.switch_data import Standing

# --- a call and an agent -----------------------------------------------------------------------------


def test_a_call_to_a_queue() -> None:
    desk = acd_desk()
    (a,) = ready_agents(desk, "15000")
    (b,) = at_queue(desk, "15001")

    b.calls(QUEUE)
    assert desk.ladder() == [
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
    assert desk.ladder() == [
        (
            "15000 <- Established c1 This=15000/Destination Queue=15600 Other=15001/Origination CS=Ok "
            "DNIS=15600 AgentID=A00 Ref=2"
        ),
        "15001 <- Established c1 This=15001/Origination Other=15000/Destination CS=Ok DNIS=15600",
    ]
    b.releases()
    assert desk.ladder() == [
        "15001 <- Released c1 This=15001/Origination Other=15000/Destination CS=Ok DNIS=15600 Ref=2",
        (
            "15000 <- Released c1 This=15000/Destination Queue=15600 Other=15001/Origination CS=Ok "
            "DNIS=15600 AgentID=A00"
        ),
    ]


def test_a_call_waits_until_an_agent_is_ready() -> None:
    desk = acd_desk()
    (b,) = at_queue(desk, "15001")
    (a,) = seats(desk, "15000")
    a.logs_in(QUEUE)
    b.calls(QUEUE)
    desk.told.clear()

    a.ready()
    assert [line.split()[:4] for line in desk.ladder()] == [
        ["15000", "<-", "AgentReady", "15000"],
        ["15600", "<-", "Diverted", "c1"],
        ["15000", "<-", "Ringing", "c1"],
    ]


def test_the_caller_gives_up() -> None:
    desk = acd_desk()
    (b,) = at_queue(desk, "15001")
    b.calls(QUEUE)
    desk.told.clear()
    b.releases()
    assert desk.ladder() == [
        "15001 <- Released c1 This=15001/Origination Other=15600/Destination CS=Ok DNIS=15600 Ref=2",
        ("15600 <- Abandoned c1 This=15600/Destination Queue=15600 Other=15001/Origination CS=Ok DNIS=15600"),
    ]
    assert waiting(desk) == []
    ready_agents(desk, "15000")
    assert rung(desk) == []


def test_the_caller_gives_up_while_it_rings_at_the_agent() -> None:
    desk = acd_desk()
    (a,) = ready_agents(desk, "15000")
    b, c = at_queue(desk, "15001", "15002")
    b.calls(QUEUE)
    c.calls(QUEUE)
    desk.told.clear()
    b.releases()
    assert [line.split()[:4] for line in desk.ladder()] == [
        ["15001", "<-", "Released", "c1"],
        ["15000", "<-", "Abandoned", "c1"],
        ["15600", "<-", "Diverted", "c2"],
        ["15000", "<-", "Ringing", "c2"],
    ]
    assert a.client.last_conn_id == c.last_conn_id


# --- who gets which ----------------------------------------------------------------------------------


def test_who_has_been_idle_longest_gets_the_call() -> None:
    desk = acd_desk()
    _, second, _ = ready_agents(desk, "15000", "15001", "15002")
    (b,) = at_queue(desk, "15003")

    def next_agent() -> str:
        b.calls(QUEUE)
        (agent,) = rung(desk)
        desk.clock.advance(1)
        b.releases()
        return agent.split()[0]

    assert [next_agent() for _ in range(4)] == ["15000", "15001", "15002", "15000"]
    second.not_ready()
    second.ready()
    assert [next_agent() for _ in range(3)] == ["15002", "15000", "15001"]


def test_who_waits_longest_is_served_first() -> None:
    desk = acd_desk()
    b, c, d = at_queue(desk, "15001", "15002", "15003")
    (a,) = seats(desk, "15000")
    for caller in (b, c, d):
        caller.calls(QUEUE)
    c.releases()
    assert waiting(desk) == [1, 3]
    desk.told.clear()
    a.logs_in(QUEUE, AUTO_IN)
    assert rung(desk) == ["15000 c1"]
    a.client.answers()
    assert waiting(desk) == [3]
    a.client.releases()
    assert rung(desk) == ["15000 c3"]


def test_of_two_queues_the_longest_waiting_call_is_served_first() -> None:
    desk = acd_desk()
    b, c, d = at_queue(desk, "15001", "15002", "15003")
    (a,) = seats(desk, "15000")
    b.calls(OTHER_QUEUE)
    c.calls(QUEUE)
    d.calls(OTHER_QUEUE)
    a.logs_in(QUEUE)
    a.logs_in(OTHER_QUEUE)
    desk.told.clear()
    a.ready()
    assert rung(desk) == ["15000 c1"]
    b.releases()
    assert rung(desk) == ["15000 c2"]
    c.releases()
    assert rung(desk) == ["15000 c3"]


def test_a_second_queue_brings_its_calls_at_once() -> None:
    desk = acd_desk()
    (a,) = ready_agents(desk, "15000")
    (b,) = at_queue(desk, "15001")
    b.calls(OTHER_QUEUE)
    desk.told.clear()
    a.logs_in(OTHER_QUEUE)
    assert rung(desk) == ["15000 c1"]


def not_ready(_: Desk, agent: Seat) -> None:
    agent.not_ready(AgentWorkMode.AuxWork)


def logged_out(_: Desk, agent: Seat) -> None:
    agent.logs_out()


def out_of_the_queue(_: Desk, agent: Seat) -> None:
    agent.logs_in(OTHER_QUEUE)
    agent.logs_out(QUEUE)


def undisturbed(_: Desk, agent: Seat) -> None:
    agent.asks(m.RequestSetDNDOn)


def out_of_service(desk: Desk, agent: Seat) -> None:
    desk.tserver.switch.command(SetService(agent.client.name, out=True), desk.clock.now())


def on_a_call(_: Desk, agent: Seat) -> None:
    agent.client.calls("15004")


def holding_a_call(desk: Desk, agent: Seat) -> None:
    agent.client.calls("15004")
    desk.agents("15004")[0].answers(conn_id=agent.client.last_conn_id)
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
    desk = acd_desk()
    first, _ = ready_agents(desk, "15000", "15001")
    b, c = at_queue(desk, "15002", "15003")
    unavailable(desk, first)
    desk.told.clear()
    b.calls(QUEUE)
    c.calls(QUEUE)
    assert rung(desk) == ["15001 c" + str(b.last_conn_id & 0xFFF)]
    assert waiting(desk) == [c.last_conn_id & 0xFFF]


@pytest.mark.parametrize("again", ["DND off", "in service", "the call ends"])
def test_who_is_free_again_gets_the_call(again: str) -> None:
    desk = acd_desk()
    (a,) = ready_agents(desk, "15000")
    (b,) = at_queue(desk, "15001")
    before = {"DND off": undisturbed, "in service": out_of_service, "the call ends": on_a_call}
    before[again](desk, a)
    b.calls(QUEUE)
    desk.told.clear()
    match again:
        case "DND off":
            a.asks(m.RequestSetDNDOff)
        case "in service":
            desk.tserver.switch.command(SetService("15000", out=False), desk.clock.now())
        case _:
            a.client.releases()
    assert rung(desk) == [f"15000 c{b.last_conn_id & 0xFFF}"]


def test_who_works_on_after_a_call_gets_the_next_one_then() -> None:
    desk = acd_desk()
    (a,) = ready_agents(desk, "15000", extensions=wrap_up(10))
    b, c = at_queue(desk, "15001", "15002")
    b.calls(QUEUE)
    a.client.answers()
    c.calls(QUEUE)
    b.releases()
    desk.told.clear()
    desk.clock.advance(10)
    assert [line.split()[2] for line in desk.ladder()] == ["AgentReady", "Diverted", "Ringing"]


def test_two_agents_who_talked_with_each_other_work_on_before_either_gets_a_call() -> None:
    desk = acd_desk()
    first, second = ready_agents(desk, "15000", "15001", extensions=wrap_up(10))
    (b,) = at_queue(desk, "15002")
    first.client.calls("15001")
    second.client.answers()
    b.calls(QUEUE)
    desk.told.clear()
    first.client.releases()
    assert rung(desk) == []
    assert waiting(desk) == [2]


@pytest.mark.parametrize("coming", [{"owes_wrap_up": True}, {"pending": Standing()}])
def test_who_is_about_to_do_something_else_gets_no_call(coming: dict[str, Any]) -> None:
    """As it is between the end of a call and what follows from it, in whatever order that is carried out."""
    desk = acd_desk()
    ready_agents(desk, "15000")
    (b,) = at_queue(desk, "15001")
    for name, value in coming.items():
        setattr(desk.tserver.switch.state.devices["15000"].agent, name, value)
    b.calls(QUEUE)
    assert rung(desk) == []


def test_the_forwarding_of_an_agents_dn_does_not_concern_the_queue() -> None:
    desk = acd_desk()
    (a,) = ready_agents(desk, "15000")
    (b,) = at_queue(desk, "15001")
    a.asks(m.RequestCallForwardSet, other_dn="15002", forward_mode=ForwardMode.Unconditional)
    b.calls(QUEUE)
    assert rung(desk) == ["15000 c1"]
