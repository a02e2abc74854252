"""What is heard in a call: tones, digits that somebody waits for, muting, and not listening.

Sources: T-Library, TSendDTMF, TCollectDigits, TSetMuteOn, TSetMuteOff, TListenDisconnect,
TListenReconnect.
"""

from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.media import Media
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.agents.supervision import speak_up
from tserver_sim.switch.operations.base.checks import Operations, on_call, require
from tserver_sim.switch.operations.media.dtmf_digits import MAX_DIGITS, TONES
from tserver_sim.switch.operations.media.treatments import hear
from tserver_sim.switch.state.party_states import TALKING, PartyState
from tserver_sim.switch.state.switch_data import Asked, Call, Collecting, Party, Timer, TimerKind

MAX_DIGITS_TIMEOUT = 86_400
"""A day, in seconds."""

# --- tones and digits ---------------------------------------------------------------------------------


def send_tones(engine: Engine, request: m.RequestSendDTMF, asked: Asked) -> None:
    """Send tones into a call; who collects digits there gets them, a treatment of one who calls, too."""
    call, party = on_call(engine, request)
    if not (party.state is PartyState.DIALING and any(each.treatment for each in call.parties)):
        require(party, ErrorCode.NoActiveCall, "nobody talks in this call here", PartyState.CONNECTED)
    tones = request.dtmf_digits.upper()
    if not 0 < len(tones) <= MAX_DIGITS or not TONES.issuperset(tones):
        raise RefusedError(
            ErrorCode.InvalidDTMF, f"DTMFDigits: expected 1 to {MAX_DIGITS} of the digits, *, # and A to D"
        )
    engine.tell(Media.TONES_SENT, engine.cast(call, party), asked, dtmf_digits=request.dtmf_digits)
    digits(engine, call, party, tones)


def digits(engine: Engine, call: Call, sender: Party, tones: str) -> None:
    """Let the other parties of a call hear digits, whoever sent them: some may be waiting for them."""
    for party in list(call.parties):
        if party is not sender and party.collecting is not None and not party.deaf:
            _hear(engine, call, party, party.collecting, tones)
        elif party.treatment is not None:
            hear(engine, call, party, party.treatment, tones)


def _hear(engine: Engine, call: Call, party: Party, collecting: Collecting, tones: str) -> None:
    for tone in tones:
        if tone in collecting.terminators:
            _stop_collecting(engine, call, party, collecting, tone)
            return
        collecting.digits += tone
        if len(collecting.digits) == collecting.wanted:
            _stop_collecting(engine, call, party, collecting, tone)
            return


def collect(engine: Engine, request: m.RequestCollectDigits, asked: Asked) -> None:
    """Wait for digits: a number of them, or until one that ends them, or for some time.

    The answer comes when the wait is over: those that have come, without the one that ended them, which
    LastDigit tells. If the party leaves before, the answer is an error.
    """
    call, party = on_call(engine, request)
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
    party.collecting = Collecting(asked, request.number_of_digits, terminators)
    if request.timeout:
        party.collecting.timer = engine.start_timer(TimerKind.DIGITS, request.timeout, call.conn_id, party.dn)


def waited_for_digits(engine: Engine, timer: Timer) -> None:
    """Answer with the digits that have come until now."""
    party = engine.parties_of(timer.dn)[timer.conn_id]
    if party.collecting is not None:
        _stop_collecting(engine, engine.state.calls[timer.conn_id], party, party.collecting)


def _stop_collecting(
    engine: Engine, call: Call, party: Party, collecting: Collecting, last: str | None = None
) -> None:
    engine.stop_timer(collecting.timer)
    party.collecting = None
    last = last or collecting.digits[-1:]
    engine.tell(
        Media.DIGITS_COLLECTED,
        engine.cast(call, party),
        collecting.asked,
        collected_digits=collecting.digits,
        last_digit=ord(last) if last else None,
    )


def give_up_digits(engine: Engine, call: Call, party: Party) -> None:
    """Answer who waits for digits at a party that has left."""
    collecting = party.collecting
    if collecting is not None and party.state is PartyState.NULL:
        engine.stop_timer(collecting.timer)
        party.collecting = None
        engine.refuse(
            collecting.asked,
            ErrorCode.CallDisconnected,
            "the call ended before the digits were there",
            dn=party.dn,
            conn_id=call.conn_id,
        )


# --- who is heard, and who hears ----------------------------------------------------------------------


def mute(engine: Engine, request: m.RequestSetMuteOn, asked: Asked) -> None:
    """Let nobody hear a party any more."""
    call, party = _talking(engine, request)
    if party.muted:
        raise RefusedError(ErrorCode.AlreadyInState, f"{party.dn} is muted already")
    party.muted = True
    engine.tell(Media.MUTED, {Actor.SELF: (Seat(party, call),)}, asked)


def unmute(engine: Engine, request: m.RequestSetMuteOff, asked: Asked) -> None:
    """Let a party be heard again; a supervisor speaks up in this way."""
    call, party = _talking(engine, request)
    if not party.muted:
        raise RefusedError(ErrorCode.AlreadyInState, f"{party.dn} is not muted")
    party.muted = False
    engine.tell(Media.UNMUTED, {Actor.SELF: (Seat(party, call),)}, asked)
    speak_up(engine, call, party)


def _talking(engine: Engine, request: m.CallRequest) -> tuple[Call, Party]:
    call, party = on_call(engine, request, observers=True)
    require(party, ErrorCode.CallInWrongState, "nobody is on the line here", *TALKING)
    return call, party


def deafen(engine: Engine, request: m.RequestListenDisconnect, asked: Asked) -> None:
    """Let a party of the call hear nothing of it."""
    call, party, listener = _listener(engine, request)
    if listener.deaf:
        raise RefusedError(ErrorCode.AlreadyInState, f"{listener.dn} does not hear the call already")
    listener.deaf = True
    _tell_listener(engine, call, party, listener, asked)


def let_hear(engine: Engine, request: m.RequestListenReconnect, asked: Asked) -> None:
    """Let a party hear the call again."""
    call, party, listener = _listener(engine, request)
    if not listener.deaf:
        raise RefusedError(ErrorCode.AlreadyInState, f"{listener.dn} hears the call already")
    listener.deaf = False
    _tell_listener(engine, call, party, listener, asked)


def _listener(
    engine: Engine, request: m.RequestListenDisconnect | m.RequestListenReconnect
) -> tuple[Call, Party, Party]:
    call, party = on_call(engine, request)
    require(party, ErrorCode.NoActiveCall, "nobody talks in this call here", PartyState.CONNECTED)
    listener = call.party(request.other_dn)
    if listener is None or listener.observing is not None or listener.state not in TALKING:
        raise RefusedError(ErrorCode.PartyNotOnCall, "OtherDN: does not talk in this call")
    return call, party, listener


def _tell_listener(engine: Engine, call: Call, party: Party, listener: Party, asked: Asked) -> None:
    cast = {Actor.SELF: (Seat(party, call),)}
    if listener is party:
        engine.tell(Media.DEAFENED_ITSELF if party.deaf else Media.HEARS_ITSELF_AGAIN, cast, asked)
    else:
        cast[Actor.TARGET] = (Seat(listener, call),)
        engine.tell(Media.DEAFENED if listener.deaf else Media.HEARS_AGAIN, cast, asked)


MEDIA: Operations = {
    m.RequestSendDTMF: send_tones,
    m.RequestCollectDigits: collect,
    m.RequestSetMuteOn: mute,
    m.RequestSetMuteOff: unmute,
    m.RequestListenDisconnect: deafen,
    m.RequestListenReconnect: let_hear,
}
