"""Calls that a router turns away, or disconnects, as ladders."""

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import RouteType
from tests.tserver_sim.ladders import lines
from tests.tserver_sim.route_points import RP, at_route_point, route_point_server, routes, waiting
from tests.tserver_sim.trunk_server import comes_in


def test_the_caller_hears_the_busy_tone() -> None:
    server = route_point_server()
    a, _, router = waiting(server)
    routes(router, "", route_type=RouteType.Reject)
    assert server.ladder() == lines(
        """
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination DNIS=15500
          RouteType=Reject Ref=1
        15500 <- Released c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Busy DNIS=15500
        15000 <- DestinationBusy c1 This=15000/Origination Other=15500/Destination CS=Busy DNIS=15500
        """
    )
    a.releases()
    assert server.ladder() == [
        "15000 <- Released c1 This=15000/Origination Other=15500/Destination CS=Ok DNIS=15500 Ref=2"
    ]


def test_the_call_is_disconnected() -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    routes(router, "", route_type=RouteType.CallDisconnect)
    assert server.ladder() == lines(
        """
        15500 <- RouteUsed c1 This=15500/Destination Queue=15500 Other=15000/Origination DNIS=15500
          RouteType=CallDisconnect Ref=1
        15500 <- Released c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Ok DNIS=15500
        15000 <- Released c1 This=15000/Origination Other=15500/Destination CS=Ok DNIS=15500
        """
    )
    assert not server.tserver.switch.state.calls


def test_somebody_outside_is_turned_away() -> None:
    server = route_point_server()
    (router,) = at_route_point(server)
    comes_in(server, RP)
    assert server.ladder()[1:] == lines(
        """
        15500 <- RouteRequest c1 Type=Inbound This=15500/Destination Queue=15500 Other=0699/Origination CS=Ok
          DNIS=15500 ANI=0699
        """
    )
    routes(router, "", route_type=RouteType.Reject)
    assert not server.tserver.switch.state.calls


def test_somebody_who_was_transferred_is_turned_away() -> None:
    server = route_point_server()
    a, b, router = at_route_point(server, "15000", "15001")
    a.calls("15001")
    b.answers()
    b.transfers(RP)
    server.delivered.clear()
    routes(router, "", route_type=RouteType.Reject)
    assert server.ladder()[1:] == lines(
        """
        15500 <- Released c1 This=15500/Destination Queue=15500 Other=15000/Origination CS=Busy DNIS=15001
        15000 <- Released c1 This=15000/Origination Other=15500/Destination CS=Busy DNIS=15001
        """
    )


@pytest.mark.parametrize("kind", [RouteType.Reject, RouteType.CallDisconnect])
def test_an_invitation_that_is_turned_away_leaves_the_call_alone(kind: RouteType) -> None:
    server = route_point_server()
    a, b, router = at_route_point(server, "15000", "15001")
    a.calls("15001")
    b.answers()
    b.does(m.RequestSingleStepConference, other_dn=RP)
    server.delivered.clear()
    routes(router, "", route_type=kind)
    assert [line.split()[:4] for line in server.ladder()] == [
        ["15500", "<-", "RouteUsed", "c1"],
        ["15500", "<-", "Released", "c1"],
        ["15001", "<-", "Error", "231" if kind is RouteType.Reject else "233"],
    ]
    assert [party.dn for call in server.tserver.switch.state.calls.values() for party in call.parties] == [
        "15000",
        "15001",
    ]


def test_an_invitation_goes_where_it_is_routed() -> None:
    server = route_point_server()
    a, b, router = at_route_point(server, "15000", "15001")
    c = server.client("15002", "15002")
    a.calls("15001")
    b.answers()
    b.does(m.RequestSingleStepConference, other_dn=RP)
    routes(router, "15002")
    server.delivered.clear()
    c.answers()
    assert [line.split()[:3] for line in server.ladder()] == [
        ["15002", "<-", "Established"],
        ["15001", "<-", "PartyAdded"],
        ["15000", "<-", "PartyAdded"],
    ]
