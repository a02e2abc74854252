"""Treatments: a router has something played to a call that waits at a route point, or asks it for digits.

A treatment ends by itself, when another one begins, or when a router sends the call on. If the call leaves
otherwise, that is all that is told.

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
from tserver_sim.switch.models.treatments import Treating
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import Operations, on_call, require
from tserver_sim.switch.operations.base.membership import end, give_up, goes_on
from tserver_sim.switch.operations.base.routing_lookup import MAX_NUMBER_LENGTH, look_up
from tserver_sim.switch.operations.media.treatment_plan import (
    DESTINATION,
    TreatmentPlan,
    UnusableError,
    planned,
)
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.switch_data import NOBODY, Asked, Call, Party, Timer, TimerKind, Treatment

# --- requests -----------------------------------------------------------------------------------------


def apply(engine: Engine, request: m.RequestApplyTreatment, asked: Asked) -> None:
    """Treat a call that waits at a route point."""
    call, party = at_route_point(engine, request)
    kind = request.treatment_type
    if kind is TreatmentType.Unknown or not kind.is_listed:
        raise RefusedError(ErrorCode.InvalidAttribute, "TreatmentType: there is no such treatment")
    _treat(engine, call, party, kind, request.treatment_parms or KVList(), asked)


def give(engine: Engine, request: m.SimpleTreatmentRequest, asked: Asked) -> None:
    """Do the same by one of the requests of old."""
    call, party = at_route_point(engine, request)
    _treat(engine, call, party, _OF_OLD[type(request)], KVList(), asked)


_OF_OLD: Mapping[type[m.Request], TreatmentType] = {
    m.RequestGiveMusicTreatment: TreatmentType.Music,
    m.RequestGiveSilenceTreatment: TreatmentType.Silence,
    m.RequestGiveRingBackTreatment: TreatmentType.RingBack,
}


def at_route_point(engine: Engine, request: m.CallRequest) -> tuple[Call, Party]:
    """Find the call that a router's request is about, and the party of the route point in it.

    Raises:
        RefusedError: ThisDN is no route point, or no such call waits there.

    """
    if engine.state.devices[request.this_dn].type is not AddressType.RouteDN:
        raise RefusedError(ErrorCode.InvalidAttribute, f"ThisDN: {request.this_dn} is no route point")
    call, party = on_call(engine, request)
    require(party, ErrorCode.CallInWrongState, "the call does not wait here", PartyState.QUEUED)
    return call, party


def _treat(
    engine: Engine, call: Call, party: Party, kind: TreatmentType, parms: KVList, asked: Asked
) -> None:
    if kind is TreatmentType.SetDefaultRoute:
        _set_default_route(engine, call, party, parms, asked)
        return
    try:
        plan = planned(kind, parms, engine.config.treatment_time)
    except UnusableError:
        _refuse(engine, call, party, kind, ErrorCode.InvalidAttribute, asked)
        return
    party.onward = ""
    end_treatment(engine, call, party)
    if kind is TreatmentType.CancelCall:
        _tell(engine, Treating.APPLIED, call, party, kind, asked)
        disconnect(engine, call, party)
    else:
        begin(engine, call, party, kind, plan, asked)


def _set_default_route(engine: Engine, call: Call, party: Party, parms: KVList, asked: Asked) -> None:
    """Remember where the call goes if nobody routes it; what it hears goes on meanwhile."""
    kind = TreatmentType.SetDefaultRoute
    number = str(parms.first(DESTINATION) or "")
    if not 0 < len(number) <= MAX_NUMBER_LENGTH or look_up(engine, number).address is AddressType.Unknown:
        _refuse(engine, call, party, kind, ErrorCode.InvalidDestination, asked)
        return
    party.default_route = number
    _tell(engine, Treating.APPLIED, call, party, kind, asked)
    _tell(engine, Treating.ENDED, call, party, kind)


def _refuse(
    engine: Engine, call: Call, party: Party, kind: TreatmentType, code: ErrorCode, asked: Asked
) -> None:
    cast = engine.cast(call, party)
    engine.tell(Treating.NOT_APPLIED, cast, asked, treatment_type=kind, error_code=code)


def disconnect(engine: Engine, call: Call, party: Party) -> None:
    """Let the route point leave, and everybody who has nobody else to talk to."""
    cast = engine.cast(call, party)
    if party.waiting is not None or goes_on(cast[Actor.OTHERS]):
        give_up(engine, call, party, CallState.Ok)
    else:
        end(engine, Basic.HUNG_UP, cast, NOBODY)


# --- from the beginning to the end ----------------------------------------------------------------------


def begin(
    engine: Engine,
    call: Call,
    party: Party,
    kind: TreatmentType,
    plan: TreatmentPlan,
    asked: Asked = NOBODY,
) -> None:
    """Begin a treatment; nobody waits for a router while it lasts."""
    engine.stop_timer(party.timer)
    party.timer = 0
    party.treatment = treatment = Treatment(kind)
    if plan.digits is not None:
        treatment.wanted, treatment.terminators = plan.digits.wanted, plan.digits.terminators
        treatment.between, treatment.until = plan.digits.between, engine.state.now + plan.digits.total
    _tell(engine, Treating.APPLIED, call, party, kind, asked)
    if plan.seconds is not None:
        _start_timer(engine, call, party, treatment, plan.seconds)


def _start_timer(engine: Engine, call: Call, party: Party, treatment: Treatment, seconds: float) -> None:
    engine.stop_timer(treatment.timer)
    treatment.timer = engine.start_timer(TimerKind.TREATMENT, seconds, call.conn_id, party.dn)


def hear(engine: Engine, call: Call, party: Party, treatment: Treatment, tones: str) -> None:
    """Let a treatment have digits, if it waits for any."""
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


def treatment_over(engine: Engine, timer: Timer) -> None:
    """End a treatment that has lasted long enough, or has waited long enough for digits."""
    end_treatment(engine, engine.state.calls[timer.conn_id], engine.parties_of(timer.dn)[timer.conn_id])


def end_treatment(engine: Engine, call: Call, party: Party, last: str | None = None) -> None:
    """End the treatment of a call, if there is one.

    Args:
        engine: the switch.
        call: the call.
        party: the route point in it.
        last: the digit that ended it, where it is not among those that were asked for.

    """
    treatment, party.treatment = party.treatment, None
    if treatment is None:
        return
    engine.stop_timer(treatment.timer)
    if not treatment.wanted:
        _tell(engine, Treating.ENDED, call, party, treatment.type)
        return
    last = last or treatment.digits[-1:]
    engine.tell(
        Treating.ENDED_WITH_DIGITS,
        engine.cast(call, party),
        treatment_type=treatment.type,
        collected_digits=treatment.digits,
        last_digit=ord(last) if last else None,
    )


def _tell(
    engine: Engine, model: Treating, call: Call, party: Party, kind: TreatmentType, asked: Asked = NOBODY
) -> None:
    engine.tell(model, engine.cast(call, party), asked, treatment_type=kind)


TREATMENTS: Operations = {
    m.RequestApplyTreatment: apply,
    m.RequestGiveMusicTreatment: give,
    m.RequestGiveSilenceTreatment: give,
    m.RequestGiveRingBackTreatment: give,
}
