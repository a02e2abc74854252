"""Routing by a client of the T-Server: it routes a call that waits at a route point, or rejects it.

A target that cannot be reached is refused, and the call waits on.

Source: T-Library, TRouteCall.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, RouteType
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.routing import Routing
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import Operations, merge_user_data, replace_party
from tserver_sim.switch.operations.base.membership import give_up_party
from tserver_sim.switch.operations.base.routing_lookup import MAX_NUMBER_LENGTH
from tserver_sim.switch.operations.calls.basic import look_up_newcomer
from tserver_sim.switch.operations.calls.user_data import change_data
from tserver_sim.switch.operations.media.treatments import at_route_point, disconnect_call, end_treatment
from tserver_sim.switch.state.switch_data import NO_REQUESTER, Party, Requester, SwitchCall

_TURNS_AWAY = frozenset({RouteType.Reject, RouteType.CallDisconnect})


def route_call(engine: Engine, request: m.RequestRouteCall, requester: Requester) -> None:
    """Route a call from a route point to its target, or reject it (T-Library, TRouteCall)."""
    call, party = at_route_point(engine, request)
    kind = request.route_type
    if not kind.is_listed:
        raise RefusedError(ErrorCode.InvalidAttribute, "RouteType: there is no such type")
    target = None if kind in _TURNS_AWAY else _target(engine, call, party, request)
    dnis = _dnis(call, request)
    data = merge_user_data(call.user_data, request.user_data)
    call.dnis = dnis
    if data != call.user_data:
        change_data(engine, call, party, data, NO_REQUESTER)
    if target is None:
        reject_route(engine, call, party, kind, requester)
    else:
        route(engine, call, party, target, kind, requester)


def _target(engine: Engine, call: SwitchCall, party: Party, request: m.RequestRouteCall) -> Party:
    target = look_up_newcomer(engine, call, _number(engine, party, request))
    device = engine.state.devices.get(target.dn)
    if request.route_type is RouteType.DirectAgent and (device is None or device.agent is None):
        raise RefusedError(ErrorCode.TargetNotAgent, f"OtherDN: no agent is logged in on {target.dn}")
    return target


def _number(engine: Engine, party: Party, request: m.RequestRouteCall) -> str:
    """Return the number that a router means."""
    if request.route_type is RouteType.AgentID:
        return _dn_of_agent(engine, request.other_dn)
    number = request.other_dn
    if not number and request.route_type is RouteType.Default:
        number = default_route_of(engine, party)
    if not number:
        raise RefusedError(ErrorCode.InvalidRouteAddress, "OtherDN: this call has nowhere to go")
    return number


def _dn_of_agent(engine: Engine, agent_id: str) -> str:
    if agent_id in engine.state.agents:
        return engine.state.agents[agent_id]
    if not agent_id or (engine.config.agents and agent_id not in engine.config.agents):
        raise RefusedError(ErrorCode.InvalidAgentID, "OtherDN: there is no such agent")
    raise RefusedError(ErrorCode.AgentLoggedOff, "OtherDN: this agent is not logged in")


def _dnis(call: SwitchCall, request: m.RequestRouteCall) -> str:
    """Return the call's DNIS after routing; only one route type changes it."""
    if request.route_type is not RouteType.OverwriteDNIS:
        return call.dnis
    if request.dnis is None or not 0 < len(request.dnis) <= MAX_NUMBER_LENGTH:
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"DNIS: expected 1 to {MAX_NUMBER_LENGTH} characters to overwrite it"
        )
    return request.dnis


def default_route_of(engine: Engine, party: Party) -> str:
    """Return where an unrouted call goes from a route point; empty: nowhere."""
    plan = engine.config.routing.get(party.dn)
    return party.default_route or (plan.default if plan is not None else "")


def route(
    engine: Engine,
    call: SwitchCall,
    party: Party,
    target: Party,
    kind: RouteType,
    requester: Requester = NO_REQUESTER,
) -> None:
    """Route a call from a route point to a target that has been looked up."""
    end_treatment(engine, call, party)
    replace_party(target, party)
    target.queue = party.dn
    cast = {**engine.cast(call, party), Actor.TARGET: (CallParty(target, call),)}
    engine.apply_model(Routing.ROUTED, cast, requester, route_type=kind)


def reject_route(
    engine: Engine, call: SwitchCall, party: Party, kind: RouteType, requester: Requester
) -> None:
    """Play the busy tone to a caller, or disconnect the call."""
    end_treatment(engine, call, party)
    engine.apply_model(Routing.TURNED_AWAY, engine.cast(call, party), requester, route_type=kind)
    if kind is RouteType.Reject:
        give_up_party(engine, call, party, CallState.Busy)
    else:
        disconnect_call(engine, call, party)


ROUTING: Operations = {m.RequestRouteCall: route_call}
