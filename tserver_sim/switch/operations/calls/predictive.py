"""Predictive calls: a destination is called for a queue or route point, and waits there after the answer.

An answer is noticed even where the network does not signal it: the switch listens. The called party is the
destination of the call; the queue, and the agent after it, is its origin.

Source: T-Library, TMakePredictiveCall.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, CallType, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.basic import Basic
from tserver_sim.switch.models.predictive import Predictive
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import (
    PHONES,
    QUEUES,
    Operations,
    is_predictive,
    merge_user_data,
)
from tserver_sim.switch.operations.base.membership import give_up_party
from tserver_sim.switch.operations.base.routing_lookup import RoutingLookup, look_up
from tserver_sim.switch.state.phone_behaviour import Answers, Detected
from tserver_sim.switch.state.switch_data import (
    Party,
    Requester,
    SwitchCall,
    SwitchDN,
    SwitchTimer,
    TimerKind,
)

MAX_RING_TIME = 86_400
"""Seconds."""


def make_predictive_call(engine: Engine, request: m.RequestMakePredictiveCall, requester: Requester) -> None:
    """Call a destination for a queue or route point. Timeout is in seconds; 0: `ring_timeout`."""
    queue = _queue(engine, request.this_dn)
    if request.timeout > MAX_RING_TIME:
        raise RefusedError(ErrorCode.InvalidAttribute, f"Timeout: expected at most {MAX_RING_TIME} s")
    lookup = look_up(engine, request.other_dn)
    if lookup.address in QUEUES:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {lookup.number} is nobody who can answer")
    data = merge_user_data(KVList(), request.user_data)
    call = engine.new_call(request.other_dn, _call_type(lookup), data)
    party = Party(queue.number, DNRole.Origination, queue.type, queue=queue.number)
    cast = {Actor.SELF: (CallParty(party, call),), Actor.TARGET: (CallParty(lookup.party(), call),)}
    if lookup.failure is not None:
        engine.apply_model(Predictive.UNREACHABLE, cast, requester, call_state=lookup.failure)
        return
    engine.apply_model(Basic.PLACED, cast, requester)
    if request.timeout:
        party.timer = engine.start_timer(TimerKind.PREDICTIVE, request.timeout, call.conn_id, party.dn)


def _queue(engine: Engine, number: str) -> SwitchDN:
    device = engine.state.devices[number]
    if device.type not in QUEUES or device.virtual:
        raise RefusedError(ErrorCode.InvalidAttribute, f"ThisDN: {number} is no queue and no route point")
    if device.out_of_service:
        raise RefusedError(ErrorCode.OutOfService, f"{number} is out of service")
    return device


def _call_type(lookup: RoutingLookup) -> CallType:
    """Return the CallType; a number that does not exist counts as one outside."""
    return CallType.Internal if lookup.address in PHONES else CallType.Outbound


def answered_outside(engine: Engine, call: SwitchCall, party: Party) -> bool:
    """Handle an answer from outside if the call is a predictive one; return whether it is."""
    cast = engine.cast(call, party)
    if not is_predictive(cast):
        return False
    requester = Requester(leg=party.leg)
    match party.manner:
        case Answers(detected=Detected.FAX):
            engine.apply_model(Predictive.FAX, cast, requester)
        case Answers(detected=Detected.MACHINE) if not engine.profile.connects_machines:
            engine.apply_model(Predictive.MACHINE, cast, requester)
        case Answers(detected=Detected.MACHINE):
            machine = CallState.AnsweringMachineDetected
            engine.apply_model(Predictive.ANSWERED, cast, requester, call_state=machine)
        case _:
            engine.apply_model(Predictive.ANSWERED, cast, requester, call_state=CallState.Ok)
    return True


def handle_predictive_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """End a predictive call that has rung too long."""
    call = engine.state.calls[timer.conn_id]
    queue = engine.parties_of(timer.dn)[timer.conn_id]
    queue.timer = 0
    give_up_party(engine, call, engine.call_parties(call, queue)[0].party, CallState.NoAnswer)


PREDICTIVE: Operations = {m.RequestMakePredictiveCall: make_predictive_call}
