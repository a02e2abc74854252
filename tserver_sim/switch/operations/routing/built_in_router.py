"""The built-in router: it routes calls by the rules of their route point, and by default.

A call without a rule, or whose target cannot be reached, waits for a router outside of the switch. If none
acts on it for `routing_timeout`, it goes to the default of the route point; during a treatment that time does
not run.
"""

from bridge.tlib.enums import RouteType
from tserver_sim.switch.config.route_rules import RouteRule, first_matching
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.operations.base.routing_lookup import look_up
from tserver_sim.switch.operations.media.treatment_plan import TreatmentPlan
from tserver_sim.switch.operations.media.treatments import begin_treatment
from tserver_sim.switch.operations.routing.route_requests import default_route_of, route
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import Party, SwitchCall, SwitchTimer, TimerKind

MAX_HOPS = 5
"""How often in a row rules send a call from one route point to the next; they might form a circle."""


def route_arrived_call(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Apply the rules to a call that has come to a route point."""
    if party.state is not CallPartyState.QUEUED:
        return
    rule = _rule(engine, call, party)
    if rule is None or not _apply_rule(engine, call, party, rule):
        _await_router(engine, call, party)


def _rule(engine: Engine, call: SwitchCall, party: Party) -> RouteRule | None:
    plan = engine.config.routing.get(party.dn)
    if plan is None or party.hops >= MAX_HOPS:
        return None
    return first_matching(plan.rules, call.dnis, call.user_data, engine.draw)


def _apply_rule(engine: Engine, call: SwitchCall, party: Party, rule: RouteRule) -> bool:
    if rule.treatment is None:
        return _route_to(engine, call, party, rule.to, RouteType.Unknown, hops=party.hops + 1)
    party.onward = rule.to
    begin_treatment(engine, call, party, rule.treatment.type, TreatmentPlan(rule.treatment.seconds))
    return True


def _route_to(
    engine: Engine, call: SwitchCall, party: Party, number: str, kind: RouteType, hops: int = 0
) -> bool:
    """Route a call; return whether the destination can be reached."""
    lookup = look_up(engine, number)
    if lookup.failure is not None or call.party(number) is not None or call.party(lookup.number) is not None:
        return False
    target = lookup.party()
    target.hops = hops
    route(engine, call, party, target, kind)
    return True


def route_treated_call(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Route a call whose treatment is over: by the rule of the treatment, or wait for a router."""
    if party.state is not CallPartyState.QUEUED or party.treatment is not None:
        return
    number, party.onward = party.onward, ""
    if not number or not _route_to(engine, call, party, number, RouteType.Unknown):
        _await_router(engine, call, party)


# --- the default route ----------------------------------------------------------------------------------


def _await_router(engine: Engine, call: SwitchCall, party: Party) -> None:
    seconds = engine.config.routing_timeout
    if seconds is not None and not party.timer and default_route_of(engine, party):
        party.timer = engine.start_timer(TimerKind.ROUTER, seconds, call.conn_id, party.dn)


def handle_router_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """Route a call to the default; it waits on if that cannot be reached."""
    call = engine.state.calls[timer.conn_id]
    party = engine.parties_of(timer.dn)[timer.conn_id]
    party.timer = 0
    if not _route_to(engine, call, party, default_route_of(engine, party), RouteType.Default):
        _await_router(engine, call, party)
