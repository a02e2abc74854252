"""After-call work as ladders: after which calls, for how long, and what is asked for during a call."""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import AgentStatus, AgentWorkMode, MonitorNextCallType
from bridge.tlib.kv import KVList
from tests.tserver_sim.acd import (
    AFTER_CALL_WORK,
    AUTO_IN,
    QUEUE,
    AgentClient,
    acd_server,
    agent_clients,
    ready_agents,
    set_profile,
    wrap_up,
)
from tests.tserver_sim.in_memory_server import InMemoryServer

AUX_WORK = AgentWorkMode.AuxWork


# --- after-call work ---------------------------------------------------------------------------------


def called(server: InMemoryServer, agent: AgentClient, caller: AgentClient, number: str = QUEUE) -> None:
    """Call a number, and answer as the agent."""
    caller.client.calls(number)
    agent.client.answers()
    server.delivered.clear()


def states(server: InMemoryServer) -> list[str]:
    return [line for line in server.ladder() if "AgentReady" in line or "AgentNotReady" in line]


WORKS = "15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=AfterCallWork"
IS_READY = "15000 <- AgentReady 15000 AgentID=A00 AgentWorkMode=AutoIn"


def test_work_follows_a_call_of_a_queue() -> None:
    server = acd_server(agents=[{"id": "A00", "wrap_up_time": 10}])
    (a,) = ready_agents(server, "15000")
    (b,) = agent_clients(server, "15001")
    called(server, a, b)

    b.client.releases()
    assert server.ladder()[-2:] == [
        (
            "15000 <- Released c1 This=15000/Destination Queue=15600 Other=15001/Origination CS=Ok "
            "DNIS=15600 AgentID=A00"
        ),
        WORKS,
    ]
    server.clock.advance(9)
    assert server.ladder() == []
    server.clock.advance(1)
    assert server.ladder() == [IS_READY]


def test_no_work_follows_a_direct_call() -> None:
    server = acd_server(agents=[{"id": "A00", "wrap_up_time": 10}])
    (a,) = ready_agents(server, "15000")
    (b,) = agent_clients(server, "15001")
    called(server, a, b, "15000")
    b.client.releases()
    assert states(server) == []


@pytest.mark.parametrize("why", ["the agent said so at login", "the agent said so later", "the switch"])
def test_work_follows_every_call_if_wanted(why: str) -> None:
    server = acd_server(agents=[{"id": "A00", "wrap_up_time": 10 if why == "the switch" else 0}])
    set_profile(server, wraps_up_every_call=why == "the switch")
    a, b = agent_clients(server, "15000", "15001")
    a.logs_in(mode=AUTO_IN, extensions=wrap_up(10) if why == "the agent said so at login" else None)
    a.ready(AUTO_IN, extensions=wrap_up(10) if why == "the agent said so later" else None)
    called(server, a, b, "15000")
    a.client.releases()
    assert states(server) == [WORKS]
    server.clock.advance(10)
    assert states(server) == [IS_READY]


def test_no_work_follows_a_call_that_was_not_answered() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000", extensions=wrap_up(10))
    (b,) = agent_clients(server, "15001")
    b.client.calls("15000")
    b.client.releases()
    assert states(server) == []
    called(server, a, b, "15000")
    a.client.releases()
    assert states(server) == [WORKS]


def test_no_work_follows_listening_in() -> None:
    server = acd_server()
    a, s = ready_agents(server, "15000", "15002", extensions=wrap_up(10))
    (b,) = agent_clients(server, "15001")
    s.asks(m.RequestMonitorNextCall, other_dn="15000", monitor_next_call_type=MonitorNextCallType.OneCall)
    called(server, a, b, "15000")
    assert len(server.tserver.switch.engine.parties_of("15002")) == 1
    b.client.releases()
    assert states(server) == [WORKS]


def test_work_waits_for_the_end_of_the_last_call() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000", extensions=wrap_up(10))
    b, c = agent_clients(server, "15001", "15002")
    called(server, a, b)
    a.asks(m.RequestHoldCall, conn_id=a.client.last_conn_id)
    called(server, c, a, "15002")
    b.client.releases()
    assert states(server) == []
    c.client.releases()
    assert states(server) == [WORKS]


def test_who_became_not_ready_in_the_call_does_not_work_on() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000", extensions=wrap_up(10))
    (b,) = agent_clients(server, "15001")
    called(server, a, b)
    a.not_ready(AUX_WORK)
    assert states(server) == ["15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=AuxWork Ref=3"]
    b.client.releases()
    assert states(server) == []


@pytest.mark.parametrize("end", ["ready", "logout"])
def test_work_that_was_ended_does_not_end_again(end: str) -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000", extensions=wrap_up(10))
    (b,) = agent_clients(server, "15001")
    called(server, a, b)
    b.client.releases()
    a.ready(AUTO_IN) if end == "ready" else a.logs_out()
    assert server.tserver.switch.state.timers == {}
    server.delivered.clear()
    server.clock.advance(10)
    assert server.ladder() == []


def test_after_call_work_between_calls() -> None:
    server = InMemoryServer()
    (a,) = ready_agents(server, "15000")
    a.not_ready(AFTER_CALL_WORK, extensions=wrap_up(5))
    assert server.ladder() == [f"{WORKS} Ref=2"]
    server.clock.advance(3)
    a.not_ready(AFTER_CALL_WORK, extensions=wrap_up(5))
    assert server.ladder() == [f"{WORKS} Ref=3"]
    server.clock.advance(3)
    assert server.ladder() == []
    server.clock.advance(2)
    assert server.ladder() == [IS_READY]


def test_after_call_work_without_a_time_lasts_until_the_agent_is_ready() -> None:
    server = InMemoryServer()
    (a,) = ready_agents(server, "15000")
    a.not_ready(AFTER_CALL_WORK)
    assert server.ladder() == [f"{WORKS} Ref=2"]
    server.clock.advance(86_400)
    assert server.ladder() == []
    agent = server.tserver.switch.state.devices["15000"].agent
    assert agent is not None
    assert agent.status is AgentStatus.AfterCallWork
    assert server.tserver.switch.state.timers == {}


# --- asked for during a call -------------------------------------------------------------------------


def test_after_call_work_waits_for_the_end_of_the_call() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    (b,) = agent_clients(server, "15001")
    called(server, a, b)
    a.not_ready(AFTER_CALL_WORK, extensions=wrap_up(5), reasons=KVList.of(ReasonCode="notes"))
    assert server.ladder() == [f"{IS_READY} Ref=3"]
    server.clock.advance(60)
    assert server.ladder() == []
    b.client.releases()
    assert states(server) == [f"{WORKS} Ext=ReasonCode:notes Reasons=ReasonCode:notes"]
    server.clock.advance(5)
    assert server.ladder() == [IS_READY]


def test_on_some_switches_after_call_work_is_told_at_once() -> None:
    server = acd_server()
    set_profile(server, pending_after_call_work=False)
    (a,) = ready_agents(server, "15000")
    (b,) = agent_clients(server, "15001")
    called(server, a, b)
    a.not_ready(AFTER_CALL_WORK, extensions=wrap_up(5))
    assert server.ladder() == [f"{WORKS} Ref=3"]
    server.clock.advance(60)
    b.client.releases()
    assert states(server) == []
    server.clock.advance(5)
    assert states(server) == [IS_READY]


def test_on_some_switches_not_ready_waits_too() -> None:
    server = acd_server()
    set_profile(server, pending_not_ready=True)
    (a,) = ready_agents(server, "15000", extensions=wrap_up(5))
    (b,) = agent_clients(server, "15001")
    called(server, a, b)
    a.not_ready(AUX_WORK)
    assert server.ladder() == [f"{IS_READY} Ref=3"]
    b.client.releases()
    assert states(server) == ["15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=AuxWork"]
    called(server, a, b, "15000")
    a.not_ready()
    assert states(server) == ["15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=Unknown Ref=5"]


def test_what_waits_can_be_called_off() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    (b,) = agent_clients(server, "15001")
    called(server, a, b)
    a.not_ready(AFTER_CALL_WORK)
    a.ready(AUTO_IN)
    assert server.ladder() == [f"{IS_READY} Ref=3", f"{IS_READY} Ref=4"]
    b.client.releases()
    assert states(server) == []
