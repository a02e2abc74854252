"""Predictive calls: somebody is called for a queue or route point, and waits there after the answer.

Whether a person answers is noticed even where the network does not tell of an answer: the switch listens.
The one called is the destination of the call; the queue, and the agent after it, is its origin.

Source: T-Library, TMakePredictiveCall.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, CallType, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.basic import Basic
from tserver_sim.switch.models.predictive import Predictive
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import PHONES, QUEUES, Operations, is_predictive, merged
from tserver_sim.switch.operations.base.membership import give_up
from tserver_sim.switch.operations.base.routing_lookup import Reach, look_up
from tserver_sim.switch.state.phone_behaviour import Answers, Detected
from tserver_sim.switch.state.switch_data import Asked, Call, Device, Party, Timer, TimerKind

MAX_RING_TIME = 86_400
"""Seconds."""


def make_predictive_call(engine: Engine, request: m.RequestMakePredictiveCall, asked: Asked) -> None:
    """Call somebody for a queue or route point. Timeout is in seconds; 0: as long as phones may ring."""
    queue = _queue(engine, request.this_dn)
    if request.timeout > MAX_RING_TIME:
        raise RefusedError(ErrorCode.InvalidAttribute, f"Timeout: expected at most {MAX_RING_TIME} s")
    reach = look_up(engine, request.other_dn)
    if reach.address in QUEUES:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {reach.number} is nobody who can answer")
    data = merged(KVList(), request.user_data)
    call = engine.new_call(request.other_dn, _call_type(reach), data)
    party = Party(queue.number, DNRole.Origination, queue.type, queue=queue.number)
    cast = {Actor.SELF: (Seat(party, call),), Actor.TARGET: (Seat(reach.party(), call),)}
    if reach.failure is not None:
        engine.tell(Predictive.UNREACHABLE, cast, asked, call_state=reach.failure)
        return
    engine.tell(Basic.PLACED, cast, asked)
    if request.timeout:
        party.timer = engine.start_timer(TimerKind.PREDICTIVE, request.timeout, call.conn_id, party.dn)


def _queue(engine: Engine, number: str) -> Device:
    device = engine.state.devices[number]
    if device.type not in QUEUES or device.virtual:
        raise RefusedError(ErrorCode.InvalidAttribute, f"ThisDN: {number} is no queue and no route point")
    if device.out_of_service:
        raise RefusedError(ErrorCode.OutOfService, f"{number} is out of service")
    return device


def _call_type(reach: Reach) -> CallType:
    """Say what kind of call it is; a number that nobody has counts as one of the world outside."""
    return CallType.Internal if reach.address in PHONES else CallType.Outbound


def answered_outside(engine: Engine, call: Call, party: Party) -> bool:
    """Act upon an answer from outside, if the call is a predictive one; return whether it is."""
    cast = engine.cast(call, party)
    if not is_predictive(cast):
        return False
    asked = Asked(leg=party.leg)
    match party.manner:
        case Answers(detected=Detected.FAX):
            engine.tell(Predictive.FAX, cast, asked)
        case Answers(detected=Detected.MACHINE) if not engine.profile.connects_machines:
            engine.tell(Predictive.MACHINE, cast, asked)
        case Answers(detected=Detected.MACHINE):
            machine = CallState.AnsweringMachineDetected
            engine.tell(Predictive.ANSWERED, cast, asked, call_state=machine)
        case _:
            engine.tell(Predictive.ANSWERED, cast, asked, call_state=CallState.Ok)
    return True


def nobody_answers(engine: Engine, timer: Timer) -> None:
    """Give up a predictive call that has rung long enough."""
    call = engine.state.calls[timer.conn_id]
    queue = engine.parties_of(timer.dn)[timer.conn_id]
    queue.timer = 0
    give_up(engine, call, engine.seats(call, queue)[0].party, CallState.NoAnswer)


PREDICTIVE: Operations = {m.RequestMakePredictiveCall: make_predictive_call}
