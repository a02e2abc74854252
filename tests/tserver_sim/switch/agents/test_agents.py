"""Agents as ladders: logging in and out, ready, not ready, after-call work."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from bridge.tlib.enums import AgentWorkMode
from bridge.tlib.kv import KVList
from tests.tserver_sim.acd import (
    AFTER_CALL_WORK,
    AUTO_IN,
    OTHER_QUEUE,
    QUEUE,
    AgentClient,
    acd_server,
    agent_clients,
    ready_agents,
    set_profile,
    wrap_up,
)
from tests.tserver_sim.in_memory_server import InMemoryServer

MANUAL_IN, AUX_WORK = AgentWorkMode.ManualIn, AgentWorkMode.AuxWork


# --- logging in and out ------------------------------------------------------------------------------


def test_a_shift() -> None:
    server = InMemoryServer()
    (a,) = agent_clients(server, "15000")

    a.logs_in(QUEUE)
    assert server.ladder() == [
        "15000 <- AgentLogin 15000 AgentID=A00 ThisQueue=15600 Ref=1",
        "15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=Unknown",
    ]
    a.ready(MANUAL_IN)
    assert server.ladder() == ["15000 <- AgentReady 15000 AgentID=A00 AgentWorkMode=ManualIn Ref=2"]
    a.not_ready(AUX_WORK, reasons=KVList.of(ReasonCode="lunch"))
    assert server.ladder() == [
        (
            "15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=AuxWork Ext=ReasonCode:lunch "
            "Reasons=ReasonCode:lunch Ref=3"
        )
    ]
    a.ready(this_queue=QUEUE)
    assert server.ladder() == [
        "15000 <- AgentReady 15000 AgentID=A00 ThisQueue=15600 AgentWorkMode=Unknown Ref=4"
    ]
    a.logs_out(reasons=KVList.of(Why="home"))
    assert server.ladder() == ["15000 <- AgentLogout 15000 AgentID=A00 Reasons=Why:home Ref=5"]
    assert nobody_is_logged_in(server)


def test_a_login_with_auto_in_makes_ready() -> None:
    server = InMemoryServer()
    (a,) = agent_clients(server, "15000")
    a.logs_in(mode=AUTO_IN, place="Desk 7")
    assert server.ladder() == [
        "15000 <- AgentLogin 15000 AgentID=A00 AgentWorkMode=AutoIn Place=Desk 7 Ref=1",
        "15000 <- AgentReady 15000 AgentID=A00 AgentWorkMode=AutoIn",
    ]


@pytest.mark.parametrize(
    ("mode", "delivered"),
    [
        (None, "AgentReady 15000 AgentID=A00 AgentWorkMode=Unknown"),
        (MANUAL_IN, "AgentReady 15000 AgentID=A00 AgentWorkMode=ManualIn"),
        (AUX_WORK, "AgentNotReady 15000 AgentID=A00 AgentWorkMode=AuxWork"),
    ],
)
def test_on_some_switches_who_logs_in_is_ready(mode: AgentWorkMode | None, delivered: str) -> None:
    server = InMemoryServer()
    set_profile(server, agents_start_ready=True)
    (a,) = agent_clients(server, "15000")
    a.logs_in(mode=mode)
    assert server.ladder()[1:] == [f"15000 <- {delivered}"]


def test_a_login_in_after_call_work_ends_not_ready() -> None:
    server = InMemoryServer()
    (a,) = agent_clients(server, "15000")
    a.logs_in(mode=AFTER_CALL_WORK, extensions=wrap_up(5))
    assert server.ladder()[1:] == ["15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=AfterCallWork"]
    server.clock.advance(5)
    assert server.ladder() == ["15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=Unknown"]
    server.clock.advance(5)
    assert server.ladder() == []


def test_two_queues_are_left_one_after_the_other() -> None:
    server = acd_server()
    (a,) = agent_clients(server, "15000")
    a.logs_in(QUEUE, AUTO_IN)
    server.delivered.clear()

    a.logs_in(OTHER_QUEUE)
    assert server.ladder() == ["15000 <- AgentLogin 15000 AgentID=A00 ThisQueue=15601 Ref=2"]
    a.logs_out(QUEUE)
    assert server.ladder() == ["15000 <- QueueLogout 15000 AgentID=A00 ThisQueue=15600 Ref=3"]
    a.logs_out(OTHER_QUEUE)
    assert server.ladder() == ["15000 <- AgentLogout 15000 AgentID=A00 ThisQueue=15601 Ref=4"]
    assert nobody_is_logged_in(server)


def test_a_logout_leaves_all_queues() -> None:
    server = acd_server()
    (a,) = agent_clients(server, "15000")
    a.logs_in(QUEUE)
    a.logs_in(OTHER_QUEUE)
    server.delivered.clear()
    a.logs_out()
    assert server.ladder() == ["15000 <- AgentLogout 15000 AgentID=A00 Ref=3"]
    assert nobody_is_logged_in(server)


def test_the_site_says_which_queues_an_agent_serves() -> None:
    server = acd_server(agents=[{"id": "A00", "queues": [QUEUE, OTHER_QUEUE]}])
    (a,) = agent_clients(server, "15000")
    a.logs_in()
    assert server.ladder() == [
        "15000 <- AgentLogin 15000 AgentID=A00 ThisQueue=15600 Ref=1",
        "15000 <- AgentLogin 15000 AgentID=A00 ThisQueue=15601 Ref=1",
        "15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=Unknown",
    ]


def test_an_agent_stays_logged_in_when_the_client_is_gone() -> None:
    server = InMemoryServer()
    (a,) = agent_clients(server, "15000")
    a.logs_in(QUEUE, AUTO_IN)
    a.client.leaves()
    (again,) = agent_clients(server, "15000")
    again.ready()
    assert server.ladder() == ["15000 <- AgentReady 15000 AgentID=A00 AgentWorkMode=Unknown Ref=1"]


def test_who_watches_sees_no_reference() -> None:
    server = InMemoryServer()
    (a,) = agent_clients(server, "15000")
    server.client("watcher", "15000")
    a.logs_in()
    assert [line for line in server.ladder() if "watcher" in line] == [
        "watcher <- AgentLogin 15000 AgentID=A00",
        "watcher <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=Unknown",
    ]


def test_calls_name_the_agent() -> None:
    server = InMemoryServer()
    a, b = agent_clients(server, "15000", "15001")
    a.logs_in()
    server.delivered.clear()
    b.client.calls("15000")
    assert server.ladder() == [
        "15001 <- Dialing c1 This=15001/Origination Other=15000/Destination DNIS=15000 Ref=1",
        "15000 <- Ringing c1 This=15000/Destination Other=15001/Origination CS=Ok DNIS=15000 AgentID=A00",
    ]


def test_on_some_switches_a_login_takes_the_place_of_another() -> None:
    server = InMemoryServer()
    set_profile(server, replaces_agents=True)
    (a,) = agent_clients(server, "15000")
    a.logs_in(QUEUE)
    server.delivered.clear()
    a.logs_in(QUEUE, agent_id="A77")
    assert server.ladder() == [
        "15000 <- AgentLogout 15000 AgentID=A00",
        "15000 <- AgentLogin 15000 AgentID=A77 ThisQueue=15600 Ref=2",
        "15000 <- AgentNotReady 15000 AgentID=A77 AgentWorkMode=Unknown",
    ]
    assert server.tserver.switch.state.agents == {"A77": "15000"}


# --- refused -----------------------------------------------------------------------------------------

AGENTS = [{"id": "A00", "password": "open"}, {"id": "A01"}, {"id": "A02"}]

REFUSED: dict[str, tuple[Callable[[AgentClient, AgentClient, AgentClient], None], str]] = {
    "login of a stranger": (lambda a, _b, _q: a.logs_in(agent_id="A99"), "15000 <- Error 1703 15000"),
    "login of nobody": (lambda a, _b, _q: a.logs_in(agent_id=""), "15000 <- Error 53 15000"),
    "login without an end": (lambda a, _b, _q: a.logs_in(agent_id="A" * 256), "15000 <- Error 53 15000"),
    "login without password": (lambda a, _b, _q: a.logs_in(), "15000 <- Error 1705 15000"),
    "login with a wrong password": (
        lambda a, _b, _q: a.logs_in(password="öffne"),
        "15000 <- Error 1705 15000",
    ),
    "login to no queue": (
        lambda a, _b, _q: a.logs_in("15500", password="open"),
        "15000 <- Error 53 15000",
    ),
    "login to nothing": (lambda a, _b, _q: a.logs_in("9", password="open"), "15000 <- Error 53 15000"),
    "login at a queue": (lambda _a, _b, q: q.logs_in(agent_id="A01"), "15600 <- Error 53 15600"),
    "login on two DNs": (
        lambda a, _b, _q: a.logs_in(agent_id="A01"),
        "15000 <- Error 1704 15000",
    ),
    "login on another's DN": (
        lambda _a, b, _q: b.logs_in(agent_id="A02"),
        "15001 <- Error 1706 15001",
    ),
    "login again": (lambda _a, b, _q: b.logs_in(), "15001 <- Error 1706 15001"),
    "login again to the same queue": (lambda _a, b, _q: b.logs_in(QUEUE), "15001 <- Error 1706 15001"),
    "login with a strange wrap-up": (
        lambda a, _b, _q: a.logs_in(password="open", extensions=KVList.of(WrapUpTime="soon")),
        "15000 <- Error 53 15000",
    ),
    "login with an endless wrap-up": (
        lambda a, _b, _q: a.logs_in(password="open", extensions=wrap_up(86_401)),
        "15000 <- Error 53 15000",
    ),
    "login with too much": (
        lambda a, _b, _q: a.logs_in(password="open", extensions=KVList.of(ReasonCode="x" * 16_001)),
        "15000 <- Error 53 15000",
    ),
    "logout of nobody": (lambda a, _b, _q: a.logs_out(), "15000 <- Error 1707 15000"),
    "logout of another queue": (
        lambda _a, b, _q: b.logs_out(OTHER_QUEUE),
        "15001 <- Error 1707 15001",
    ),
    "logout of another": (
        lambda _a, b, _q: b.logs_out(agent_id="A00"),
        "15001 <- Error 1703 15001",
    ),
    "ready before login": (lambda a, _b, _q: a.ready(), "15000 <- Error 1707 15000"),
    "ready for another queue": (
        lambda _a, b, _q: b.ready(this_queue=OTHER_QUEUE),
        "15001 <- Error 1707 15001",
    ),
    "ready and at work": (lambda _a, b, _q: b.ready(AUX_WORK), "15001 <- Error 53 15001"),
    "not ready before login": (lambda a, _b, _q: a.not_ready(), "15000 <- Error 1707 15000"),
    "not ready for another": (
        lambda _a, b, _q: b.not_ready(agent_id="A00"),
        "15001 <- Error 1703 15001",
    ),
    "not ready and ready": (lambda _a, b, _q: b.not_ready(MANUAL_IN), "15001 <- Error 53 15001"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_request_changes_nothing(case: str) -> None:
    server = acd_server(agents=AGENTS)
    a, b, q = agent_clients(server, "15000", "15001", QUEUE)
    b.logs_in(QUEUE, AUTO_IN)
    server.delivered.clear()
    ask, error = REFUSED[case]
    before = agents_and_members(server)

    ask(a, b, q)
    assert [line.rpartition(" Ref=")[0] for line in server.ladder()] == [error]
    assert agents_and_members(server) == before


def test_the_right_password_opens() -> None:
    server = acd_server(agents=AGENTS)
    (a,) = agent_clients(server, "15000")
    a.logs_in(password="open")
    assert [line.split()[2] for line in server.ladder()] == ["AgentLogin", "AgentNotReady"]


# --- the same once more ------------------------------------------------------------------------------


def test_a_state_that_is_there_already_is_told_again() -> None:
    server = InMemoryServer()
    (a,) = ready_agents(server, "15000")
    idle_since = agent_of(server).idle_since
    server.clock.advance(5)
    a.ready(AUTO_IN)
    assert server.ladder() == ["15000 <- AgentReady 15000 AgentID=A00 AgentWorkMode=AutoIn Ref=2"]
    assert agent_of(server).idle_since == idle_since
    a.not_ready(extensions=KVList.of(ReasonCode=7, Other="not kept"))
    a.not_ready()
    assert server.ladder() == [
        "15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=Unknown Ext=ReasonCode:7 Ref=3",
        "15000 <- AgentNotReady 15000 AgentID=A00 AgentWorkMode=Unknown Ref=4",
    ]


# --- the state ---------------------------------------------------------------------------------------


def agent_of(server: InMemoryServer, dn: str = "15000") -> Any:
    return server.tserver.switch.state.devices[dn].agent


def agents_and_members(server: InMemoryServer) -> bytes:
    state = server.tserver.switch.state
    return msgspec.json.encode([state.agents, list(state.devices.values())])


def nobody_is_logged_in(server: InMemoryServer) -> bool:
    state = server.tserver.switch.state
    return not state.agents and all(not each.agent and not each.members for each in state.devices.values())
