"""What a router cannot do: it is refused, and the call waits on."""

from collections.abc import Callable

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import RouteType, TreatmentType
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import InMemoryServer
from tests.tserver_sim.route_points import (
    QUEUE,
    RP,
    ringing_lines,
    route_point_server,
    routes,
    treats,
    waiting,
)
from tests.tserver_sim.trunk_server import comes_in
from tserver_sim.switch.interface.commands import SetService

# --- refused --------------------------------------------------------------------------------------------


def busy(server: InMemoryServer) -> str:
    server.client("15002", "15002").calls("15003")
    return "15003"


def out_of_service(server: InMemoryServer) -> str:
    server.tserver.command(SetService("15002", out=True))
    return "15002"


def no_line(server: InMemoryServer) -> str:
    comes_in(server, "15002", "0700")
    comes_in(server, "15003", "0701")
    return "9555"


TARGETS = {
    "busy": (busy, 231),
    "out of service": (out_of_service, 58),
    "all lines taken": (no_line, 452),
    "unknown": (lambda _: "777", 415),
    "the caller": (lambda _: "15000", 415),
    "the route point itself": (lambda _: RP, 415),
    "none": (lambda _: "", 402),
    "far too long": (lambda _: "1" * 256, 415),
}


@pytest.mark.parametrize(("find", "code"), TARGETS.values(), ids=TARGETS)
def test_a_target_that_cannot_be_reached(find: Callable[[InMemoryServer], str], code: int) -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    number = find(server)
    server.delivered.clear()
    treats(router, TreatmentType.Music)
    server.delivered.clear()
    routes(router, number)
    assert server.ladder() == [f"15500 <- Error {code} 15500 c1 Ref=2"]
    server.client("15004", "15004")
    routes(router, "15004")
    assert ringing_lines(server) == ["15004"]


WISHES = {
    "a default that there is not": ({"other_dn": "", "route_type": RouteType.Default}, 402),
    "an agent who is not logged in": ({"other_dn": "Jo", "route_type": RouteType.AgentID}, 187),
    "an agent without a name": ({"other_dn": "", "route_type": RouteType.AgentID}, 192),
    "a DN without an agent": ({"other_dn": "15001", "route_type": RouteType.DirectAgent}, 182),
    "no DNIS to write": ({"other_dn": "15001", "route_type": RouteType.OverwriteDNIS}, 53),
    "an empty DNIS": ({"other_dn": "15001", "route_type": RouteType.OverwriteDNIS, "dnis": ""}, 53),
    "an unknown type": ({"other_dn": "15001", "route_type": RouteType(99)}, 53),
    "reserved data": ({"other_dn": "15001", "user_data": KVList.of(_ISCC_x="1")}, 53),
    "another call": ({"other_dn": "15001", "call": 7}, 56),
    "another site": ({"other_dn": "15001", "location": "Nowhere"}, 1000),
}


@pytest.mark.parametrize(("wish", "code"), WISHES.values(), ids=WISHES)
def test_a_wish_that_makes_no_sense(wish: dict[str, object], code: int) -> None:
    server = route_point_server()
    _, _, router = waiting(server)
    router.does(m.RequestRouteCall, **wish)
    (line,) = server.ladder()
    assert line.startswith(f"15500 <- Error {code} 15500 ")
    assert not server.tserver.switch.engine.parties_of("15001")


def test_an_agent_whom_the_site_file_does_not_know() -> None:
    server = route_point_server(agents=[{"id": "Jo"}])
    _, _, router = waiting(server)
    routes(router, "Mo", route_type=RouteType.AgentID)
    assert server.ladder() == ["15500 <- Error 192 15500 c1 Ref=1"]


def test_only_route_points_route() -> None:
    server = route_point_server()
    a, *_ = waiting(server)
    a.does(m.RequestRouteCall, other_dn="15001")
    queue = server.client(QUEUE, QUEUE)
    queue.does(m.RequestRouteCall, other_dn="15001", call=1)
    server.client("stranger").asks(
        m.RequestRouteCall(this_dn=RP, conn_id=a.last_conn_id, other_dn="15001", reference_id=3)
    )
    assert [line.split()[3] for line in server.ladder()] == ["41"]
    assert [event.error_code for event in a.events if isinstance(event, m.EventError)] == [53]
    assert [event.error_code for event in queue.events if isinstance(event, m.EventError)] == [53]
