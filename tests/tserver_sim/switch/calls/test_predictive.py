"""Predictive calls as ladders: a destination is called for a queue or route point, then an agent joins."""

from typing import Any

import pytest
from pydantic import ValidationError

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.tserver_sim.acd import AgentClient, ready_agents
from tests.tserver_sim.in_memory_server import Client, InMemoryServer
from tests.tserver_sim.ladders import lines
from tests.tserver_sim.route_points import QUEUE, RP, no_timers, route_point_server, routes
from tests.tserver_sim.trunk_server import SITE
from tests.tserver_sim.trunk_server import lines as lines_taken
from tserver_sim.site.phones import OutsidePhonePart
from tserver_sim.switch.interface.commands import SetService
from tserver_sim.switch.state.phone_behaviour import Answers, Detected

MACHINES = [
    {"number": "401", "phone": {"answers_after": 1, "detected": "machine"}},
    {"number": "402", "phone": {"answers_after": 1, "detected": "fax"}},
]


def dialler(**switch: Any) -> tuple[InMemoryServer, Client, AgentClient]:
    """A client of the queue, and the agent of 15003, who is ready."""
    server = route_point_server(outside=[*SITE["outside"], *MACHINES], **switch)
    queue = server.client(QUEUE, QUEUE)
    (agent,) = ready_agents(server, "15003")
    return server, queue, agent


def calls(client: Client, number: str, timeout: int = 20, **attributes: Any) -> None:
    client.asks(
        m.RequestMakePredictiveCall(
            this_dn=client.name,
            other_dn=number,
            timeout=timeout,
            reference_id=client.next_reference(),
            **attributes,
        )
    )


def test_a_person_answers() -> None:
    server, queue, agent = dialler()
    calls(queue, "9555", user_data=KVList.of(List="A"))
    assert server.ladder() == lines(
        """
        15600 <- Dialing c1 Type=Outbound This=15600/Origination Queue=15600 Other=9555/Destination DNIS=9555
          Data=List:A Ref=1
        15600 <- NetworkReached c1 Type=Outbound This=15600/Origination Queue=15600 Other=9555/Destination
          DNIS=9555 Data=List:A
        """
    )
    server.clock.advance(2)
    assert server.ladder() == lines(
        """
        15600 <- Queued c1 Type=Outbound This=15600/Origination Queue=15600 Other=9555/Destination CS=Ok
          DNIS=9555 Data=List:A
        15600 <- Diverted c1 Type=Outbound This=15600/Origination Queue=15600 Other=9555/Destination
          3rd=15003/Destination CS=Ok DNIS=9555 Data=List:A
        15003 <- Ringing c1 Type=Outbound This=15003/Origination Queue=15600 Other=9555/Destination CS=Ok
          Cause=ACD DNIS=9555 Data=List:A AgentID=A03
        """
    )
    agent.client.answers()
    assert server.ladder() == lines(
        """
        15003 <- Established c1 Type=Outbound This=15003/Origination Queue=15600 Other=9555/Destination CS=Ok
          DNIS=9555 Data=List:A AgentID=A03 Ref=2
        """
    )
    agent.client.releases()
    assert server.ladder() == lines(
        """
        15003 <- Released c1 Type=Outbound This=15003/Origination Queue=15600 Other=9555/Destination CS=Ok
          DNIS=9555 Data=List:A AgentID=A03 Ref=3
        """
    )
    assert no_timers(server)
    assert lines_taken(server) == {}


def test_an_answer_is_noticed_where_the_network_does_not_tell_it() -> None:
    server, queue, _ = dialler()
    calls(queue, "8555")
    server.delivered.clear()
    server.clock.advance(2)
    assert [line.split()[2] for line in server.ladder()] == ["Queued", "Diverted", "Ringing"]


def test_a_phone_of_the_switch_is_called() -> None:
    server, queue, agent = dialler()
    (b,) = server.agents("15001")
    calls(queue, "15001")
    assert server.ladder() == lines(
        """
        15600 <- Dialing c1 This=15600/Origination Queue=15600 Other=15001/Destination DNIS=15001 Ref=1
        15001 <- Ringing c1 This=15001/Destination Other=15600/Origination CS=Ok DNIS=15001
        """
    )
    b.answers()
    assert server.ladder() == lines(
        """
        15001 <- Established c1 This=15001/Destination Other=15600/Origination CS=Ok DNIS=15001 Ref=1
        15600 <- Queued c1 This=15600/Origination Queue=15600 Other=15001/Destination CS=Ok DNIS=15001
        15600 <- Diverted c1 This=15600/Origination Queue=15600 Other=15001/Destination 3rd=15003/Destination
          CS=Ok DNIS=15001
        15003 <- Ringing c1 This=15003/Origination Queue=15600 Other=15001/Destination CS=Ok Cause=ACD
          DNIS=15001 AgentID=A03
        """
    )
    agent.client.answers()
    server.delivered.clear()
    b.releases()
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15003/Origination CS=Ok DNIS=15001 Ref=2
        15003 <- Released c1 This=15003/Origination Queue=15600 Other=15001/Destination CS=Ok DNIS=15001
          AgentID=A03
        """
    )


@pytest.mark.parametrize("profile", ["sip-server", "csta-pbx"])
def test_for_a_route_point(profile: str) -> None:
    server = route_point_server(profile=profile)
    router = server.client(RP, RP)
    calls(router, "9555")
    server.delivered.clear()
    server.clock.advance(2)
    assert server.ladder()[-1:] == lines(
        """
        15500 <- RouteRequest c1 Type=Outbound This=15500/Origination Queue=15500 Other=9555/Destination CS=Ok
          DNIS=9555
        """
    )
    server.client("15001", "15001")
    routes(router, "15001")
    assert server.ladder()[2].startswith(
        "15001 <- Ringing c1 Type=Outbound This=15001/Origination Queue=15500 Other=9555/Destination CS=Ok"
    )


def test_the_person_hangs_up_before_an_agent_is_there() -> None:
    server, queue, agent = dialler()
    agent.not_ready()
    calls(queue, "9301")
    server.clock.advance(1)
    server.delivered.clear()
    server.clock.advance(10)
    assert server.ladder() == lines(
        """
        15600 <- Abandoned c1 Type=Outbound This=15600/Origination Queue=15600 Other=9301/Destination CS=Ok
          DNIS=9301
        """
    )
    assert no_timers(server)


def test_the_agent_does_not_answer() -> None:
    server, queue, agent = dialler(ring_timeout=15)
    calls(queue, "9555")
    server.clock.advance(2)
    server.delivered.clear()
    server.clock.advance(15)
    assert [line.split()[:3] for line in server.ladder()] == [
        ["15003", "<-", "Released"],
        ["15600", "<-", "Queued"],
        ["15003", "<-", "AgentNotReady"],
    ]
    agent.ready()
    assert [line.split()[2] for line in server.ladder()] == ["AgentReady", "Diverted", "Ringing"]


# --- nobody comes ---------------------------------------------------------------------------------------

FAILURES = {
    "busy": ("9201", 0, "CS=Busy"),
    "no such number": ("9202", 0, "CS=SitInvalidNum"),
    "nobody answers": ("9203", 20, "CS=NoAnswer"),
    "does not want it": ("9204", 3, "CS=Ok Cause=Reject"),
    "an answering machine": ("9401", 1, "CS=AnsweringMachineDetected Cause=AMDetected"),
    "a fax machine": ("9402", 1, "CS=FaxDetected Cause=FaxDetected"),
    "a fax machine behind the old trunk": ("8402", 1, "CS=FaxDetected Cause=FaxDetected"),
}


@pytest.mark.parametrize(("number", "seconds", "delivered"), FAILURES.values(), ids=FAILURES)
def test_nobody_is_reached(number: str, seconds: int, delivered: str) -> None:
    server, queue, _ = dialler()
    calls(queue, number)
    if seconds:
        server.clock.advance(seconds - 1)
        server.delivered.clear()
        server.clock.advance(1)
    assert server.ladder()[-1] == (
        f"15600 <- Released c1 Type=Outbound This=15600/Origination Queue=15600 Other={number}/Destination "
        f"{delivered} DNIS={number}"
    )
    assert not server.tserver.switch.state.calls
    assert no_timers(server)
    assert lines_taken(server) == {}


def test_a_number_that_is_known_to_fail() -> None:
    server, queue, _ = dialler()
    calls(queue, "777")
    assert server.ladder() == lines(
        """
        15600 <- Dialing c1 Type=Outbound This=15600/Origination Queue=15600 Other=777/Destination DNIS=777
          Ref=1
        15600 <- Released c1 Type=Outbound This=15600/Origination Queue=15600 Other=777/Destination
          CS=SitInvalidNum DNIS=777
        """
    )


def test_all_lines_are_taken() -> None:
    server, queue, _ = dialler()
    for _ in range(3):
        calls(queue, "9203")
    assert server.ladder()[-1].endswith("Other=9203/Destination CS=AllTrunksBusy DNIS=9203")


def test_a_phone_of_the_switch_does_not_answer() -> None:
    server, queue, _ = dialler()
    server.client("15001", "15001")
    calls(queue, "15001", timeout=5)
    server.delivered.clear()
    server.clock.advance(5)
    assert server.ladder() == lines(
        """
        15600 <- Released c1 This=15600/Origination Queue=15600 Other=15001/Destination CS=NoAnswer DNIS=15001
        15001 <- Released c1 This=15001/Destination Other=15600/Origination CS=NoAnswer DNIS=15001
        """
    )


@pytest.mark.parametrize("ring_timeout", [None, 30])
def test_without_a_timeout_it_rings_as_long_as_phones_may(ring_timeout: int | None) -> None:
    server, queue, _ = dialler(ring_timeout=ring_timeout)
    server.client("15001", "15001")
    calls(queue, "15001", timeout=0)
    server.clock.advance(30)
    assert bool(server.tserver.switch.state.calls) is (ring_timeout is None)


def test_the_call_is_given_up_by_request() -> None:
    server, queue, _ = dialler()
    server.client("15001", "15001")
    calls(queue, "15001")
    server.delivered.clear()
    queue.releases()
    assert [line.split()[:3] for line in server.ladder()] == [
        ["15600", "<-", "Released"],
        ["15001", "<-", "Abandoned"],
    ]
    assert no_timers(server)


def test_a_switch_that_connects_machines() -> None:
    server, queue, _ = dialler(profile="acd-switch")
    calls(queue, "9401")
    server.delivered.clear()
    server.clock.advance(1)
    ladder = server.ladder()
    assert ladder[0] == (
        "15600 <- Queued c1 Type=Outbound This=15600/Origination Queue=15600 Other=9401/Destination "
        "CS=AnsweringMachineDetected DNIS=9401"
    )
    assert [line.split()[2] for line in ladder] == ["Queued", "Diverted", "Ringing"]
    calls(queue, "9402")
    server.delivered.clear()
    server.clock.advance(1)
    assert "CS=FaxDetected" in server.ladder()[0]


def test_other_calls_do_not_care_what_answers() -> None:
    server, _, agent = dialler()
    agent.client.calls("9402")
    server.delivered.clear()
    server.clock.advance(1)
    assert [line.split()[2] for line in server.ladder()] == ["Established"]


# --- refused --------------------------------------------------------------------------------------------


def test_what_is_refused() -> None:
    server, queue, agent = dialler(virtual_queues=["VQ"])
    virtual = server.client("VQ", "VQ")
    calls(agent.client, "9555")
    calls(virtual, "9555")
    calls(queue, RP)
    calls(queue, QUEUE)
    calls(queue, "")
    calls(queue, "9555", timeout=86_401)
    calls(queue, "9555", user_data=KVList.of(_ISCC_x="1"))
    server.tserver.command(SetService(QUEUE, out=True))
    server.delivered = [
        (client, event) for client, event in server.delivered if isinstance(event, m.EventError)
    ]
    calls(queue, "9555")
    assert [" ".join(line.split()[:4]) for line in server.ladder()] == [
        "15003 <- Error 53",
        "VQ <- Error 53",
        "15600 <- Error 415",
        "15600 <- Error 415",
        "15600 <- Error 415",
        "15600 <- Error 53",
        "15600 <- Error 53",
        "15600 <- Error 58",
    ]
    assert not server.tserver.switch.state.calls


# --- the site file --------------------------------------------------------------------------------------


def test_what_is_detected_stands_beside_an_answer() -> None:
    part = OutsidePhonePart.model_validate({"answers_after": 2, "detected": "fax", "hangs_up_after": 9})
    assert part.behaviour == Answers(2, 9, Detected.FAX)
    for keys in ({"busy": True, "detected": "fax"}, {"answers_after": 1, "detected": "dog"}):
        with pytest.raises(ValidationError):
            OutsidePhonePart.model_validate(keys)
