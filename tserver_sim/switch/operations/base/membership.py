"""Membership in a call: what happens to the call when a party leaves, or does not join after all."""

from collections.abc import Mapping

from bridge.tlib.enums import CallState, DNRole
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Cast, Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.models.basic import Basic
from tserver_sim.switch.models.conference import Conference
from tserver_sim.switch.models.single_step import SingleStep
from tserver_sim.switch.models.vocabulary import Actor, Model
from tserver_sim.switch.operations.base.checks import QUEUES, is_busy, is_predictive
from tserver_sim.switch.state.party_states import TALKING
from tserver_sim.switch.state.switch_data import NO_REQUESTER, Party, Requester, SwitchCall

_WHY_NOT: Mapping[CallState, tuple[ErrorCode, str]] = {
    CallState.Ok: (ErrorCode.CallRejected, "OtherDN: the call was rejected"),
    CallState.NoAnswer: (ErrorCode.NoAnswer, "OtherDN: nobody answered"),
    CallState.Busy: (ErrorCode.DNBusy, "OtherDN is busy"),
}


def members(call_parties: tuple[CallParty, ...]) -> tuple[CallParty, ...]:
    """Return the parties that are not only invited."""
    return tuple([call_party for call_party in call_parties if call_party.party.invited_by is None])


def continues(others: tuple[CallParty, ...]) -> bool:
    """Return whether a call goes on with these parties: at least two members, of which one is connected."""
    staying = members(others)
    return len(staying) > 1 and any(call_party.party.state in TALKING for call_party in staying)


# --- a party joins ----------------------------------------------------------------------------------


def announce_party(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Publish that an invited or unannounced party has answered, and answer the invitation."""
    target = (CallParty(party, call),)
    others = members(engine.call_parties(call, party))
    if party.invited_by is not None:
        requester, party.invited_by = party.invited_by, None
        inviter = tuple([call_party for call_party in others if has_brought(call_party.party, party)])
        rest = tuple([call_party for call_party in others if call_party not in inviter])
        engine.apply_model(
            SingleStep.JOINED, {Actor.SELF: inviter, Actor.TARGET: target, Actor.OTHERS: rest}, requester
        )
    elif party.unannounced and party.third is not None:
        party.unannounced = False
        talkers = tuple([call_party for call_party in others if call_party.party.state in TALKING])
        gone = (CallParty(Party(party.third.dn, party.third.role), call),)
        engine.apply_model(
            SingleStep.ANNOUNCED, {Actor.TALKERS: talkers, Actor.TARGET: target, Actor.BRINGER: gone}
        )


def has_brought(party: Party, brought: Party) -> bool:
    """Return whether one party has brought the other to the call."""
    return brought.third is not None and brought.third.dn == party.dn


# --- a party leaves, or does not join -----------------------------------------------------------------


def leave_call(engine: Engine, call: SwitchCall, party: Party, requester: Requester) -> None:
    """Remove a connected or dialing party, and end the call if no two can talk then."""
    cast = engine.cast(call, party)
    if not continues(cast[Actor.OTHERS]):
        end(engine, Basic.HUNG_UP, cast, requester)
        return
    engine.apply_model(Conference.LEFT, {**cast, Actor.OTHERS: members(cast[Actor.OTHERS])}, requester)
    withdraw_invitations(engine, call, party)


def withdraw_invitations(engine: Engine, call: SwitchCall, inviter: Party) -> None:
    """Remove the parties that a party invited which has left."""
    for call_party in engine.call_parties(call):
        if call_party.party.invited_by is not None and has_brought(inviter, call_party.party):
            engine.apply_model(SingleStep.WITHDRAWN, {Actor.SELF: (call_party,)})
            _refuse(engine, call_party, ErrorCode.CallDisconnected, f"{inviter.dn} has left the call")


def end(engine: Engine, model: Model, cast: Cast, requester: Requester, **details: object) -> None:
    """Apply a model that ends a call, and answer the invitations that it ends with EventError."""
    engine.apply_model(model, cast, requester, **details)
    for call_party in cast[Actor.OTHERS]:
        if call_party.party.invited_by is not None:
            _refuse(engine, call_party, ErrorCode.CallDisconnected, "the call has ended")


def end_if_only_queues(engine: Engine, call: SwitchCall, _party: Party) -> None:
    """End a call that has only queues and route points left: no DN could end it any more.

    A predictive call comes to this when the called party redirects it to a queue.
    """
    call_parties = engine.call_parties(call)
    if call_parties and all(call_party.party.address in QUEUES for call_party in call_parties):
        end(engine, Basic.FORSAKEN, {Actor.EVERYONE: call_parties, Actor.OTHERS: call_parties}, NO_REQUESTER)


def give_up_party(
    engine: Engine, call: SwitchCall, party: Party, call_state: CallState, requester: Requester = NO_REQUESTER
) -> None:
    """Remove a party that was called and does not join.

    Args:
        engine: the switch.
        call: its call.
        party: the party that was called, or to which the call was passed on.
        call_state: the reason: Ok if the call was rejected, NoAnswer, Busy ...
        requester: the requester.

    """
    cast = engine.cast(call, party)
    if party.invited_by is not None:
        engine.apply_model(SingleStep.DECLINED, cast, requester, call_state=call_state)
        unknown = ErrorCode.InvalidDestination, "OtherDN cannot be reached"
        _refuse(engine, cast[Actor.SELF][0], *_WHY_NOT.get(call_state, unknown))
    elif continues(cast[Actor.OTHERS]):
        informed = () if party.unannounced else members(cast[Actor.OTHERS])
        engine.apply_model(
            Conference.DECLINED, {**cast, Actor.OTHERS: informed}, requester, call_state=call_state
        )
    elif (returning := _recalled(engine, call, party)) is not None:
        target = (CallParty(returning, call),)
        engine.apply_model(
            SingleStep.RECALLED, {**cast, Actor.TARGET: target}, requester, call_state=call_state
        )
    else:
        end(engine, _ending(cast, call_state), cast, requester, call_state=call_state)


def _ending(cast: Cast, call_state: CallState) -> Basic:
    if call_state is CallState.Ok:
        return Basic.REJECTED
    if call_state is CallState.NoAnswer:
        return Basic.NOT_ANSWERED
    return Basic.LOST if cast[Actor.TALKERS] or is_predictive(cast) else Basic.BECAME_UNREACHABLE


def _recalled(engine: Engine, call: SwitchCall, party: Party) -> Party | None:
    """Return a new party for the one that passed the call on to `party`, if it can take the call back."""
    third = party.third
    if not engine.profile.recalls or third is None or third.role is not DNRole.TransferredBy:
        return None
    device = engine.state.devices.get(third.dn)
    if device is None or device.out_of_service or device.dnd or is_busy(engine, third.dn):
        return None
    return Party(third.dn, DNRole.Destination, device.type) if call.party(third.dn) is None else None


def _refuse(engine: Engine, invited: CallParty, code: ErrorCode, text: str) -> None:
    party, call = invited
    if party.invited_by is not None and party.third is not None:
        requester, party.invited_by = party.invited_by, None
        engine.refuse(requester, code, text, dn=party.third.dn, conn_id=call.conn_id)
