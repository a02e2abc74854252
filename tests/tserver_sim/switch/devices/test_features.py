"""Features of DNs as ladders, and the snapshots of DNs."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import AgentWorkMode, ForwardMode, MonitorNextCallType
from bridge.tlib.kv import KVList
from tests.tserver_sim.acd import (
    AUTO_IN,
    OTHER_QUEUE,
    QUEUE,
    AgentClient,
    acd_server,
    agent_clients,
    ready_agents,
    set_profile,
)
from tests.tserver_sim.in_memory_server import InMemoryServer
from tserver_sim.switch.interface.commands import SetService
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.snapshot import party_state, snapshot
from tserver_sim.switch.state.party_states import CallPartyState

ALWAYS = ForwardMode.Unconditional


def set_service(server: InMemoryServer, dn: str, *, out: bool) -> None:
    server.tserver.switch.command(SetService(dn, out), server.clock.now())


def delivered(server: InMemoryServer) -> list[str]:
    """Return the receivers and names of the events, without attributes."""
    return [" ".join(line.split()[:3]) for line in server.ladder()]


# --- do not disturb and message waiting --------------------------------------------------------------


def test_do_not_disturb() -> None:
    server = InMemoryServer()
    a, b = agent_clients(server, "15000", "15001")

    a.asks(m.RequestSetDNDOn, reasons=KVList.of(Why="meeting"))
    assert server.ladder() == ["15000 <- DNDOn 15000 Reasons=Why:meeting Ref=1"]
    b.client.calls("15000")
    assert server.ladder() == [
        "15001 <- Dialing c1 This=15001/Origination Other=15000/Destination DNIS=15000 Ref=1",
        "15001 <- DestinationBusy c1 This=15001/Origination Other=15000/Destination CS=Busy DNIS=15000",
    ]
    b.client.releases()
    a.asks(m.RequestSetDNDOff)
    assert server.ladder()[1:] == ["15000 <- DNDOff 15000 Ref=2"]
    b.client.calls("15000")
    assert delivered(server) == ["15001 <- Dialing", "15000 <- Ringing"]


def test_who_is_not_to_be_disturbed_can_call() -> None:
    server = InMemoryServer()
    a, _ = agent_clients(server, "15000", "15001")
    a.asks(m.RequestSetDNDOn)
    a.client.calls("15001")
    assert delivered(server) == ["15000 <- DNDOn", "15000 <- Dialing", "15001 <- Ringing"]


def test_the_message_lamp() -> None:
    server = InMemoryServer()
    (a,) = agent_clients(server, "15000")
    a.logs_in()
    server.delivered.clear()
    a.asks(m.RequestSetMessageWaitingOn)
    a.asks(m.RequestSetMessageWaitingOff)
    assert server.ladder() == [
        "15000 <- MessageWaitingOn 15000 AgentID=A00 Ref=2",
        "15000 <- MessageWaitingOff 15000 AgentID=A00 Ref=3",
    ]


# --- forwarding --------------------------------------------------------------------------------------


def test_forwarding_is_set_and_cancelled() -> None:
    server = InMemoryServer()
    (a,) = agent_clients(server, "15000")
    a.asks(m.RequestCallForwardSet, other_dn="15001", forward_mode=ALWAYS)
    a.asks(m.RequestCallForwardSet, other_dn="15002", forward_mode=ForwardMode.OnBusy)
    a.asks(m.RequestCallForwardCancel, forward_mode=ForwardMode.OnBusy)
    a.asks(m.RequestCallForwardSet, other_dn="15600", forward_mode=ALWAYS)
    a.asks(m.RequestCallForwardCancel, forward_mode=ForwardMode.NoForwarding)
    assert server.ladder() == [
        "15000 <- ForwardSet 15000 ForwardMode=Unconditional OtherDN=15001 Ref=1",
        "15000 <- ForwardSet 15000 ForwardMode=OnBusy OtherDN=15002 Ref=2",
        "15000 <- ForwardCancel 15000 ForwardMode=OnBusy OtherDN=15002 Ref=3",
        "15000 <- ForwardSet 15000 ForwardMode=Unconditional OtherDN=15600 Ref=4",
        "15000 <- ForwardCancel 15000 ForwardMode=Unconditional OtherDN=15600 Ref=5",
    ]


@pytest.mark.parametrize(
    ("mode", "busy", "rings"),
    [
        (ForwardMode.Unconditional, False, "15002"),
        (ForwardMode.SendAllCalls, False, "15002"),
        (ForwardMode.OnBusy, False, "15000"),
        (ForwardMode.OnBusy, True, "15002"),
        (ForwardMode.OnNoAnswer, True, None),
        (ForwardMode.OnBusyAndNoAnswer, True, "15002"),
        (ForwardMode.OnBusyAndNoAnswer, False, "15000"),
    ],
)
def test_which_phone_rings(mode: ForwardMode, *, busy: bool, rings: str | None) -> None:
    server = InMemoryServer()
    a, b, _ = agent_clients(server, "15000", "15001", "15002")
    a.asks(m.RequestCallForwardSet, other_dn="15002", forward_mode=mode)
    if busy:
        a.client.calls("15004")
    server.delivered.clear()
    b.client.calls("15000")
    assert delivered(server)[1:] == [f"{rings} <- Ringing" if rings else "15001 <- DestinationBusy"]


@pytest.mark.parametrize("mode", [ForwardMode.OnNoAnswer, ForwardMode.OnBusyAndNoAnswer])
def test_forwarding_when_nobody_answers(mode: ForwardMode) -> None:
    server = InMemoryServer(ring_timeout=20)
    a, b, c = agent_clients(server, "15000", "15001", "15002")
    a.asks(m.RequestCallForwardSet, other_dn="15002", forward_mode=mode)
    b.client.calls("15000")
    server.delivered.clear()

    server.clock.advance(20)
    assert server.ladder() == [
        (
            "15000 <- Released c1 This=15000/Destination Other=15001/Origination 3rd=15002/Destination "
            "CS=Forwarded Cause=Forward DNIS=15000"
        ),
        (
            "15002 <- Ringing c1 This=15002/Destination Other=15001/Origination CS=Forwarded Cause=Forward "
            "DNIS=15000"
        ),
    ]
    c.client.answers()
    assert delivered(server) == ["15002 <- Established", "15001 <- Established"]


def test_a_circle_that_is_not_always_one_may_be_set() -> None:
    server = InMemoryServer()
    a, b = agent_clients(server, "15000", "15001")
    a.asks(m.RequestCallForwardSet, other_dn="15001", forward_mode=ALWAYS)
    b.asks(m.RequestCallForwardSet, other_dn="15000", forward_mode=ForwardMode.OnNoAnswer)
    assert delivered(server) == ["15000 <- ForwardSet", "15001 <- ForwardSet"]


def test_two_who_stand_in_for_each_other_may_both_be_busy() -> None:
    server = InMemoryServer()
    a, b, c = agent_clients(server, "15000", "15001", "15002")
    a.asks(m.RequestCallForwardSet, other_dn="15001", forward_mode=ForwardMode.OnBusy)
    b.asks(m.RequestCallForwardSet, other_dn="15000", forward_mode=ForwardMode.OnBusy)
    a.client.calls("15001")
    server.delivered.clear()
    c.client.calls("15000")
    assert delivered(server) == ["15002 <- Dialing", "15002 <- DestinationBusy"]


# --- refused -----------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[type[m.DNRequest], dict[str, Any], int]] = {
    "not disturbed already": (m.RequestSetDNDOn, {}, 43),
    "disturbed already": (m.RequestSetDNDOff, {"this_dn": "15001"}, 43),
    "lamp on already": (m.RequestSetMessageWaitingOn, {}, 43),
    "lamp out already": (m.RequestSetMessageWaitingOff, {"this_dn": "15001"}, 43),
    "forwarded so already": (m.RequestCallForwardSet, {"other_dn": "15002", "forward_mode": ALWAYS}, 43),
    "not forwarded": (m.RequestCallForwardCancel, {"this_dn": "15001", "forward_mode": ALWAYS}, 43),
    "not forwarded in this mode": (m.RequestCallForwardCancel, {"forward_mode": ForwardMode.OnBusy}, 43),
    "forwarded to itself": (m.RequestCallForwardSet, {"other_dn": "15000", "forward_mode": ALWAYS}, 195),
    "forwarded to nobody": (m.RequestCallForwardSet, {"other_dn": "4711", "forward_mode": ALWAYS}, 195),
    "forwarded to nothing": (m.RequestCallForwardSet, {"other_dn": "", "forward_mode": ALWAYS}, 415),
    "forwarded in a circle": (
        m.RequestCallForwardSet,
        {"this_dn": "15002", "other_dn": "15000", "forward_mode": ForwardMode.SendAllCalls},
        195,
    ),
    "forwarded in no mode": (
        m.RequestCallForwardSet,
        {"other_dn": "15001", "forward_mode": ForwardMode.NoForwarding},
        53,
    ),
    "forwarded in an unknown mode": (
        m.RequestCallForwardSet,
        {"other_dn": "15001", "forward_mode": ForwardMode(99)},
        53,
    ),
    "a queue that is not disturbed": (m.RequestSetDNDOn, {"this_dn": "15600"}, 53),
    "a DN that is out of service": (m.RequestSetDNDOn, {"this_dn": "15003"}, 58),
    "an agent where the DN is out of service": (
        m.RequestAgentLogin,
        {"this_dn": "15003", "agent_id": "A03"},
        58,
    ),
    "an agent at a queue that is out of service": (
        m.RequestAgentLogin,
        {"agent_id": "A00", "this_queue": OTHER_QUEUE},
        58,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_request_changes_nothing(case: str) -> None:
    server = acd_server()
    client = server.client("15000", "15000", "15001", "15002", "15003", QUEUE)
    a = AgentClient(client)
    a.asks(m.RequestSetDNDOn)
    a.asks(m.RequestSetMessageWaitingOn)
    a.asks(m.RequestCallForwardSet, other_dn="15002", forward_mode=ALWAYS)
    set_service(server, "15003", out=True)
    set_service(server, OTHER_QUEUE, out=True)
    server.delivered.clear()
    before = devices(server)

    kind, attributes, code = REFUSED[case]
    a.asks(kind, **attributes)
    dn = attributes.get("this_dn", "15000")
    assert server.ladder() == [f"15000 <- Error {code} {dn} Ref=4"]
    assert devices(server) == before


def devices(server: InMemoryServer) -> bytes:
    return msgspec.json.encode(list(server.tserver.switch.state.devices.values()))


# --- out of service ----------------------------------------------------------------------------------


def test_a_dn_is_lost_and_found_again() -> None:
    server = InMemoryServer()
    a, b, c = agent_clients(server, "15000", "15001", "15002")
    a.client.calls("15001")
    b.client.answers()
    server.delivered.clear()

    set_service(server, "15000", out=True)
    assert server.ladder() == [
        "15000 <- DNOutOfService 15000",
        "15000 <- Released c1 This=15000/Origination Other=15001/Destination CS=Ok DNIS=15001",
        "15001 <- Released c1 This=15001/Destination Other=15000/Origination CS=Ok DNIS=15001",
    ]
    a.client.calls("15001")
    c.client.calls("15000")
    assert server.ladder() == [
        "15000 <- Error 58 15000 Ref=2",
        "15002 <- Dialing c2 This=15002/Origination Other=15000/Destination DNIS=15000 Ref=1",
        (
            "15002 <- DestinationBusy c2 This=15002/Origination Other=15000/Destination CS=SitNoCircuit "
            "DNIS=15000"
        ),
    ]
    set_service(server, "15000", out=False)
    assert server.ladder() == ["15000 <- DNBackInService 15000"]
    a.client.calls("15001")
    assert delivered(server) == ["15000 <- Dialing", "15001 <- Ringing"]


def test_a_queue_that_is_lost_loses_its_calls() -> None:
    server = acd_server()
    a, _ = agent_clients(server, "15000", QUEUE)
    a.client.calls(QUEUE)
    server.delivered.clear()
    set_service(server, QUEUE, out=True)
    assert delivered(server) == ["15600 <- DNOutOfService", "15600 <- Released", "15000 <- Released"]
    assert server.tserver.switch.state.devices[QUEUE].waiting == []


@pytest.mark.parametrize(("dn", "out", "code"), [("4711", True, 59), ("15000", False, 43)])
def test_what_cannot_be_lost_or_found(dn: str, *, out: bool, code: int) -> None:
    server = InMemoryServer()
    with pytest.raises(RefusedError) as refused:
        set_service(server, dn, out=out)
    assert refused.value.code == code


# --- the handset -------------------------------------------------------------------------------------


def test_on_some_switches_the_handset_is_told() -> None:
    server = InMemoryServer()
    set_profile(server, hook_events=True)
    a, b = agent_clients(server, "15000", "15001")
    a.client.calls("15001")
    assert [line for line in server.ladder() if "Hook" in line] == [
        "15000 <- OffHook 15000 ConnID=31809359274573825 CallID=1001 CallType=Internal"
    ]
    b.client.answers()
    a.asks(m.RequestHoldCall, conn_id=a.client.last_conn_id)
    a.asks(m.RequestRetrieveCall, conn_id=a.client.last_conn_id)
    b.client.releases()
    assert delivered(server) == [
        "15001 <- Established",
        "15000 <- Established",
        "15001 <- OffHook",
        "15000 <- Held",
        "15000 <- Retrieved",
        "15001 <- Released",
        "15000 <- Released",
        "15001 <- OnHook",
        "15000 <- OnHook",
    ]


def test_a_handset_is_not_lifted_by_ringing() -> None:
    server = InMemoryServer()
    set_profile(server, hook_events=True)
    a, b = agent_clients(server, "15000", "15001")
    a.client.calls("15001")
    server.delivered.clear()
    b.client.releases()
    assert delivered(server) == ["15001 <- Released", "15000 <- Released", "15000 <- OnHook"]


# --- snapshots ---------------------------------------------------------------------------------------


def at_lunch(agent: AgentClient) -> None:
    agent.logs_in(QUEUE)
    agent.logs_in(OTHER_QUEUE)
    agent.not_ready(AgentWorkMode.AuxWork, extensions=KVList.of(ReasonCode=12))


SETTINGS: dict[str, tuple[Callable[[InMemoryServer, AgentClient], None], dict[str, str | int]]] = {
    "nothing": (lambda _d, _a: None, {}),
    "do not disturb": (lambda _d, a: a.asks(m.RequestSetDNDOn), {"dnd": 1}),
    "forwarded": (
        lambda _d, a: a.asks(m.RequestCallForwardSet, other_dn="15001", forward_mode=ForwardMode.OnNoAnswer),
        {"fwd": 3, "fwd-dn": "15001"},
    ),
    "messages": (lambda _d, a: a.asks(m.RequestSetMessageWaitingOn), {"mwl": 1}),
    "out of service": (lambda d, _a: set_service(d, "15000", out=True), {"status": 3}),
    "an agent": (
        lambda _d, a: a.logs_in(),
        {"AgentStatus": 1, "AgentWorkMode": 0},
    ),
    "a ready agent": (
        lambda _d, a: a.logs_in(QUEUE, AUTO_IN),
        {"AgentStatus": 2, "AgentWorkMode": 2, "queue-1": QUEUE},
    ),
    "an agent at lunch": (
        lambda _d, a: at_lunch(a),
        {"AgentStatus": 1, "AgentWorkMode": 4, "ReasonCode": "12", "queue-1": QUEUE, "queue-2": OTHER_QUEUE},
    ),
    "an agent at work": (
        lambda _d, a: a.logs_in(mode=AgentWorkMode.AfterCallWork),
        {"AgentStatus": 3, "AgentWorkMode": 3},
    ),
    "a supervisor": (
        lambda _d, a: a.asks(
            m.RequestMonitorNextCall,
            other_dn="15001",
            monitor_next_call_type=MonitorNextCallType.AllCalls,
            extensions=KVList.of(MonitorMode="coach", MonitorScope="agent"),
        ),
        {
            "monitor-dn": "15001",
            "MonitorNextCallType": 1,
            "MonitorMode": "coach",
            "MonitorScope": "agent",
        },
    ),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_what_a_dn_tells_of_itself(case: str) -> None:
    server = acd_server()
    (a,) = agent_clients(server, "15000")
    setting, expected = SETTINGS[case]
    setting(server, a)
    watcher = server.client("watcher", "15000")
    registered = watcher.events[-1]
    assert isinstance(registered, m.EventRegistered)
    usual = {"dnd": 0, "fwd": 0, "mwl": 0, "status": 1, "AgentStatus": 0, "monitor-dn": ""}
    assert dict(registered.extensions or ()) == usual | expected
    assert registered.agent_id == ("A00" if "agent" in case else None)
    assert snapshot(server.tserver.switch.engine, "15000") == registered.extensions


def test_a_dn_tells_its_calls() -> None:
    server = acd_server()
    (a,) = ready_agents(server, "15000")
    b, c = agent_clients(server, "15001", "15002")
    b.client.calls(QUEUE)
    c.client.calls(QUEUE)
    a.client.answers(conn_id=b.client.last_conn_id)
    engine = server.tserver.switch.engine
    assert snapshot(engine, "15000")[:3] == (
        ("conn-1", "0071027198180001"),
        ("ps-1", 12),
        ("ct-1", 1),
    )
    assert snapshot(engine, QUEUE) == KVList(
        [("conn-1", "0071027198180002"), ("ps-1", 9), ("ct-1", 1), ("status", 1)]
    )


def test_what_hinders_a_party_stands_above_its_state() -> None:
    server = InMemoryServer()
    a, _ = agent_clients(server, "15000", "15001")
    a.client.calls("15001")
    party = server.tserver.switch.engine.parties_of("15000")[a.client.last_conn_id]
    assert party_state(party) == CallPartyState.DIALING
    party.muted = True
    assert party_state(party) == 0x21
    party.deaf = True
    assert party_state(party) == 0x31
