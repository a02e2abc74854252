"""The built-in router: it sends calls by the rules of their route point, and by default.

A call for which no rule is, or whose target cannot be reached, waits for a router outside of the switch. If
none does anything with it for `routing_timeout`, it goes to the default of the route point; while a
treatment lasts, that time does not begin.
"""

from bridge.tlib.enums import RouteType
from tserver_sim.switch.config.route_rules import RouteRule, first_fitting
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.operations.base.routing_lookup import look_up
from tserver_sim.switch.operations.media.treatment_plan import TreatmentPlan
from tserver_sim.switch.operations.media.treatments import begin
from tserver_sim.switch.operations.routing.route_requests import default_of, route
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.switch_data import Call, Party, Timer, TimerKind

MAX_HOPS = 5
"""How often in a row rules send a call from one route point to the next; they might do so in a circle."""


def call_arrived(engine: Engine, call: Call, party: Party) -> None:
    """Do by the rules what is to be done with a call that asks for its way."""
    if party.state is not PartyState.QUEUED:
        return
    rule = _rule(engine, call, party)
    if rule is None or not _follow(engine, call, party, rule):
        _await_router(engine, call, party)


def _rule(engine: Engine, call: Call, party: Party) -> RouteRule | None:
    plan = engine.config.routing.get(party.dn)
    if plan is None or party.hops >= MAX_HOPS:
        return None
    return first_fitting(plan.rules, call.dnis, call.user_data, engine.draw)


def _follow(engine: Engine, call: Call, party: Party, rule: RouteRule) -> bool:
    if rule.treatment is None:
        return _send(engine, call, party, rule.to, RouteType.Unknown, hops=party.hops + 1)
    party.onward = rule.to
    begin(engine, call, party, rule.treatment.type, TreatmentPlan(rule.treatment.seconds))
    return True


def _send(engine: Engine, call: Call, party: Party, number: str, kind: RouteType, hops: int = 0) -> bool:
    """Send a call on; return whether somebody can be reached there."""
    reach = look_up(engine, number)
    if reach.failure is not None or call.party(number) is not None or call.party(reach.number) is not None:
        return False
    target = reach.party()
    target.hops = hops
    route(engine, call, party, target, kind)
    return True


def treatment_ended(engine: Engine, call: Call, party: Party) -> None:
    """Go on with a call whose treatment is over: by the rule that had it treated, or wait for a router."""
    if party.state is not PartyState.QUEUED or party.treatment is not None:
        return
    number, party.onward = party.onward, ""
    if not number or not _send(engine, call, party, number, RouteType.Unknown):
        _await_router(engine, call, party)


# --- when no router does anything -----------------------------------------------------------------------


def _await_router(engine: Engine, call: Call, party: Party) -> None:
    seconds = engine.config.routing_timeout
    if seconds is not None and not party.timer and default_of(engine, party):
        party.timer = engine.start_timer(TimerKind.ROUTER, seconds, call.conn_id, party.dn)


def router_is_silent(engine: Engine, timer: Timer) -> None:
    """Send a call to the default; if nobody can be reached there, it waits on."""
    call = engine.state.calls[timer.conn_id]
    party = engine.parties_of(timer.dn)[timer.conn_id]
    party.timer = 0
    if not _send(engine, call, party, default_of(engine, party), RouteType.Default):
        _await_router(engine, call, party)
