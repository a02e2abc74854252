"""Legs: the life of a call between two sites, at either end.

Hold is local, and so is everything else that does not change who talks to whom or what the call carries.
When the user data are changed at both sites at the same time, the higher `Mark` wins at both. When a call is
joined to another one, the other site lets its call become that one too, unless the ConnID is in use there.
A call that comes to a switch where its ConnID is in use gets one of its own; its events tell the other in
PreviousConnID, and from then on the two are not made alike any more.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, CallType, DNRole
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.iscc.messages import (
    Answered,
    Arrived,
    Facts,
    History,
    Left,
    Mark,
    Passing,
    Setup,
    Update,
)
from tserver_sim.switch.models.basic import Basic
from tserver_sim.switch.models.data import Data
from tserver_sim.switch.models.inter_site import Sites
from tserver_sim.switch.models.vocabulary import Actor, EventKind
from tserver_sim.switch.operations.base.checks import set_data, tell_set
from tserver_sim.switch.operations.base.membership import end, give_up
from tserver_sim.switch.operations.calls.basic import connect, leave
from tserver_sim.switch.operations.calls.joining import adopt
from tserver_sim.switch.operations.iscc.outcomes import tell_failure, tell_success
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.remote_legs import Far
from tserver_sim.switch.state.requesters import Third
from tserver_sim.switch.state.switch_data import NOBODY, Asked, Call, Party, Timer, TimerKind

SETUP_SECONDS = 5.0
"""How long it may take until a call has arrived at another site."""

_BRINGINGS = frozenset({m.EventRinging, m.EventPartyChanged, m.EventPartyDeleted})
"""The events that tell how it came about that somebody is at this end."""

_WHY_NOT: Mapping[CallState, ErrorCode] = {
    CallState.Busy: ErrorCode.DNBusy,
    CallState.QueueFull: ErrorCode.DNBusy,
    CallState.SitNoCircuit: ErrorCode.OutOfService,
    CallState.AllTrunksBusy: ErrorCode.AllTrunksBusy,
}


def why_not(failure: CallState) -> ErrorCode:
    """Say why a destination at another site cannot be reached."""
    return _WHY_NOT.get(failure, ErrorCode.BadRemoteDestination)


# --- telling the other end -----------------------------------------------------------------------------


def signal(
    engine: Engine, event: EventKind, seat: Seat, call_state: CallState | None, third: Third | None
) -> None:
    """Tell the far end of a leg what has happened to its party, if it has to know."""
    number = seat.party.leg
    far = engine.state.legs[number].far
    if far is None or far.is_over:
        return
    if event in _BRINGINGS:
        far.call_state, far.third = call_state or CallState.Ok, third
        if call_state is CallState.Transferred and third is not None:
            _note_transfer(engine, seat.call, third.dn)
    if event is m.EventEstablished:
        _tell_answer(engine, seat, far)
    elif event in (m.EventReleased, m.EventAbandoned, m.EventDestinationBusy):
        _close(engine, seat, far, call_state or CallState.Ok)
        if event is m.EventDestinationBusy:
            engine.after(_lose_interest, engine, number)
    elif event is m.EventRinging:
        engine.after(_set_up, engine, number)
    elif event is not m.EventDialing:
        engine.after(_spread, engine, number)


def _note_transfer(engine: Engine, call: Call, dn: str) -> None:
    """Remember a transfer of a call between sites; all its legs tell of it."""
    own = engine.config.location.switch
    history = call.history or History(own)
    if history.last is None or history.last.dn != dn:
        call.history = history.after(Passing(own, dn, call.conn_id))


def _tell_answer(engine: Engine, seat: Seat, far: Far) -> None:
    dn = _name(engine, seat, far)
    if far.told is not None:
        far.told = msgspec.structs.replace(far.told, dn=dn)
    engine.send(far.site, Answered(far.key, dn))


def _seat(engine: Engine, number: int) -> tuple[Seat, Far] | None:
    """Find the party of a leg to another site, if it is still there."""
    leg = engine.state.legs.get(number)
    if leg is None or leg.far is None:
        return None
    call = engine.state.calls[leg.conn_id]
    return Seat(next(party for party in call.parties if party.leg == number), call), leg.far


def _close(engine: Engine, seat: Seat, far: Far, call_state: CallState) -> None:
    far.is_over = True
    engine.stop_timer(far.timer)
    if far.key:
        engine.send(far.site, Left(far.key, call_state))
    if far.access is not None:
        access, far.access = far.access, None
        reason = ErrorCode.CallDisconnected, "the call has ended before it arrived"
        engine.after(tell_failure, engine, access, seat.call, *reason)


def _lose_interest(engine: Engine, number: int) -> None:
    """Let a caller at another site go who has been told that nobody can be reached."""
    if (found := _seat(engine, number)) is not None:
        leave(engine, found[0].call, found[0].party, Asked(leg=number))


def _set_up(engine: Engine, number: int) -> None:
    """Bring a call to another site."""
    found = _seat(engine, number)
    if found is None or found[1].key:
        return
    seat, far = found
    party, call = seat
    state, own = engine.state, engine.config.location.switch
    far.key = f"{own}/{number}"
    state.far_legs[far.key] = number
    far.access = state.accesses.pop(f"{party.site}/{party.outside_number}", None)
    if far.access is not None:
        engine.stop_timer(far.access.timer)
    _renew_mark(engine, call, far)
    far.told = _facts(engine, seat, far)
    far.mark = call.mark
    far.timer = engine.start_timer(TimerKind.SETUP, SETUP_SECONDS, leg=number)
    ani = call.ani or far.told.dn
    engine.send(far.site, Setup(far.key, party.outside_number, far.told, call.dnis, ani, party.role))


def _spread(engine: Engine, number: int) -> None:
    """Tell the other end what has changed, if anything has."""
    found = _seat(engine, number)
    if found is None or not found[1].key or found[1].is_over:
        return
    seat, far = found
    _renew_mark(engine, seat.call, far)
    facts = _facts(engine, seat, far)
    if facts != far.told:
        far.told = facts
        far.mark = max(far.mark, seat.call.mark)
        engine.send(far.site, Update(far.key, facts))
    _end_circle(engine, seat.call)


def _end_circle(engine: Engine, call: Call) -> None:
    """End a call that joins nobody but a call of another site with itself; nobody could end it any more."""
    seats = engine.seats(call)
    fars = [engine.state.legs[seat.party.leg].far for seat in seats if seat.party.site]
    ends = {(far.site, far.conn_id) for far in fars if far is not None}
    if len(fars) == len(seats) > 1 == len(ends):
        end(engine, Basic.FORSAKEN, {Actor.EVERYONE: seats, Actor.OTHERS: seats}, NOBODY)


def _renew_mark(engine: Engine, call: Call, far: Far) -> None:
    """Mark the user data of a call anew if they have been changed here, or another end knows later ones."""
    if call.user_data == call.spread and far.mark <= call.mark:
        return
    state = engine.state
    state.data_clock += 1
    call.mark = Mark(state.data_clock, engine.config.location.switch)
    call.spread = call.user_data
    for party in call.parties:
        if party.site:
            engine.after(_spread, engine, party.leg)


def _facts(engine: Engine, seat: Seat, far: Far) -> Facts:
    party, call = seat
    others = engine.seats(call, party)
    return Facts(
        conn_id=call.conn_id,
        call_uuid=call.call_uuid,
        dn=_name(engine, seat, far),
        role=others[0].party.role if len(others) == 1 else DNRole.ConferenceMember,
        user_data=call.spread,
        mark=call.mark,
        history=call.history or History(engine.config.location.switch),
        parent=call.parent,
        call_state=far.call_state,
        bringer=far.third.dn if far.third is not None else None,
        bringer_role=far.third.role if far.third is not None else DNRole.Unknown,
    )


def _name(engine: Engine, seat: Seat, far: Far) -> str:
    """Say who is at this end; of more than one, whom the other end has known first."""
    others = engine.seats(seat.call, seat.party)
    if len(others) == 1:
        return others[0].party.dn
    if far.told is not None:
        return far.told.dn
    if far.third is not None:
        return far.third.dn
    return others[0].party.dn if others else seat.call.dnis


def has_come(engine: Engine, number: int, setup: Setup) -> None:
    """Tell the other end that its call has arrived; both ends know the same of it now, but for user data."""
    found = _seat(engine, number)
    if found is None:
        return
    seat, far = found
    given = setup.facts
    facts = _facts(engine, seat, far)
    far.told = msgspec.structs.replace(facts, user_data=given.user_data, mark=given.mark)
    engine.send(far.site, Arrived(far.key, seat.call.conn_id, far.told.dn))
    engine.spread(seat.call)


# --- hearing from the other end ------------------------------------------------------------------------


def arrived(engine: Engine, number: int, message: Arrived) -> None:
    """Take note that a call has come to its destination."""
    found = _seat(engine, number)
    if found is None:
        return
    seat, far = found
    far.conn_id = message.conn_id
    engine.stop_timer(far.timer)
    _rename(seat, message.dn, far.site)
    if far.access is not None:
        access, far.access = far.access, None
        tell_success(engine, access, seat.call, message.conn_id)


def answered(engine: Engine, number: int, message: Answered) -> None:
    """Let the party at the other end be through."""
    found = _seat(engine, number)
    if found is not None and found[0].party.state is PartyState.ALERTING:
        _rename(found[0], message.dn, found[1].site)
        connect(engine, found[0].call, found[0].party, Asked(leg=number))


def left(engine: Engine, number: int, message: Left) -> None:
    """Let the party at the other end leave."""
    drop(engine, number, message.call_state, message.code or ErrorCode.CallDisconnected)


def drop(engine: Engine, number: int, call_state: CallState, code: ErrorCode, text: str = "") -> None:
    """Let a leg end whose other end is gone.

    Args:
        engine: the switch.
        number: the leg; one that is gone already does no harm.
        call_state: why, for those who wait for an answer.
        code: why, for the one who asked for it.
        text: the same in words.

    """
    found = _seat(engine, number)
    if found is None:
        return
    (party, call), far = found
    far.is_over = True
    engine.stop_timer(far.timer)
    access, far.access = far.access, None
    asked = Asked(leg=number)
    if party.state is PartyState.ALERTING:
        give_up(engine, call, party, call_state, asked)
    else:
        leave(engine, call, party, asked)
    if access is not None:
        tell_failure(engine, access, call, code, text or f"{access.number} cannot be reached")


def not_arrived(engine: Engine, timer: Timer) -> None:
    """Give up a call of which the other site says nothing."""
    found = _seat(engine, timer.leg)
    if found is None:
        return
    engine.send(found[1].site, Left(found[1].key))
    text = f"{found[1].site} does not say that the call has arrived"
    drop(engine, timer.leg, CallState.SitNoCircuit, ErrorCode.TransactionExpired, text)


def update(engine: Engine, number: int, message: Update) -> None:
    """Take over what has changed at the other end, and tell everybody here."""
    found = _seat(engine, number)
    if found is None:
        return
    (party, call), far = found
    facts = message.facts
    is_renamed = _rename(Seat(party, call), facts.dn, far.site)
    if facts.history.last is not None or facts.history.home != engine.config.location.switch:
        call.history = facts.history
    if call.type is CallType.Consult and call.parent:
        call.parent = facts.parent
        call.type = CallType.Consult if facts.parent else CallType.Inbound
    beside, data_changed = _take_data(engine, call, far, facts)
    before, far.conn_id = far.conn_id, facts.conn_id
    cast = {**engine.cast(call, party), Actor.BRINGER: bringer_of(call, facts)}
    asked = Asked(leg=number)
    if call.conn_id == before != facts.conn_id and facts.conn_id not in engine.state.calls:
        new = _becomes(engine, call, facts)
        cast[Actor.HOLDER] = (Seat(party, new),)
        cast[Actor.NEWCOMERS] = tuple([Seat(each, call) for each in call.parties if each is not party])
        engine.tell(Sites.MOVED_THERE, cast, asked, call_state=facts.call_state)
        call = new
    elif is_renamed:
        engine.tell(Sites.CHANGED_THERE, cast, asked, call_state=facts.call_state)
    elif data_changed:
        observers = [Seat(p, call) for p in call.parties if p.role is DNRole.Observer]
        engine.tell(Data.CHANGED, {**cast, Actor.OBSERVER: tuple(observers)}, asked)
    tell_set(engine, beside, Seat(party, call))
    engine.spread(call)


def _rename(seat: Seat, dn: str, site: str) -> bool:
    """Let the party at the other end be known by another number; return whether that is new."""
    name = free_name(dn, site, [each.dn for each in seat.call.parties if each is not seat.party])
    is_new, seat.party.dn = seat.party.dn != name, name
    return is_new


def bringer_of(call: Call, facts: Facts) -> tuple[Seat, ...]:
    """Say who at the other end has brought about what is there now; it need not be in the call any more."""
    return (Seat(Party(facts.bringer, facts.bringer_role), call),) if facts.bringer else ()


def free_name(dn: str, site: str, taken: Iterable[str]) -> str:
    """Say what to call somebody at another site: by the DN, unless somebody in the call has it here."""
    return f"{dn}@{site}" if dn in taken else dn


def _take_data(engine: Engine, call: Call, far: Far, facts: Facts) -> tuple[tuple[Call, ...], bool]:
    """Take over later user data; return which other calls have them now, too, and whether they differ."""
    state = engine.state
    state.data_clock = max(state.data_clock, facts.mark.count)
    far.mark = max(far.mark, facts.mark)
    if call.user_data != call.spread:
        _renew_mark(engine, call, far)
    if facts.mark <= call.mark:
        return (), False
    differs = facts.user_data != call.user_data
    beside = set_data(engine, call, facts.user_data)
    call.spread, call.mark = facts.user_data, facts.mark
    return beside, differs


def _becomes(engine: Engine, call: Call, facts: Facts) -> Call:
    """Make the call that another one is to become."""
    new = engine.take_call(
        facts.conn_id,
        facts.call_uuid,
        call.dnis,
        type=call.type,
        user_data=call.user_data,
        ani=call.ani,
        parent=call.parent,
        history=call.history,
        recording=call.recording,
        spread=call.spread,
        mark=call.mark,
    )
    adopt(engine, new, call, engine.seats(call))
    return new


LEGS: Mapping[type[Arrived | Answered | Update | Left], Callable[[Engine, int, Any], None]] = {
    Arrived: arrived,
    Answered: answered,
    Update: update,
    Left: left,
}
"""What is done when the other end of a leg says something."""
