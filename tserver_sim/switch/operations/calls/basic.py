"""Simple calls: place, answer, release, clear, hold, retrieve, redirect; and the ring timeout."""

from dataclasses import replace

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, CallType, DNRole, ForwardMode
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.basic import Basic
from tserver_sim.switch.models.predictive import Predictive
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.agents.queue_offers import (
    is_offer,
    return_rejected_offer,
    return_unanswered_offer,
    ring_time,
)
from tserver_sim.switch.operations.agents.supervision import remove_observer
from tserver_sim.switch.operations.base.checks import (
    Operations,
    find_phone,
    find_request_call,
    is_busy,
    is_predictive,
    merge_user_data,
    replace_party,
    require,
)
from tserver_sim.switch.operations.base.membership import announce_party, end, give_up_party, leave_call
from tserver_sim.switch.operations.base.routing_lookup import RoutingLookup, look_up, look_up_reachable
from tserver_sim.switch.state.party_states import TALKING, CallPartyState
from tserver_sim.switch.state.switch_data import (
    NO_REQUESTER,
    Party,
    Requester,
    SwitchCall,
    SwitchTimer,
    TimerKind,
)

_ON_NO_ANSWER = frozenset({ForwardMode.OnNoAnswer, ForwardMode.OnBusyAndNoAnswer})


def make_call(engine: Engine, request: m.RequestMakeCall, requester: Requester) -> None:
    """Place a call (T-Library, TMakeCall)."""
    origin = find_phone(engine, request.this_dn)
    if is_busy(engine, origin.number):
        raise RefusedError(ErrorCode.OriginBusy, f"{origin.number} is busy")
    if request.other_dn == origin.number:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {origin.number} cannot call itself")
    lookup = look_up(engine, request.other_dn)
    user_data = merge_user_data(KVList(), request.user_data)
    call = engine.new_call(request.other_dn, call_type(lookup), user_data)
    place_call(engine, call, Party(origin.number, DNRole.Origination, origin.type), lookup, requester)


def call_type(lookup: RoutingLookup) -> CallType:
    """Return the CallType of a call to a destination, as its switch sees it."""
    return CallType.Outbound if lookup.is_outside else CallType.Internal


def place_call(
    engine: Engine, call: SwitchCall, origin: Party, lookup: RoutingLookup, requester: Requester
) -> None:
    """Create a call from a party to a destination that has been looked up."""
    if lookup.number == origin.dn:
        lookup = replace(lookup, failure=CallState.Busy)
    cast = {Actor.SELF: (CallParty(origin, call),), Actor.TARGET: (CallParty(lookup.party(), call),)}
    if lookup.failure is None:
        engine.apply_model(Basic.PLACED, cast, requester)
    else:
        engine.apply_model(Basic.UNREACHABLE, cast, requester, call_state=lookup.failure)


def answer(engine: Engine, request: m.RequestAnswerCall, requester: Requester) -> None:
    """Answer a ringing call (T-Library, TAnswerCall)."""
    call, party = find_request_call(engine, request)
    require(party, ErrorCode.NothingToAnswer, "the call does not ring here", CallPartyState.ALERTING)
    connect(engine, call, party, requester)


def connect(engine: Engine, call: SwitchCall, party: Party, requester: Requester) -> None:
    """Connect a ringing party."""
    cast = engine.cast(call, party)
    if is_predictive(cast):
        engine.apply_model(Predictive.ANSWERED, cast, requester, call_state=CallState.Ok)
    else:
        engine.apply_model(Basic.ANSWERED, cast, requester)
    if not party.is_announced:
        announce_party(engine, call, party)


def release(engine: Engine, request: m.RequestReleaseCall, requester: Requester) -> None:
    """Leave a call (T-Library, TReleaseCall)."""
    call, party = find_request_call(engine, request, observers=True)
    if party.state is CallPartyState.QUEUED:
        raise RefusedError(ErrorCode.CallInWrongState, "a call cannot be released at a queue or route point")
    leave(engine, call, party, requester)


def leave(engine: Engine, call: SwitchCall, party: Party, requester: Requester) -> None:
    """Remove a party from its call, and end the call if no two can talk then."""
    if party.observing is not None:
        remove_observer(engine, call, party, requester)
        return
    if is_offer(engine, party):
        return_rejected_offer(engine, call, party, requester)
        return
    if party.state is CallPartyState.ALERTING or party.invited_by is not None:
        give_up_party(engine, call, party, CallState.Ok, requester)
    else:
        leave_call(engine, call, party, requester)


def clear(engine: Engine, request: m.RequestClearCall, requester: Requester) -> None:
    """Release all parties of a call (T-Library, TClearCall)."""
    call, party = find_request_call(engine, request)
    require(party, ErrorCode.CallInWrongState, "only who talks can clear the call", *TALKING)
    end(engine, Basic.CLEARED, engine.cast(call, party), requester)


def hold(engine: Engine, request: m.RequestHoldCall, requester: Requester) -> None:
    """Put a call on hold (T-Library, THoldCall)."""
    call, party = find_request_call(engine, request)
    require(party, ErrorCode.NoActiveCall, "nobody talks in this call here", CallPartyState.CONNECTED)
    engine.apply_model(Basic.HELD, engine.cast(call, party), requester)


def retrieve(engine: Engine, request: m.RequestRetrieveCall, requester: Requester) -> None:
    """Retrieve a call from hold (T-Library, TRetrieveCall)."""
    call, party = find_request_call(engine, request)
    require(party, ErrorCode.NoHeldCall, "the call is not on hold here", CallPartyState.HELD)
    if is_busy(engine, party.dn, but=call.conn_id):
        raise RefusedError(ErrorCode.OriginBusy, f"{party.dn} is busy with another call")
    engine.apply_model(Basic.RETRIEVED, engine.cast(call, party), requester)


def redirect(engine: Engine, request: m.RequestRedirectCall, requester: Requester) -> None:
    """Redirect a ringing call (T-Library, TRedirectCall)."""
    call, party = find_request_call(engine, request)
    require(party, ErrorCode.NothingToAnswer, "the call does not ring here", CallPartyState.ALERTING)
    target = look_up_newcomer(engine, call, request.other_dn)
    replace_ringing(engine, Basic.REDIRECTED, call, party, target, requester)


def replace_ringing(
    engine: Engine, model: Basic, call: SwitchCall, party: Party, target: Party, requester: Requester
) -> None:
    """Replace a ringing party by another one."""
    replace_party(target, party)
    cast = {**engine.cast(call, party), Actor.TARGET: (CallParty(target, call),)}
    if not target.is_announced:
        cast[Actor.TALKERS] = ()
    engine.apply_model(model, cast, requester)


def look_up_newcomer(
    engine: Engine, call: SwitchCall, number: str, role: DNRole = DNRole.Destination
) -> Party:
    """Look up the party that is to join a call.

    Raises:
        RefusedError: it is on the call already, or cannot be reached.

    """
    if call.party(number) is not None:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {number} is on the call already")
    party = look_up_reachable(engine, number).party(role)
    if call.party(party.dn) is not None:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {party.dn} is on the call already")
    return party


# --- the ring timeout ------------------------------------------------------------------------------


def start_ring_timer(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Start the timer of a phone that may not ring without limit."""
    seconds = ring_time(engine, party)
    if seconds is not None and party.state is CallPartyState.ALERTING and not (party.timer or party.leg):
        party.timer = engine.start_timer(TimerKind.RING, seconds, call.conn_id, party.dn)


def handle_ring_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """Return a call to its ACD queue, or forward it if the DN is set so, else end the attempt."""
    call = engine.state.calls[timer.conn_id]
    party = engine.parties_of(timer.dn)[timer.conn_id]
    if is_offer(engine, party):
        return_unanswered_offer(engine, call, party)
        return
    device = engine.state.devices[timer.dn]
    if device.forward is not None and device.forward.mode in _ON_NO_ANSWER:
        lookup = look_up(engine, device.forward.target)
        if lookup.failure is None and call.party(lookup.number) is None:
            replace_ringing(engine, Basic.FORWARDED, call, party, lookup.party(), NO_REQUESTER)
            return
    give_up_party(engine, call, party, CallState.NoAnswer)


BASIC: Operations = {
    m.RequestMakeCall: make_call,
    m.RequestAnswerCall: answer,
    m.RequestReleaseCall: release,
    m.RequestClearCall: clear,
    m.RequestHoldCall: hold,
    m.RequestRetrieveCall: retrieve,
    m.RequestRedirectCall: redirect,
}
