"""Route points: a router, outside of the switch or built in, routes a call or rejects it.

How the call comes to a route point is `ARRIVALS` in `vocabulary.py`. Sources: T-Library Events and Models,
call to a route point; T-Library, TRouteCall.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, Cause, DNRole
from tserver_sim.switch.models.vocabulary import Actor, ComputedThirdParty, EventTemplate, Model, Models, Move


class Routing(Model):
    """What can happen to a call at a route point."""

    ROUTED = "the router sends the call from the route point, SELF, to TARGET"
    TURNED_AWAY = "the router rejects the call at the route point, SELF; a further model ends it"


_A = Actor

ROUTING: Models = {
    Routing.ROUTED: (
        EventTemplate(
            _A.SELF,
            m.EventRouteUsed,
            _A.PEER,
            third=(_A.TARGET, DNRole.Destination),
            details=("route_type",),
            answers=True,
        ),
        EventTemplate(_A.SELF, m.EventDiverted, _A.PEER, CallState.Ok, third=(_A.TARGET, DNRole.Destination)),
        EventTemplate(
            _A.TARGET, Move.ARRIVES, _A.PEER, CallState.Ok, Cause.Route, third=ComputedThirdParty.AS_ARRIVED
        ),
    ),
    Routing.TURNED_AWAY: (
        EventTemplate(_A.SELF, m.EventRouteUsed, _A.PEER, details=("route_type",), answers=True),
    ),
}
