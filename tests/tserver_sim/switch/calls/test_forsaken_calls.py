"""Only queues and route points are left in a call: the switch ends it, or refuses what would lead to it."""

from typing import Any

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import ForwardMode, MonitorNextCallType
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import CONN_ID_BASE, Client, InMemoryServer
from tests.tserver_sim.ladders import lines, refused, talking
from tests.tserver_sim.route_points import QUEUE, RP, no_timers, route_point_server
from tserver_sim.switch.config.profile import PROFILES
from tserver_sim.switch.interface.commands import SetService


def called_for_a_queue(**switch: Any) -> tuple[InMemoryServer, Client, Client]:
    """15001 is called for the queue 15600; 15500 is a route point."""
    server = route_point_server(**switch)
    queue, called = server.client(QUEUE, QUEUE, RP), server.client("15001", "15001")
    queue.asks(m.RequestMakePredictiveCall(this_dn=QUEUE, other_dn="15001", timeout=60, reference_id=1))
    server.delivered.clear()
    return server, queue, called


def test_who_is_called_for_a_queue_sends_the_call_to_a_route_point() -> None:
    server, _, called = called_for_a_queue()
    called.does(m.RequestRedirectCall, other_dn=RP)
    assert server.ladder() == lines(
        """
        15001 <- Released c1 This=15001/Destination Other=15600/Origination 3rd=15500/Destination
          CS=Redirected Cause=Redirect DNIS=15001 Ref=1
        15600 <- Queued c1 This=15500/Destination Queue=15500 Other=15600/Origination CS=Redirected
          Cause=Redirect DNIS=15001
        15600 <- RouteRequest c1 This=15500/Destination Queue=15500 Other=15600/Origination CS=Redirected
          Cause=Redirect DNIS=15001
        15600 <- Released c1 This=15600/Origination Queue=15600 CS=Ok DNIS=15001
        15600 <- Abandoned c1 This=15500/Destination Queue=15500 CS=Ok DNIS=15001
        """
    )
    assert server.tserver.switch.state.calls == {}
    assert no_timers(server)


@pytest.mark.parametrize("profile", PROFILES)
def test_who_is_called_for_a_queue_is_forwarded_to_it(profile: str) -> None:
    server, queue, called = called_for_a_queue(profile=profile, ring_timeout=10)
    called.asks(
        m.RequestCallForwardSet(
            this_dn="15001", other_dn=RP, forward_mode=ForwardMode.OnNoAnswer, reference_id=1
        )
    )
    server.clock.advance(10)
    kinds = [(type(event), event.this_dn) for event in queue.events[-2:] if isinstance(event, m.CallEvent)]
    assert kinds == [(m.EventReleased, QUEUE), (m.EventAbandoned, RP)]
    assert server.tserver.switch.state.calls == {}
    assert no_timers(server)


@pytest.mark.parametrize("kind", [m.RequestMuteTransfer, m.RequestSingleStepTransfer])
def test_who_waits_in_a_queue_is_not_passed_on_to_a_route_point(kind: type[m.CallOnRequest]) -> None:
    server, (a, b, *_) = talking()
    b.transfers("15600")
    server.delivered.clear()
    error = refused(server, a, kind, other_dn=RP)
    expected = {
        m.RequestMuteTransfer: "496 nobody would be left who talks",
        m.RequestSingleStepTransfer: "496 both parties must be talking",
    }
    assert error == expected[kind]


def test_who_waits_in_a_queue_is_not_passed_on_by_a_completed_transfer() -> None:
    server, (a, b, *_) = talking()
    b.transfers("15600")
    a.does(m.RequestInitiateTransfer, other_dn=RP)
    server.delivered.clear()
    second = CONN_ID_BASE + 2
    error = refused(server, a, m.RequestCompleteTransfer, call=1, transfer_conn_id=second)
    assert error == "496 nobody would be left who talks"


# --- who waits at a queue that goes -----------------------------------------------------------------------


def test_a_queue_that_was_invited_goes_out_of_service() -> None:
    """Who invited it is answered."""
    server, (a, *_) = talking()
    server.client("15600", "15600")
    a.does(m.RequestSingleStepConference, other_dn="15600")
    server.delivered.clear()
    server.tserver.switch.command(SetService("15600", out=True), server.clock.now())
    assert [line for line in server.ladder() if "15600 <- DN" not in line] == lines(
        """
        15600 <- Released c1 This=15600/ConferenceMember Queue=15600 3rd=15000/AddedBy
          CS=Ok DNIS=15001
        15000 <- Error 233 15000 c1 Ref=2
        """
    )


def test_an_observer_hears_of_the_data_of_a_transfer() -> None:
    """At a switch with a separate event for the data."""
    server = InMemoryServer(profile="acd-switch")
    a, b, s = server.agents("15000", "15001", "15002")
    s.asks(
        m.RequestMonitorNextCall(
            this_dn="15002",
            other_dn="15001",
            monitor_next_call_type=MonitorNextCallType.OneCall,
            reference_id=9,
        )
    )
    a.calls("15001")
    b.answers()
    server.delivered.clear()
    b.transfers("15003", user_data=KVList.of(Kind="sale"))
    delivered = [line.split()[0] for line in server.ladder() if " AttachedDataChanged " in line]
    assert sorted(delivered) == ["15000", "15001", "15002"]
