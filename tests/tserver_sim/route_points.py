"""Route points: a server with a route point, its callers and its router."""

from typing import Any

from bridge.tlib import messages as m
from bridge.tlib.enums import TreatmentType
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import Client, InMemoryServer
from tests.tserver_sim.trunk_server import SITE

RP, OTHER_RP, QUEUE = "15500", "15501", "15600"


def route_point_server(
    routing: dict[str, Any] | None = None, other: dict[str, Any] | None = None, **switch: Any
) -> InMemoryServer:
    """Return a server with five extensions, two route points (`routing`, `other`), a queue and trunks."""
    dns: list[dict[str, Any]] = [
        *({"number": str(number)} for number in range(15000, 15005)),
        {"number": RP, "type": "route_point", "routing": routing},
        {"number": OTHER_RP, "type": "route_point", "routing": other},
        {"number": QUEUE, "type": "acd_queue"},
    ]
    return InMemoryServer(**{**SITE, "dns": dns, **switch})


def at_route_point(server: InMemoryServer, *dns: str) -> tuple[Client, ...]:
    """Return clients of extensions, and the router: a client of the first route point."""
    clients = server.agents(*dns)
    return *clients, server.client(RP, RP)


def waiting(server: InMemoryServer, **attributes: Any) -> tuple[Client, Client, Client]:
    """15000 has called the route point; return its client, that of 15001, and the router."""
    a, b, router = at_route_point(server, "15000", "15001")
    a.calls(RP, **attributes)
    server.delivered.clear()
    return a, b, router


def routes(router: Client, number: str, **attributes: Any) -> None:
    router.does(m.RequestRouteCall, other_dn=number, **attributes)


def treats(router: Client, kind: TreatmentType, **parms: str | int) -> None:
    router.does(m.RequestApplyTreatment, treatment_type=kind, treatment_parms=KVList(parms.items()))


def ringing_lines(server: InMemoryServer) -> list[str]:
    """Return who received EventRinging since the last call."""
    delivered, server.delivered = server.delivered, []
    return [event.this_dn for _, event in delivered if isinstance(event, m.EventRinging)]


def no_timers(server: InMemoryServer) -> bool:
    """Return whether no timer is set."""
    return not server.tserver.switch.state.timers
