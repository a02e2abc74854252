"""DTMF tones, collected digits, muting, and deafening.

Sources: T-Library, TSendDTMF, TCollectDigits, TSetMuteOn, TSetMuteOff, TListenDisconnect, TListenReconnect.
"""

from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.media import Media
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.agents.supervision import announce_unmuted_observer
from tserver_sim.switch.operations.base.checks import Operations, find_request_call, require
from tserver_sim.switch.operations.media.dtmf_digits import MAX_DIGITS, TONES
from tserver_sim.switch.operations.media.treatments import receive_digits
from tserver_sim.switch.state.party_states import TALKING, CallPartyState
from tserver_sim.switch.state.switch_data import (
    Collecting,
    Party,
    Requester,
    SwitchCall,
    SwitchTimer,
    TimerKind,
)

MAX_DIGITS_TIMEOUT = 86_400
"""A day, in seconds."""

# --- tones and digits ---------------------------------------------------------------------------------


def send_tones(engine: Engine, request: m.RequestSendDTMF, requester: Requester) -> None:
    """Send tones into a call: to parties that collect digits, and to a treatment."""
    call, party = find_request_call(engine, request)
    if not (party.state is CallPartyState.DIALING and any(each.treatment for each in call.parties)):
        require(party, ErrorCode.NoActiveCall, "nobody talks in this call here", CallPartyState.CONNECTED)
    tones = request.dtmf_digits.upper()
    if not 0 < len(tones) <= MAX_DIGITS or not TONES.issuperset(tones):
        raise RefusedError(
            ErrorCode.InvalidDTMF, f"DTMFDigits: expected 1 to {MAX_DIGITS} of the digits, *, # and A to D"
        )
    engine.apply_model(Media.TONES_SENT, engine.cast(call, party), requester, dtmf_digits=request.dtmf_digits)
    deliver_digits(engine, call, party, tones)


def deliver_digits(engine: Engine, call: SwitchCall, sender: Party, tones: str) -> None:
    """Deliver digits of one party to the others, some of which may be collecting them."""
    for party in list(call.parties):
        if party is not sender and party.collecting is not None and not party.deaf:
            _receive_digits(engine, call, party, party.collecting, tones)
        elif party.treatment is not None:
            receive_digits(engine, call, party, party.treatment, tones)


def _receive_digits(
    engine: Engine, call: SwitchCall, party: Party, collecting: Collecting, tones: str
) -> None:
    for tone in tones:
        if tone in collecting.terminators:
            _stop_collecting(engine, call, party, collecting, tone)
            return
        collecting.digits += tone
        if len(collecting.digits) == collecting.wanted:
            _stop_collecting(engine, call, party, collecting, tone)
            return


def collect(engine: Engine, request: m.RequestCollectDigits, requester: Requester) -> None:
    """Collect digits from a party: a number of them, or until a terminator, or for some time.

    The answer comes at the end: the digits without the terminator, which LastDigit carries. If the party
    leaves before, the answer is an error.
    """
    call, party = find_request_call(engine, request)
    require(party, ErrorCode.CallInWrongState, "nobody is on the line here", *TALKING)
    if party.collecting is not None:
        raise RefusedError(ErrorCode.RequestInProgress, f"{party.dn} is waiting for digits already")
    if not 0 < request.number_of_digits <= MAX_DIGITS:
        raise RefusedError(ErrorCode.InvalidAttribute, f"NumberOfDigits: expected 1 to {MAX_DIGITS}")
    terminators = request.terminate_digits.upper()
    if not TONES.issuperset(terminators):
        raise RefusedError(ErrorCode.InvalidDTMF, "TerminateDigits: expected digits, *, # and A to D")
    if request.timeout > MAX_DIGITS_TIMEOUT:
        raise RefusedError(ErrorCode.InvalidAttribute, f"Timeout: expected at most {MAX_DIGITS_TIMEOUT} s")
    party.collecting = Collecting(requester, request.number_of_digits, terminators)
    if request.timeout:
        party.collecting.timer = engine.start_timer(TimerKind.DIGITS, request.timeout, call.conn_id, party.dn)


def handle_digits_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """Answer with the digits that have come until now."""
    party = engine.parties_of(timer.dn)[timer.conn_id]
    if party.collecting is not None:
        _stop_collecting(engine, engine.state.calls[timer.conn_id], party, party.collecting)


def _stop_collecting(
    engine: Engine, call: SwitchCall, party: Party, collecting: Collecting, last: str | None = None
) -> None:
    engine.stop_timer(collecting.timer)
    party.collecting = None
    last = last or collecting.digits[-1:]
    engine.apply_model(
        Media.DIGITS_COLLECTED,
        engine.cast(call, party),
        collecting.requester,
        collected_digits=collecting.digits,
        last_digit=ord(last) if last else None,
    )


def refuse_collecting(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Refuse the collection of digits from a party that has left."""
    collecting = party.collecting
    if collecting is not None and party.state is CallPartyState.NULL:
        engine.stop_timer(collecting.timer)
        party.collecting = None
        engine.refuse(
            collecting.requester,
            ErrorCode.CallDisconnected,
            "the call ended before the digits were there",
            dn=party.dn,
            conn_id=call.conn_id,
        )


# --- muting and deafening -----------------------------------------------------------------------------


def mute(engine: Engine, request: m.RequestSetMuteOn, requester: Requester) -> None:
    """Mute a party: no other party hears it."""
    call, party = _talking(engine, request)
    if party.muted:
        raise RefusedError(ErrorCode.AlreadyInState, f"{party.dn} is muted already")
    party.muted = True
    engine.apply_model(Media.MUTED, {Actor.SELF: (CallParty(party, call),)}, requester)


def unmute(engine: Engine, request: m.RequestSetMuteOff, requester: Requester) -> None:
    """Unmute a party; a supervisor becomes audible in this way."""
    call, party = _talking(engine, request)
    if not party.muted:
        raise RefusedError(ErrorCode.AlreadyInState, f"{party.dn} is not muted")
    party.muted = False
    engine.apply_model(Media.UNMUTED, {Actor.SELF: (CallParty(party, call),)}, requester)
    announce_unmuted_observer(engine, call, party)


def _talking(engine: Engine, request: m.CallRequest) -> tuple[SwitchCall, Party]:
    call, party = find_request_call(engine, request, observers=True)
    require(party, ErrorCode.CallInWrongState, "nobody is on the line here", *TALKING)
    return call, party


def deafen(engine: Engine, request: m.RequestListenDisconnect, requester: Requester) -> None:
    """Make a party of the call hear nothing of it."""
    call, party, listener = _listener(engine, request)
    if listener.deaf:
        raise RefusedError(ErrorCode.AlreadyInState, f"{listener.dn} does not hear the call already")
    listener.deaf = True
    _apply_listener_model(engine, call, party, listener, requester)


def undeafen(engine: Engine, request: m.RequestListenReconnect, requester: Requester) -> None:
    """Make a party hear the call again."""
    call, party, listener = _listener(engine, request)
    if not listener.deaf:
        raise RefusedError(ErrorCode.AlreadyInState, f"{listener.dn} hears the call already")
    listener.deaf = False
    _apply_listener_model(engine, call, party, listener, requester)


def _listener(
    engine: Engine, request: m.RequestListenDisconnect | m.RequestListenReconnect
) -> tuple[SwitchCall, Party, Party]:
    call, party = find_request_call(engine, request)
    require(party, ErrorCode.NoActiveCall, "nobody talks in this call here", CallPartyState.CONNECTED)
    listener = call.party(request.other_dn)
    if listener is None or listener.observing is not None or listener.state not in TALKING:
        raise RefusedError(ErrorCode.PartyNotOnCall, "OtherDN: does not talk in this call")
    return call, party, listener


def _apply_listener_model(
    engine: Engine, call: SwitchCall, party: Party, listener: Party, requester: Requester
) -> None:
    cast = {Actor.SELF: (CallParty(party, call),)}
    if listener is party:
        engine.apply_model(Media.DEAFENED_ITSELF if party.deaf else Media.HEARS_ITSELF_AGAIN, cast, requester)
    else:
        cast[Actor.TARGET] = (CallParty(listener, call),)
        engine.apply_model(Media.DEAFENED if listener.deaf else Media.HEARS_AGAIN, cast, requester)


MEDIA: Operations = {
    m.RequestSendDTMF: send_tones,
    m.RequestCollectDigits: collect,
    m.RequestSetMuteOn: mute,
    m.RequestSetMuteOff: unmute,
    m.RequestListenDisconnect: deafen,
    m.RequestListenReconnect: undeafen,
}
