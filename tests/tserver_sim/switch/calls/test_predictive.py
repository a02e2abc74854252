"""Predictive calls as ladders: somebody is called for a queue or route point, then an agent comes."""

from typing import Any

import pytest
from pydantic import ValidationError

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.tserver_sim.acd import Seat, ready_agents
from tests.tserver_sim.in_memory_server import Client, Desk
from tests.tserver_sim.ladders import lines
from tests.tserver_sim.route_points import QUEUE, RP, no_timers, routes, rp_desk
from tests.tserver_sim.trunk_server import SITE
from tests.tserver_sim.trunk_server import lines as lines_taken
from tserver_sim.site.phones import OutsidePhonePart
from tserver_sim.switch.interface.commands import SetService
from tserver_sim.switch.state.phone_behaviour import Answers, Detected

MACHINES = [
    {"number": "401", "phone": {"answers_after": 1, "detected": "machine"}},
    {"number": "402", "phone": {"answers_after": 1, "detected": "fax"}},
]


def dialler(**switch: Any) -> tuple[Desk, Client, Seat]:
    """A client of the queue, and the agent of 15003, who is ready."""
    desk = rp_desk(outside=[*SITE["outside"], *MACHINES], **switch)
    queue = desk.client(QUEUE, QUEUE)
    (agent,) = ready_agents(desk, "15003")
    return desk, queue, agent


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
    desk, queue, agent = dialler()
    calls(queue, "9555", user_data=KVList.of(List="A"))
    assert desk.ladder() == lines(
        """
        15600 <- Dialing c1 Type=Outbound This=15600/Origination Queue=15600 Other=9555/Destination DNIS=9555
          Data=List:A Ref=1
        15600 <- NetworkReached c1 Type=Outbound This=15600/Origination Queue=15600 Other=9555/Destination
          DNIS=9555 Data=List:A
        """
    )
    desk.clock.advance(2)
    assert desk.ladder() == lines(
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
    assert desk.ladder() == lines(
        """
        15003 <- Established c1 Type=Outbound This=15003/Origination Queue=15600 Other=9555/Destination CS=Ok
          DNIS=9555 Data=List:A AgentID=A03 Ref=2
        """
    )
    agent.client.releases()
    assert desk.ladder() == lines(
        """
        15003 <- Released c1 Type=Outbound This=15003/Origination Queue=15600 Other=9555/Destination CS=Ok
          DNIS=9555 Data=List:A AgentID=A03 Ref=3
        """
    )
    assert no_timers(desk)
    assert lines_taken(desk) == {}


def test_an_answer_is_noticed_where_the_network_does_not_tell_it() -> None:
    desk, queue, _ = dialler()
    calls(queue, "8555")
    desk.told.clear()
    desk.clock.advance(2)
    assert [line.split()[2] for line in desk.ladder()] == ["Queued", "Diverted", "Ringing"]


def test_a_phone_of_the_switch_is_called() -> None:
    desk, queue, agent = dialler()
    (b,) = desk.agents("15001")
    calls(queue, "15001")
    assert desk.ladder() == lines(
        """
        15600 <- Dialing c1 This=15600/Origination Queue=15600 Other=15001/Destination DNIS=15001 Ref=1
        15001 <- Ringing c1 This=15001/Destination Other=15600/Origination CS=Ok DNIS=15001
        """
    )
    b.answers()
    assert desk.ladder() == lines(
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
    desk.told.clear()
    b.releases()
    assert desk.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15003/Origination CS=Ok DNIS=15001 Ref=2
        15003 <- Released c1 This=15003/Origination Queue=15600 Other=15001/Destination CS=Ok DNIS=15001
          AgentID=A03
        """
    )


@pytest.mark.parametrize("profile", ["sip-server", "csta-pbx"])
def test_for_a_route_point(profile: str) -> None:
    desk = rp_desk(profile=profile)
    router = desk.client(RP, RP)
    calls(router, "9555")
    desk.told.clear()
    desk.clock.advance(2)
    assert desk.ladder()[-1:] == lines(
        """
        15500 <- RouteRequest c1 Type=Outbound This=15500/Origination Queue=15500 Other=9555/Destination CS=Ok
          DNIS=9555
        """
    )
    desk.client("15001", "15001")
    routes(router, "15001")
    assert desk.ladder()[2].startswith(
        "15001 <- Ringing c1 Type=Outbound This=15001/Origination Queue=15500 Other=9555/Destination CS=Ok"
    )


def test_the_person_hangs_up_before_an_agent_is_there() -> None:
    desk, queue, agent = dialler()
    agent.not_ready()
    calls(queue, "9301")
    desk.clock.advance(1)
    desk.told.clear()
    desk.clock.advance(10)
    assert desk.ladder() == lines(
        """
        15600 <- Abandoned c1 Type=Outbound This=15600/Origination Queue=15600 Other=9301/Destination CS=Ok
          DNIS=9301
        """
    )
    assert no_timers(desk)


def test_the_agent_does_not_answer() -> None:
    desk, queue, agent = dialler(ring_timeout=15)
    calls(queue, "9555")
    desk.clock.advance(2)
    desk.told.clear()
    desk.clock.advance(15)
    assert [line.split()[:3] for line in desk.ladder()] == [
        ["15003", "<-", "Released"],
        ["15600", "<-", "Queued"],
        ["15003", "<-", "AgentNotReady"],
    ]
    agent.ready()
    assert [line.split()[2] for line in desk.ladder()] == ["AgentReady", "Diverted", "Ringing"]


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


@pytest.mark.parametrize(("number", "seconds", "told"), FAILURES.values(), ids=FAILURES)
def test_nobody_is_reached(number: str, seconds: int, told: str) -> None:
    desk, queue, _ = dialler()
    calls(queue, number)
    if seconds:
        desk.clock.advance(seconds - 1)
        desk.told.clear()
        desk.clock.advance(1)
    assert desk.ladder()[-1] == (
        f"15600 <- Released c1 Type=Outbound This=15600/Origination Queue=15600 Other={number}/Destination "
        f"{told} DNIS={number}"
    )
    assert not desk.tserver.switch.state.calls
    assert no_timers(desk)
    assert lines_taken(desk) == {}


def test_a_number_that_is_known_to_fail() -> None:
    desk, queue, _ = dialler()
    calls(queue, "777")
    assert desk.ladder() == lines(
        """
        15600 <- Dialing c1 Type=Outbound This=15600/Origination Queue=15600 Other=777/Destination DNIS=777
          Ref=1
        15600 <- Released c1 Type=Outbound This=15600/Origination Queue=15600 Other=777/Destination
          CS=SitInvalidNum DNIS=777
        """
    )


def test_all_lines_are_taken() -> None:
    desk, queue, _ = dialler()
    for _ in range(3):
        calls(queue, "9203")
    assert desk.ladder()[-1].endswith("Other=9203/Destination CS=AllTrunksBusy DNIS=9203")


def test_a_phone_of_the_switch_does_not_answer() -> None:
    desk, queue, _ = dialler()
    desk.client("15001", "15001")
    calls(queue, "15001", timeout=5)
    desk.told.clear()
    desk.clock.advance(5)
    assert desk.ladder() == lines(
        """
        15600 <- Released c1 This=15600/Origination Queue=15600 Other=15001/Destination CS=NoAnswer DNIS=15001
        15001 <- Released c1 This=15001/Destination Other=15600/Origination CS=NoAnswer DNIS=15001
        """
    )


@pytest.mark.parametrize("ring_timeout", [None, 30])
def test_without_a_timeout_it_rings_as_long_as_phones_may(ring_timeout: int | None) -> None:
    desk, queue, _ = dialler(ring_timeout=ring_timeout)
    desk.client("15001", "15001")
    calls(queue, "15001", timeout=0)
    desk.clock.advance(30)
    assert bool(desk.tserver.switch.state.calls) is (ring_timeout is None)


def test_the_call_is_given_up_by_request() -> None:
    desk, queue, _ = dialler()
    desk.client("15001", "15001")
    calls(queue, "15001")
    desk.told.clear()
    queue.releases()
    assert [line.split()[:3] for line in desk.ladder()] == [
        ["15600", "<-", "Released"],
        ["15001", "<-", "Abandoned"],
    ]
    assert no_timers(desk)


def test_a_switch_that_connects_machines() -> None:
    desk, queue, _ = dialler(profile="acd-switch")
    calls(queue, "9401")
    desk.told.clear()
    desk.clock.advance(1)
    ladder = desk.ladder()
    assert ladder[0] == (
        "15600 <- Queued c1 Type=Outbound This=15600/Origination Queue=15600 Other=9401/Destination "
        "CS=AnsweringMachineDetected DNIS=9401"
    )
    assert [line.split()[2] for line in ladder] == ["Queued", "Diverted", "Ringing"]
    calls(queue, "9402")
    desk.told.clear()
    desk.clock.advance(1)
    assert "CS=FaxDetected" in desk.ladder()[0]


def test_other_calls_do_not_care_what_answers() -> None:
    desk, _, agent = dialler()
    agent.client.calls("9402")
    desk.told.clear()
    desk.clock.advance(1)
    assert [line.split()[2] for line in desk.ladder()] == ["Established"]


# --- refused --------------------------------------------------------------------------------------------


def test_what_is_refused() -> None:
    desk, queue, agent = dialler(virtual_queues=["VQ"])
    virtual = desk.client("VQ", "VQ")
    calls(agent.client, "9555")
    calls(virtual, "9555")
    calls(queue, RP)
    calls(queue, QUEUE)
    calls(queue, "")
    calls(queue, "9555", timeout=86_401)
    calls(queue, "9555", user_data=KVList.of(_ISCC_x="1"))
    desk.tserver.command(SetService(QUEUE, out=True))
    desk.told = [(client, event) for client, event in desk.told if isinstance(event, m.EventError)]
    calls(queue, "9555")
    assert [" ".join(line.split()[:4]) for line in desk.ladder()] == [
        "15003 <- Error 53",
        "VQ <- Error 53",
        "15600 <- Error 415",
        "15600 <- Error 415",
        "15600 <- Error 415",
        "15600 <- Error 53",
        "15600 <- Error 53",
        "15600 <- Error 58",
    ]
    assert not desk.tserver.switch.state.calls


# --- the site file --------------------------------------------------------------------------------------


def test_what_is_detected_stands_beside_an_answer() -> None:
    part = OutsidePhonePart.model_validate({"answers_after": 2, "detected": "fax", "hangs_up_after": 9})
    assert part.behaviour == Answers(2, 9, Detected.FAX)
    for keys in ({"busy": True, "detected": "fax"}, {"answers_after": 1, "detected": "dog"}):
        with pytest.raises(ValidationError):
            OutsidePhonePart.model_validate(keys)
