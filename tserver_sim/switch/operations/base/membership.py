"""Who stays in a call when somebody leaves it, or does not come into it after all."""

from collections.abc import Mapping

from bridge.tlib.enums import CallState, DNRole
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Cast, Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.models.basic import Basic
from tserver_sim.switch.models.conference import Conference
from tserver_sim.switch.models.single_step import SingleStep
from tserver_sim.switch.models.vocabulary import Actor, Model
from tserver_sim.switch.operations.base.checks import QUEUES, is_busy, is_predictive
from tserver_sim.switch.state.party_states import TALKING
from tserver_sim.switch.state.switch_data import NOBODY, Asked, Call, Party

_WHY_NOT: Mapping[CallState, tuple[ErrorCode, str]] = {
    CallState.Ok: (ErrorCode.CallRejected, "OtherDN: the call was rejected"),
    CallState.NoAnswer: (ErrorCode.NoAnswer, "OtherDN: nobody answered"),
    CallState.Busy: (ErrorCode.DNBusy, "OtherDN is busy"),
}


def members(seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
    """Leave out those who have only been invited."""
    return tuple([seat for seat in seats if seat.party.waiting is None])


def goes_on(others: tuple[Seat, ...]) -> bool:
    """Say whether a call goes on with these: at least two members, of whom one is through."""
    staying = members(others)
    return len(staying) > 1 and any(seat.party.state in TALKING for seat in staying)


# --- somebody comes --------------------------------------------------------------------------------


def welcome(engine: Engine, call: Call, party: Party) -> None:
    """Tell the others, and who invited this party, that it has answered: they were not told of it before."""
    target = (Seat(party, call),)
    others = members(engine.seats(call, party))
    if party.waiting is not None:
        asked, party.waiting = party.waiting, None
        inviter = tuple([seat for seat in others if is_bringer(seat.party, party)])
        rest = tuple([seat for seat in others if seat not in inviter])
        engine.tell(SingleStep.JOINED, {Actor.SELF: inviter, Actor.TARGET: target, Actor.OTHERS: rest}, asked)
    elif party.unannounced and party.third is not None:
        party.unannounced = False
        talkers = tuple([seat for seat in others if seat.party.state in TALKING])
        gone = (Seat(Party(party.third.dn, party.third.role), call),)
        engine.tell(SingleStep.ANNOUNCED, {Actor.TALKERS: talkers, Actor.TARGET: target, Actor.BRINGER: gone})


def is_bringer(party: Party, brought: Party) -> bool:
    """Say whether one party has brought the other to the call."""
    return brought.third is not None and brought.third.dn == party.dn


# --- somebody goes, or does not come -----------------------------------------------------------------


def depart(engine: Engine, call: Call, party: Party, asked: Asked) -> None:
    """Let a party that is through, or calls, leave; and everybody else who then has nobody to talk to."""
    cast = engine.cast(call, party)
    if not goes_on(cast[Actor.OTHERS]):
        end(engine, Basic.HUNG_UP, cast, asked)
        return
    engine.tell(Conference.LEFT, {**cast, Actor.OTHERS: members(cast[Actor.OTHERS])}, asked)
    withdraw(engine, call, party)


def withdraw(engine: Engine, call: Call, inviter: Party) -> None:
    """Let those go who were invited by a party that has left."""
    for seat in engine.seats(call):
        if seat.party.waiting is not None and is_bringer(inviter, seat.party):
            engine.tell(SingleStep.WITHDRAWN, {Actor.SELF: (seat,)})
            _refuse(engine, seat, ErrorCode.CallDisconnected, f"{inviter.dn} has left the call")


def end(engine: Engine, model: Model, cast: Cast, asked: Asked, **details: object) -> None:
    """Tell a model that ends a call, and let those know who have invited somebody in vain."""
    engine.tell(model, cast, asked, **details)
    for seat in cast[Actor.OTHERS]:
        if seat.party.waiting is not None:
            _refuse(engine, seat, ErrorCode.CallDisconnected, "the call has ended")


def end_if_forsaken(engine: Engine, call: Call, _party: Party) -> None:
    """End a call in which somebody has left only queues and route points: nobody could end it any more.

    One who is called for a queue may have the call sent on to another one.
    """
    seats = engine.seats(call)
    if seats and all(seat.party.address in QUEUES for seat in seats):
        end(engine, Basic.FORSAKEN, {Actor.EVERYONE: seats, Actor.OTHERS: seats}, NOBODY)


def give_up(engine: Engine, call: Call, party: Party, call_state: CallState, asked: Asked = NOBODY) -> None:
    """Let a party leave that was called and does not come.

    Args:
        engine: the switch.
        call: its call.
        party: who was called, or passed on to.
        call_state: why: Ok if the call was rejected, NoAnswer, Busy ...
        asked: who asked for it.

    """
    cast = engine.cast(call, party)
    if party.waiting is not None:
        engine.tell(SingleStep.DECLINED, cast, asked, call_state=call_state)
        unknown = ErrorCode.InvalidDestination, "OtherDN cannot be reached"
        _refuse(engine, cast[Actor.SELF][0], *_WHY_NOT.get(call_state, unknown))
    elif goes_on(cast[Actor.OTHERS]):
        told = () if party.unannounced else members(cast[Actor.OTHERS])
        engine.tell(Conference.DECLINED, {**cast, Actor.OTHERS: told}, asked, call_state=call_state)
    elif (returning := _recalled(engine, call, party)) is not None:
        target = (Seat(returning, call),)
        engine.tell(SingleStep.RECALLED, {**cast, Actor.TARGET: target}, asked, call_state=call_state)
    else:
        end(engine, _ending(cast, call_state), cast, asked, call_state=call_state)


def _ending(cast: Cast, call_state: CallState) -> Basic:
    if call_state is CallState.Ok:
        return Basic.REJECTED
    if call_state is CallState.NoAnswer:
        return Basic.NOT_ANSWERED
    return Basic.LOST if cast[Actor.TALKERS] or is_predictive(cast) else Basic.BECAME_UNREACHABLE


def _recalled(engine: Engine, call: Call, party: Party) -> Party | None:
    """Find who put this party in its place, if that one can take the call back."""
    third = party.third
    if not engine.profile.recalls or third is None or third.role is not DNRole.TransferredBy:
        return None
    device = engine.state.devices.get(third.dn)
    if device is None or device.out_of_service or device.dnd or is_busy(engine, third.dn):
        return None
    return Party(third.dn, DNRole.Destination, device.type) if call.party(third.dn) is None else None


def _refuse(engine: Engine, invited: Seat, code: ErrorCode, text: str) -> None:
    party, call = invited
    if party.waiting is not None and party.third is not None:
        asked, party.waiting = party.waiting, None
        engine.refuse(asked, code, text, dn=party.third.dn, conn_id=call.conn_id)
