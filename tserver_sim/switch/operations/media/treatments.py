"""Treatments: a router plays something to a call at a route point, or collects digits from it.

A treatment ends by itself, when another one begins, or when a router sends the call on. If the call leaves
otherwise, no further event is published.

Sources: T-Library, TApplyTreatment, TGiveMusicTreatment, TGiveSilenceTreatment, TGiveRingBackTreatment.
"""

from collections.abc import Mapping

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType, CallState, TreatmentType
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.basic import Basic
from tserver_sim.switch.models.treatments import CallTreatment
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import Operations, find_request_call, require
from tserver_sim.switch.operations.base.membership import continues, end, give_up_party
from tserver_sim.switch.operations.base.routing_lookup import MAX_NUMBER_LENGTH, look_up
from tserver_sim.switch.operations.media.treatment_plan import (
    DESTINATION,
    TreatmentParmsError,
    TreatmentPlan,
    plan_treatment,
)
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import (
    NO_REQUESTER,
    Party,
    Requester,
    SwitchCall,
    SwitchTimer,
    TimerKind,
    Treatment,
)

# --- requests -----------------------------------------------------------------------------------------


def apply_treatment(engine: Engine, request: m.RequestApplyTreatment, requester: Requester) -> None:
    """Apply a treatment to a call that waits at a route point."""
    call, party = at_route_point(engine, request)
    kind = request.treatment_type
    if kind is TreatmentType.Unknown or not kind.is_listed:
        raise RefusedError(ErrorCode.InvalidAttribute, "TreatmentType: there is no such treatment")
    _start_treatment(engine, call, party, kind, request.treatment_parms or KVList(), requester)


def apply_simple_treatment(engine: Engine, request: m.SimpleTreatmentRequest, requester: Requester) -> None:
    """Apply the treatment of one of the older requests (TGiveMusicTreatment and the like)."""
    call, party = at_route_point(engine, request)
    _start_treatment(engine, call, party, _SIMPLE_TREATMENTS[type(request)], KVList(), requester)


_SIMPLE_TREATMENTS: Mapping[type[m.Request], TreatmentType] = {
    m.RequestGiveMusicTreatment: TreatmentType.Music,
    m.RequestGiveSilenceTreatment: TreatmentType.Silence,
    m.RequestGiveRingBackTreatment: TreatmentType.RingBack,
}


def at_route_point(engine: Engine, request: m.CallRequest) -> tuple[SwitchCall, Party]:
    """Return the call of a router's request, and the party of the route point in it.

    Raises:
        RefusedError: ThisDN is no route point, or no such call waits there.

    """
    if engine.state.devices[request.this_dn].type is not AddressType.RouteDN:
        raise RefusedError(ErrorCode.InvalidAttribute, f"ThisDN: {request.this_dn} is no route point")
    call, party = find_request_call(engine, request)
    require(party, ErrorCode.CallInWrongState, "the call does not wait here", CallPartyState.QUEUED)
    return call, party


def _start_treatment(
    engine: Engine, call: SwitchCall, party: Party, kind: TreatmentType, parms: KVList, requester: Requester
) -> None:
    if kind is TreatmentType.SetDefaultRoute:
        _set_default_route(engine, call, party, parms, requester)
        return
    try:
        plan = plan_treatment(kind, parms, engine.config.treatment_time)
    except TreatmentParmsError:
        _publish_not_applied(engine, call, party, kind, ErrorCode.InvalidAttribute, requester)
        return
    party.onward = ""
    end_treatment(engine, call, party)
    if kind is TreatmentType.CancelCall:
        _apply_treatment_model(engine, CallTreatment.APPLIED, call, party, kind, requester)
        disconnect_call(engine, call, party)
    else:
        begin_treatment(engine, call, party, kind, plan, requester)


def _set_default_route(
    engine: Engine, call: SwitchCall, party: Party, parms: KVList, requester: Requester
) -> None:
    """Store where the call goes if no router routes it; a treatment goes on meanwhile."""
    kind = TreatmentType.SetDefaultRoute
    number = str(parms.first(DESTINATION) or "")
    if not 0 < len(number) <= MAX_NUMBER_LENGTH or look_up(engine, number).address is AddressType.Unknown:
        _publish_not_applied(engine, call, party, kind, ErrorCode.InvalidDestination, requester)
        return
    party.default_route = number
    _apply_treatment_model(engine, CallTreatment.APPLIED, call, party, kind, requester)
    _apply_treatment_model(engine, CallTreatment.ENDED, call, party, kind)


def _publish_not_applied(
    engine: Engine, call: SwitchCall, party: Party, kind: TreatmentType, code: ErrorCode, requester: Requester
) -> None:
    cast = engine.cast(call, party)
    engine.apply_model(CallTreatment.NOT_APPLIED, cast, requester, treatment_type=kind, error_code=code)


def disconnect_call(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Remove the route point, and every party that has no other to talk to."""
    cast = engine.cast(call, party)
    if party.invited_by is not None or continues(cast[Actor.OTHERS]):
        give_up_party(engine, call, party, CallState.Ok)
    else:
        end(engine, Basic.HUNG_UP, cast, NO_REQUESTER)


# --- the course of a treatment --------------------------------------------------------------------------


def begin_treatment(
    engine: Engine,
    call: SwitchCall,
    party: Party,
    kind: TreatmentType,
    plan: TreatmentPlan,
    requester: Requester = NO_REQUESTER,
) -> None:
    """Begin a treatment, and stop the router's timer while it lasts."""
    engine.stop_timer(party.timer)
    party.timer = 0
    party.treatment = treatment = Treatment(kind)
    if plan.digits is not None:
        treatment.wanted, treatment.terminators = plan.digits.wanted, plan.digits.terminators
        treatment.between, treatment.until = plan.digits.between, engine.state.now + plan.digits.total
    _apply_treatment_model(engine, CallTreatment.APPLIED, call, party, kind, requester)
    if plan.seconds is not None:
        _start_timer(engine, call, party, treatment, plan.seconds)


def _start_timer(
    engine: Engine, call: SwitchCall, party: Party, treatment: Treatment, seconds: float
) -> None:
    engine.stop_timer(treatment.timer)
    treatment.timer = engine.start_timer(TimerKind.TREATMENT, seconds, call.conn_id, party.dn)


def receive_digits(engine: Engine, call: SwitchCall, party: Party, treatment: Treatment, tones: str) -> None:
    """Deliver digits to a treatment, if it collects any."""
    if not treatment.wanted:
        return
    for tone in tones:
        if tone in treatment.terminators:
            end_treatment(engine, call, party, tone)
            return
        treatment.digits += tone
        if len(treatment.digits) == treatment.wanted:
            end_treatment(engine, call, party)
            return
    left = treatment.until - engine.state.now
    _start_timer(engine, call, party, treatment, min(treatment.between, left))


def handle_treatment_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """End a treatment that has lasted, or has waited for digits, long enough."""
    end_treatment(engine, engine.state.calls[timer.conn_id], engine.parties_of(timer.dn)[timer.conn_id])


def end_treatment(engine: Engine, call: SwitchCall, party: Party, last: str | None = None) -> None:
    """End the treatment of a call, if there is one.

    Args:
        engine: the switch.
        call: the call.
        party: the route point in it.
        last: the digit that ended it, where it is not among the collected ones.

    """
    treatment, party.treatment = party.treatment, None
    if treatment is None:
        return
    engine.stop_timer(treatment.timer)
    if not treatment.wanted:
        _apply_treatment_model(engine, CallTreatment.ENDED, call, party, treatment.type)
        return
    last = last or treatment.digits[-1:]
    engine.apply_model(
        CallTreatment.ENDED_WITH_DIGITS,
        engine.cast(call, party),
        treatment_type=treatment.type,
        collected_digits=treatment.digits,
        last_digit=ord(last) if last else None,
    )


def _apply_treatment_model(
    engine: Engine,
    model: CallTreatment,
    call: SwitchCall,
    party: Party,
    kind: TreatmentType,
    requester: Requester = NO_REQUESTER,
) -> None:
    engine.apply_model(model, engine.cast(call, party), requester, treatment_type=kind)


TREATMENTS: Operations = {
    m.RequestApplyTreatment: apply_treatment,
    m.RequestGiveMusicTreatment: apply_simple_treatment,
    m.RequestGiveSilenceTreatment: apply_simple_treatment,
    m.RequestGiveRingBackTreatment: apply_simple_treatment,
}
