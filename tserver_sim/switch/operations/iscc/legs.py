"""Legs: a call between two sites, at either end.

Hold is local, and so is everything else that does not change who talks to whom or what the call carries. When
the user data are changed at both sites at the same time, the higher `DataVersion` wins at both. When a call
is joined to another one, the other site moves its call to that one too, unless the ConnID is in use there. A
call that comes to a switch where its ConnID is in use gets one of its own; its events carry the other in
PreviousConnID, and from then on the two calls are not kept alike.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, CallType, DNRole
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.iscc.messages import (
    Answered,
    Arrived,
    DataVersion,
    History,
    Left,
    LegFacts,
    Setup,
    TransferRecord,
    Update,
)
from tserver_sim.switch.models.basic import Basic
from tserver_sim.switch.models.data import Data
from tserver_sim.switch.models.inter_site import InterSite
from tserver_sim.switch.models.vocabulary import Actor, EventKind
from tserver_sim.switch.operations.base.checks import publish_shared_data, set_user_data
from tserver_sim.switch.operations.base.membership import end, give_up_party
from tserver_sim.switch.operations.calls.basic import connect, leave
from tserver_sim.switch.operations.calls.joining import move_consultations
from tserver_sim.switch.operations.iscc.outcomes import publish_remote_failure, publish_remote_success
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.remote_legs import RemoteLeg
from tserver_sim.switch.state.requesters import ThirdParty
from tserver_sim.switch.state.switch_data import (
    NO_REQUESTER,
    Party,
    Requester,
    SwitchCall,
    SwitchTimer,
    TimerKind,
)

SETUP_SECONDS = 5.0
"""How long a call may take to arrive at another site."""

_BRINGER_EVENTS = frozenset({m.EventRinging, m.EventPartyChanged, m.EventPartyDeleted})
"""The events by which a party can come to this end."""

_ERROR_CODES: Mapping[CallState, ErrorCode] = {
    CallState.Busy: ErrorCode.DNBusy,
    CallState.QueueFull: ErrorCode.DNBusy,
    CallState.SitNoCircuit: ErrorCode.OutOfService,
    CallState.AllTrunksBusy: ErrorCode.AllTrunksBusy,
}


def error_of(failure: CallState) -> ErrorCode:
    """Return the ErrorCode for a destination at another site that cannot be reached."""
    return _ERROR_CODES.get(failure, ErrorCode.BadRemoteDestination)


# --- to the other end ----------------------------------------------------------------------------------


def signal_remote_end(
    engine: Engine,
    event: EventKind,
    call_party: CallParty,
    call_state: CallState | None,
    third: ThirdParty | None,
) -> None:
    """Send the remote end of a leg what has happened to its party, if it has to know."""
    number = call_party.party.leg
    remote = engine.state.legs[number].remote
    if remote is None or remote.is_over:
        return
    if event in _BRINGER_EVENTS:
        remote.call_state, remote.third = call_state or CallState.Ok, third
        if call_state is CallState.Transferred and third is not None:
            _record_transfer(engine, call_party.call, third.dn)
    if event is m.EventEstablished:
        _send_answered(engine, call_party, remote)
    elif event in (m.EventReleased, m.EventAbandoned, m.EventDestinationBusy):
        _close_leg(engine, call_party, remote, call_state or CallState.Ok)
        if event is m.EventDestinationBusy:
            engine.defer(_release_failed_party, engine, number)
    elif event is m.EventRinging:
        engine.defer(_send_setup, engine, number)
    elif event is not m.EventDialing:
        engine.defer(_send_update, engine, number)


def _record_transfer(engine: Engine, call: SwitchCall, dn: str) -> None:
    """Add a transfer to the history of a call; all its legs send it."""
    own = engine.config.location.switch
    history = call.history or History(own)
    if history.last is None or history.last.dn != dn:
        call.history = history.after(TransferRecord(own, dn, call.conn_id))


def _send_answered(engine: Engine, call_party: CallParty, remote: RemoteLeg) -> None:
    dn = _local_party_name(engine, call_party, remote)
    if remote.sent_facts is not None:
        remote.sent_facts = msgspec.structs.replace(remote.sent_facts, dn=dn)
    engine.send(remote.site, Answered(remote.key, dn))


def _call_party(engine: Engine, number: int) -> tuple[CallParty, RemoteLeg] | None:
    """Return the party of a leg to another site, if it still exists."""
    leg = engine.state.legs.get(number)
    if leg is None or leg.remote is None:
        return None
    call = engine.state.calls[leg.conn_id]
    return CallParty(next(party for party in call.parties if party.leg == number), call), leg.remote


def _close_leg(engine: Engine, call_party: CallParty, remote: RemoteLeg, call_state: CallState) -> None:
    remote.is_over = True
    engine.stop_timer(remote.timer)
    if remote.key:
        engine.send(remote.site, Left(remote.key, call_state))
    if remote.access is not None:
        access, remote.access = remote.access, None
        reason = ErrorCode.CallDisconnected, "the call has ended before it arrived"
        engine.defer(publish_remote_failure, engine, access, call_party.call, *reason)


def _release_failed_party(engine: Engine, number: int) -> None:
    """Release a caller at another site that hears that the destination cannot be reached."""
    if (found := _call_party(engine, number)) is not None:
        leave(engine, found[0].call, found[0].party, Requester(leg=number))


def _send_setup(engine: Engine, number: int) -> None:
    """Set up the leg to another site."""
    found = _call_party(engine, number)
    if found is None or found[1].key:
        return
    call_party, remote = found
    party, call = call_party
    state, own = engine.state, engine.config.location.switch
    remote.key = f"{own}/{number}"
    state.remote_legs[remote.key] = number
    remote.access = state.accesses.pop(f"{party.site}/{party.outside_number}", None)
    if remote.access is not None:
        engine.stop_timer(remote.access.timer)
    _renew_data_version(engine, call, remote)
    remote.sent_facts = _build_facts(engine, call_party, remote)
    remote.mark = call.mark
    remote.timer = engine.start_timer(TimerKind.SETUP, SETUP_SECONDS, leg=number)
    ani = call.ani or remote.sent_facts.dn
    engine.send(
        remote.site, Setup(remote.key, party.outside_number, remote.sent_facts, call.dnis, ani, party.role)
    )


def _send_update(engine: Engine, number: int) -> None:
    """Send the other end what has changed, if anything has."""
    found = _call_party(engine, number)
    if found is None or not found[1].key or found[1].is_over:
        return
    call_party, remote = found
    _renew_data_version(engine, call_party.call, remote)
    facts = _build_facts(engine, call_party, remote)
    if facts != remote.sent_facts:
        remote.sent_facts = facts
        remote.mark = max(remote.mark, call_party.call.mark)
        engine.send(remote.site, Update(remote.key, facts))
    _end_looped_call(engine, call_party.call)


def _end_looped_call(engine: Engine, call: SwitchCall) -> None:
    """End a call that only joins a call of another site with itself: no DN could end it any more."""
    call_parties = engine.call_parties(call)
    remotes = [
        engine.state.legs[call_party.party.leg].remote for call_party in call_parties if call_party.party.site
    ]
    ends = {(remote.site, remote.conn_id) for remote in remotes if remote is not None}
    if len(remotes) == len(call_parties) > 1 == len(ends):
        end(engine, Basic.FORSAKEN, {Actor.EVERYONE: call_parties, Actor.OTHERS: call_parties}, NO_REQUESTER)


def _renew_data_version(engine: Engine, call: SwitchCall, remote: RemoteLeg) -> None:
    """Give the user data of a call a new version if they changed here, or another end has a later one."""
    if call.user_data == call.sent_data and remote.mark <= call.mark:
        return
    state = engine.state
    state.data_clock += 1
    call.mark = DataVersion(state.data_clock, engine.config.location.switch)
    call.sent_data = call.user_data
    for party in call.parties:
        if party.site:
            engine.defer(_send_update, engine, party.leg)


def _build_facts(engine: Engine, call_party: CallParty, remote: RemoteLeg) -> LegFacts:
    party, call = call_party
    others = engine.call_parties(call, party)
    return LegFacts(
        conn_id=call.conn_id,
        call_uuid=call.call_uuid,
        dn=_local_party_name(engine, call_party, remote),
        role=others[0].party.role if len(others) == 1 else DNRole.ConferenceMember,
        user_data=call.sent_data,
        mark=call.mark,
        history=call.history or History(engine.config.location.switch),
        parent=call.parent,
        call_state=remote.call_state,
        bringer=remote.third.dn if remote.third is not None else None,
        bringer_role=remote.third.role if remote.third is not None else DNRole.Unknown,
    )


def _local_party_name(engine: Engine, call_party: CallParty, remote: RemoteLeg) -> str:
    """Return the DN at this end; of several, the one that the other end knew first."""
    others = engine.call_parties(call_party.call, call_party.party)
    if len(others) == 1:
        return others[0].party.dn
    if remote.sent_facts is not None:
        return remote.sent_facts.dn
    if remote.third is not None:
        return remote.third.dn
    return others[0].party.dn if others else call_party.call.dnis


def send_arrived(engine: Engine, number: int, setup: Setup) -> None:
    """Confirm to the other end that its call has arrived; both ends then know the same, but for user data."""
    found = _call_party(engine, number)
    if found is None:
        return
    call_party, remote = found
    given = setup.facts
    facts = _build_facts(engine, call_party, remote)
    remote.sent_facts = msgspec.structs.replace(facts, user_data=given.user_data, mark=given.mark)
    engine.send(remote.site, Arrived(remote.key, call_party.call.conn_id, remote.sent_facts.dn))
    engine.send_update(call_party.call)


# --- from the other end --------------------------------------------------------------------------------


def on_arrived(engine: Engine, number: int, message: Arrived) -> None:
    """Record that a call has come to its destination."""
    found = _call_party(engine, number)
    if found is None:
        return
    call_party, remote = found
    remote.conn_id = message.conn_id
    engine.stop_timer(remote.timer)
    _rename_remote_party(call_party, message.dn, remote.site)
    if remote.access is not None:
        access, remote.access = remote.access, None
        publish_remote_success(engine, access, call_party.call, message.conn_id)


def on_answered(engine: Engine, number: int, message: Answered) -> None:
    """Connect the party at the other end."""
    found = _call_party(engine, number)
    if found is not None and found[0].party.state is CallPartyState.ALERTING:
        _rename_remote_party(found[0], message.dn, found[1].site)
        connect(engine, found[0].call, found[0].party, Requester(leg=number))


def on_left(engine: Engine, number: int, message: Left) -> None:
    """Remove the party at the other end."""
    end_leg(engine, number, message.call_state, message.code or ErrorCode.CallDisconnected)


def end_leg(engine: Engine, number: int, call_state: CallState, code: ErrorCode, text: str = "") -> None:
    """End a leg whose other end is gone.

    Args:
        engine: the switch.
        number: the leg; no effect if it is gone already.
        call_state: the reason, for those who wait for an answer.
        code: the reason, for the requester.
        text: the reason in words.

    """
    found = _call_party(engine, number)
    if found is None:
        return
    (party, call), remote = found
    remote.is_over = True
    engine.stop_timer(remote.timer)
    access, remote.access = remote.access, None
    requester = Requester(leg=number)
    if party.state is CallPartyState.ALERTING:
        give_up_party(engine, call, party, call_state, requester)
    else:
        leave(engine, call, party, requester)
    if access is not None:
        publish_remote_failure(engine, access, call, code, text or f"{access.number} cannot be reached")


def handle_setup_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """End a call that the other site has not confirmed."""
    found = _call_party(engine, timer.leg)
    if found is None:
        return
    engine.send(found[1].site, Left(found[1].key))
    text = f"{found[1].site} does not say that the call has arrived"
    end_leg(engine, timer.leg, CallState.SitNoCircuit, ErrorCode.TransactionExpired, text)


def on_update(engine: Engine, number: int, message: Update) -> None:
    """Apply what has changed at the other end, and publish it at the parties here."""
    found = _call_party(engine, number)
    if found is None:
        return
    (party, call), remote = found
    facts = message.facts
    is_renamed = _rename_remote_party(CallParty(party, call), facts.dn, remote.site)
    if facts.history.last is not None or facts.history.home != engine.config.location.switch:
        call.history = facts.history
    if call.type is CallType.Consult and call.parent:
        call.parent = facts.parent
        call.type = CallType.Consult if facts.parent else CallType.Inbound
    beside, data_changed = _accept_user_data(engine, call, remote, facts)
    before, remote.conn_id = remote.conn_id, facts.conn_id
    cast = {**engine.cast(call, party), Actor.BRINGER: bringer_in(call, facts)}
    requester = Requester(leg=number)
    if call.conn_id == before != facts.conn_id and facts.conn_id not in engine.state.calls:
        new = _create_replacing_call(engine, call, facts)
        cast[Actor.HOLDER] = (CallParty(party, new),)
        cast[Actor.NEWCOMERS] = tuple([CallParty(each, call) for each in call.parties if each is not party])
        engine.apply_model(InterSite.MOVED_THERE, cast, requester, call_state=facts.call_state)
        call = new
    elif is_renamed:
        engine.apply_model(InterSite.CHANGED_THERE, cast, requester, call_state=facts.call_state)
    elif data_changed:
        observers = [CallParty(p, call) for p in call.parties if p.role is DNRole.Observer]
        engine.apply_model(Data.CHANGED, {**cast, Actor.OBSERVER: tuple(observers)}, requester)
    publish_shared_data(engine, beside, CallParty(party, call))
    engine.send_update(call)


def _rename_remote_party(call_party: CallParty, dn: str, site: str) -> bool:
    """Change the number of the party at the other end; return whether it is a new one."""
    name = unused_name(
        dn, site, [each.dn for each in call_party.call.parties if each is not call_party.party]
    )
    is_new, call_party.party.dn = call_party.party.dn != name, name
    return is_new


def bringer_in(call: SwitchCall, facts: LegFacts) -> tuple[CallParty, ...]:
    """Return the third party at the other end; it need not be in the call any more."""
    return (CallParty(Party(facts.bringer, facts.bringer_role), call),) if facts.bringer else ()


def unused_name(dn: str, site: str, taken: Iterable[str]) -> str:
    """Return the number of a party at another site: its DN, unless a party of the call has it here."""
    return f"{dn}@{site}" if dn in taken else dn


def _accept_user_data(
    engine: Engine, call: SwitchCall, remote: RemoteLeg, facts: LegFacts
) -> tuple[tuple[SwitchCall, ...], bool]:
    """Apply later user data; return the calls that share them, and whether they differ."""
    state = engine.state
    state.data_clock = max(state.data_clock, facts.mark.count)
    remote.mark = max(remote.mark, facts.mark)
    if call.user_data != call.sent_data:
        _renew_data_version(engine, call, remote)
    if facts.mark <= call.mark:
        return (), False
    differs = facts.user_data != call.user_data
    beside = set_user_data(engine, call, facts.user_data)
    call.sent_data, call.mark = facts.user_data, facts.mark
    return beside, differs


def _create_replacing_call(engine: Engine, call: SwitchCall, facts: LegFacts) -> SwitchCall:
    """Create the call that another one is to become."""
    new = engine.add_call(
        facts.conn_id,
        facts.call_uuid,
        call.dnis,
        type=call.type,
        user_data=call.user_data,
        ani=call.ani,
        parent=call.parent,
        history=call.history,
        recording=call.recording,
        sent_data=call.sent_data,
        mark=call.mark,
    )
    move_consultations(engine, new, call, engine.call_parties(call))
    return new


LEG_HANDLERS: Mapping[type[Arrived | Answered | Update | Left], Callable[[Engine, int, Any], None]] = {
    Arrived: on_arrived,
    Answered: on_answered,
    Update: on_update,
    Left: on_left,
}
"""The handlers of messages from the other end of a leg."""
