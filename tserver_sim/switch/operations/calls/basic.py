"""Simple calls: place, answer, leave, clear, hold, retrieve, redirect; and a phone that rings too long."""

from dataclasses import replace

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, CallType, DNRole, ForwardMode
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.basic import Basic
from tserver_sim.switch.models.predictive import Predictive
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.agents.queue_offers import (
    is_offer,
    reject_offer,
    ring_time,
    take_offer_back,
)
from tserver_sim.switch.operations.agents.supervision import leave_as_observer
from tserver_sim.switch.operations.base.checks import (
    Operations,
    is_busy,
    is_predictive,
    merged,
    on_call,
    phone,
    require,
    stand_in,
)
from tserver_sim.switch.operations.base.membership import depart, end, give_up, welcome
from tserver_sim.switch.operations.base.routing_lookup import Reach, look_up, reachable
from tserver_sim.switch.state.party_states import TALKING, PartyState
from tserver_sim.switch.state.switch_data import NOBODY, Asked, Call, Party, Timer, TimerKind

_ON_NO_ANSWER = frozenset({ForwardMode.OnNoAnswer, ForwardMode.OnBusyAndNoAnswer})


def make_call(engine: Engine, request: m.RequestMakeCall, asked: Asked) -> None:
    """Place a call (T-Library, TMakeCall)."""
    origin = phone(engine, request.this_dn)
    if is_busy(engine, origin.number):
        raise RefusedError(ErrorCode.OriginBusy, f"{origin.number} is busy")
    if request.other_dn == origin.number:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {origin.number} cannot call itself")
    reach = look_up(engine, request.other_dn)
    user_data = merged(KVList(), request.user_data)
    call = engine.new_call(request.other_dn, call_type(reach), user_data)
    place(engine, call, Party(origin.number, DNRole.Origination, origin.type), reach, asked)


def call_type(reach: Reach) -> CallType:
    """Say what kind of call one to this destination is, seen from its switch."""
    return CallType.Outbound if reach.is_outside else CallType.Internal


def place(engine: Engine, call: Call, origin: Party, reach: Reach, asked: Asked) -> None:
    """Let a party begin a new call to a destination that has been looked up."""
    if reach.number == origin.dn:
        reach = replace(reach, failure=CallState.Busy)
    cast = {Actor.SELF: (Seat(origin, call),), Actor.TARGET: (Seat(reach.party(), call),)}
    if reach.failure is None:
        engine.tell(Basic.PLACED, cast, asked)
    else:
        engine.tell(Basic.UNREACHABLE, cast, asked, call_state=reach.failure)


def answer(engine: Engine, request: m.RequestAnswerCall, asked: Asked) -> None:
    """Answer a ringing call (T-Library, TAnswerCall)."""
    call, party = on_call(engine, request)
    require(party, ErrorCode.NothingToAnswer, "the call does not ring here", PartyState.ALERTING)
    connect(engine, call, party, asked)


def connect(engine: Engine, call: Call, party: Party, asked: Asked) -> None:
    """Let a party answer that rings."""
    cast = engine.cast(call, party)
    if is_predictive(cast):
        engine.tell(Predictive.ANSWERED, cast, asked, call_state=CallState.Ok)
    else:
        engine.tell(Basic.ANSWERED, cast, asked)
    if not party.is_announced:
        welcome(engine, call, party)


def release(engine: Engine, request: m.RequestReleaseCall, asked: Asked) -> None:
    """Leave a call (T-Library, TReleaseCall)."""
    call, party = on_call(engine, request, observers=True)
    if party.state is PartyState.QUEUED:
        raise RefusedError(ErrorCode.CallInWrongState, "a call cannot be released at a queue or route point")
    leave(engine, call, party, asked)


def leave(engine: Engine, call: Call, party: Party, asked: Asked) -> None:
    """Let a party leave its call, and those who then have nobody to talk to."""
    if party.observing is not None:
        leave_as_observer(engine, call, party, asked)
        return
    if is_offer(engine, party):
        reject_offer(engine, call, party, asked)
        return
    if party.state is PartyState.ALERTING or party.waiting is not None:
        give_up(engine, call, party, CallState.Ok, asked)
    else:
        depart(engine, call, party, asked)


def clear(engine: Engine, request: m.RequestClearCall, asked: Asked) -> None:
    """End a call for everybody (T-Library, TClearCall)."""
    call, party = on_call(engine, request)
    require(party, ErrorCode.CallInWrongState, "only who talks can clear the call", *TALKING)
    end(engine, Basic.CLEARED, engine.cast(call, party), asked)


def hold(engine: Engine, request: m.RequestHoldCall, asked: Asked) -> None:
    """Put a call on hold (T-Library, THoldCall)."""
    call, party = on_call(engine, request)
    require(party, ErrorCode.NoActiveCall, "nobody talks in this call here", PartyState.CONNECTED)
    engine.tell(Basic.HELD, engine.cast(call, party), asked)


def retrieve(engine: Engine, request: m.RequestRetrieveCall, asked: Asked) -> None:
    """Take a call back from hold (T-Library, TRetrieveCall)."""
    call, party = on_call(engine, request)
    require(party, ErrorCode.NoHeldCall, "the call is not on hold here", PartyState.HELD)
    if is_busy(engine, party.dn, but=call.conn_id):
        raise RefusedError(ErrorCode.OriginBusy, f"{party.dn} is busy with another call")
    engine.tell(Basic.RETRIEVED, engine.cast(call, party), asked)


def redirect(engine: Engine, request: m.RequestRedirectCall, asked: Asked) -> None:
    """Send a ringing call elsewhere (T-Library, TRedirectCall)."""
    call, party = on_call(engine, request)
    require(party, ErrorCode.NothingToAnswer, "the call does not ring here", PartyState.ALERTING)
    target = newcomer(engine, call, request.other_dn)
    pass_on(engine, Basic.REDIRECTED, call, party, target, asked)


def pass_on(engine: Engine, model: Basic, call: Call, party: Party, target: Party, asked: Asked) -> None:
    """Let another one ring in the place of a party."""
    stand_in(target, party)
    cast = {**engine.cast(call, party), Actor.TARGET: (Seat(target, call),)}
    if not target.is_announced:
        cast[Actor.TALKERS] = ()
    engine.tell(model, cast, asked)


def newcomer(engine: Engine, call: Call, number: str, role: DNRole = DNRole.Destination) -> Party:
    """Look up who is to come into a call.

    Raises:
        RefusedError: it is on the call already, or cannot be reached.

    """
    if call.party(number) is not None:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {number} is on the call already")
    party = reachable(engine, number).party(role)
    if call.party(party.dn) is not None:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {party.dn} is on the call already")
    return party


# --- a phone that rings too long -------------------------------------------------------------------


def start_ring_timer(engine: Engine, call: Call, party: Party) -> None:
    """Begin to wait for the answer of a phone, if it may not ring for ever."""
    seconds = ring_time(engine, party)
    if seconds is not None and party.state is PartyState.ALERTING and not (party.timer or party.leg):
        party.timer = engine.start_timer(TimerKind.RING, seconds, call.conn_id, party.dn)


def rang_too_long(engine: Engine, timer: Timer) -> None:
    """Give the call back to its ACD queue, or forward it if the DN says so, else give it up."""
    call = engine.state.calls[timer.conn_id]
    party = engine.parties_of(timer.dn)[timer.conn_id]
    if is_offer(engine, party):
        take_offer_back(engine, call, party)
        return
    device = engine.state.devices[timer.dn]
    if device.forward is not None and device.forward.mode in _ON_NO_ANSWER:
        reach = look_up(engine, device.forward.target)
        if reach.failure is None and call.party(reach.number) is None:
            pass_on(engine, Basic.FORWARDED, call, party, reach.party(), NOBODY)
            return
    give_up(engine, call, party, CallState.NoAnswer)


BASIC: Operations = {
    m.RequestMakeCall: make_call,
    m.RequestAnswerCall: answer,
    m.RequestReleaseCall: release,
    m.RequestClearCall: clear,
    m.RequestHoldCall: hold,
    m.RequestRetrieveCall: retrieve,
    m.RequestRedirectCall: redirect,
}
