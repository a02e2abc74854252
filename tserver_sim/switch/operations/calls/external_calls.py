"""Parties outside the switch: calls that leave the switch, calls that come in, and what the remote end does.

A party outside gets no events. It is ALERTING from when its call has left the switch until the network
signals the answer. A trunk without answer supervision never does: the caller then stays dialing until the
call ends (T-Library Events and Models, EventNetworkReached).
"""

from bridge.tlib.enums import AddressType, CallState, CallType, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.commands import ActOutside, CallIn, Done, OutsideAct, SendDigits
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.basic import Basic
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.numbering.trunks import TrunkGroup, has_free_line
from tserver_sim.switch.operations.base.checks import Commands, merge_user_data
from tserver_sim.switch.operations.base.membership import announce_party, give_up_party
from tserver_sim.switch.operations.base.routing_lookup import look_up
from tserver_sim.switch.operations.calls.basic import connect, leave
from tserver_sim.switch.operations.calls.predictive import answered_outside
from tserver_sim.switch.operations.media.dtmf_and_muting import deliver_digits
from tserver_sim.switch.operations.media.dtmf_digits import MAX_DIGITS, TONES
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import Party, Requester, SwitchCall

# --- calls that leave the switch -------------------------------------------------------------------


def report_network_reached(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Publish, at the parties that wait for an answer, that the call has left the switch.

    A party that is invited to a conference and whose answer cannot be noticed counts as joined.
    """
    if party.trunk and party.state is CallPartyState.ALERTING:
        engine.apply_model(Basic.NETWORK_REACHED, engine.cast(call, party))
        if party.invited_by is not None and not _supervised(engine, party):
            announce_party(engine, call, party)


def answer_external(engine: Engine, call: SwitchCall, party: Party) -> bool:
    """Answer as a party outside; return whether the switch notices."""
    if answered_outside(engine, call, party):
        return True
    supervised = _supervised(engine, party)
    if supervised:
        connect(engine, call, party, Requester(leg=party.leg))
    return supervised


def release_external(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Release or reject the call as a party outside. Without supervision the two look the same."""
    requester = Requester(leg=party.leg)
    cast = engine.cast(call, party)
    unnoticed = party.state is CallPartyState.ALERTING and not _supervised(engine, party)
    if unnoticed and len(cast[Actor.OTHERS]) == 1:
        engine.apply_model(Basic.HUNG_UP, cast, requester)
    else:
        leave(engine, call, party, requester)


def _supervised(engine: Engine, party: Party) -> bool:
    return engine.config.trunks[party.trunk].answer_supervision


def fail_external(engine: Engine, call: SwitchCall, party: Party, call_state: CallState) -> None:
    """End the attempt to reach a number outside."""
    give_up_party(engine, call, party, call_state, Requester(leg=party.leg))


def release_failed_caller(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Release a caller outside that hears that the destination cannot be reached."""
    if party.trunk and party.state is CallPartyState.FAILED:
        release_external(engine, call, party)


# --- calls that come in ----------------------------------------------------------------------------


def accept_external_call(engine: Engine, command: CallIn) -> Done:
    """Call a number of this switch from outside. If it cannot be reached, no call is created."""
    trunk = _trunk(engine, command.trunk)
    if not command.ani or command.ani in engine.state.devices:
        raise RefusedError(
            ErrorCode.InvalidAttribute, "the caller's number is missing, or a DN of this switch"
        )
    if not has_free_line(engine.state, trunk):
        raise RefusedError(ErrorCode.AllTrunksBusy, f"all lines of {trunk.name} are busy")
    user_data = merge_user_data(KVList(), command.user_data)
    lookup = look_up(engine, command.dnis)
    if lookup.failure is not None:
        return Done(failure=lookup.failure)
    if lookup.trunk == trunk.name and not has_free_line(engine.state, trunk, wanted=2):
        return Done(failure=CallState.AllTrunksBusy)
    if lookup.number == command.ani:
        return Done(failure=CallState.Busy)
    call = engine.new_call(command.dnis, CallType.Inbound, user_data, ani=command.ani)
    caller = Party(
        command.ani,
        DNRole.Origination,
        AddressType.Trunk,
        trunk=trunk.name,
        outside_number=command.ani,
    )
    cast = {Actor.SELF: (CallParty(caller, call),), Actor.TARGET: (CallParty(lookup.party(), call),)}
    engine.apply_model(Basic.ARRIVED, cast)
    return Done(call.conn_id)


def _trunk(engine: Engine, name: str) -> TrunkGroup:
    trunks = engine.config.trunks
    if not trunks:
        raise RefusedError(ErrorCode.InvalidAttribute, "the switch has no trunks")
    if not name:
        return next(iter(trunks.values()))
    if name not in trunks:
        raise RefusedError(ErrorCode.InvalidAttribute, f"the switch has no trunk group {name}")
    return trunks[name]


def act_outside(engine: Engine, command: ActOutside) -> Done:
    """Answer or release a call as a party outside."""
    call = engine.state.calls.get(command.conn_id)
    if call is None:
        raise RefusedError(ErrorCode.InvalidConnID, "there is no such call")
    answers = command.act is OutsideAct.ANSWER
    party = _find_external_party(
        call, command.number, "answer" if answers else "hang up", *_STATES_FOR_ACT[command.act]
    )
    if answers:
        answer_external(engine, call, party)
    else:
        release_external(engine, call, party)
    return Done(call.conn_id)


def send_digits(engine: Engine, command: SendDigits) -> Done:
    """Send digits as a party outside; the parties that collect digits get them."""
    call = engine.state.calls.get(command.conn_id)
    if call is None:
        raise RefusedError(ErrorCode.InvalidConnID, "there is no such call")
    tones = command.digits.upper()
    if not 0 < len(tones) <= MAX_DIGITS or not TONES.issuperset(tones):
        raise RefusedError(
            ErrorCode.InvalidDTMF, f"digits: expected 1 to {MAX_DIGITS} of the digits, *, # and A to D"
        )
    sender = _find_external_party(
        call, command.number, "send digits", CallPartyState.DIALING, CallPartyState.CONNECTED
    )
    deliver_digits(engine, call, sender, tones)
    return Done(call.conn_id)


_STATES_FOR_ACT = {OutsideAct.ANSWER: (CallPartyState.ALERTING,), OutsideAct.HANG_UP: tuple(CallPartyState)}


def _find_external_party(call: SwitchCall, number: str, what: str, *states: CallPartyState) -> Party:
    """Return the only party outside that can do something.

    Raises:
        RefusedError: there is none, or there are several.

    """
    fitting = [
        party
        for party in call.parties
        if party.trunk and party.state in states and number in ("", party.dn, party.outside_number)
    ]
    if not fitting:
        raise RefusedError(ErrorCode.CallInWrongState, f"nobody outside can {what} in this call")
    if len(fitting) > 1:
        numbers = ", ".join(party.dn for party in fitting)
        raise RefusedError(ErrorCode.CallInWrongState, f"say which number is meant: {numbers}")
    return fitting[0]


EXTERNAL_CALLS: Commands = {CallIn: accept_external_call, ActOutside: act_outside, SendDigits: send_digits}
