"""Single-step transfer and conference: a target joins a call without consultation."""

from bridge.tlib import messages as m
from bridge.tlib.enums import DNRole
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.config.profile import TransferOrder
from tserver_sim.switch.engine.engine import Cast, Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.single_step import SingleStep
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import (
    Operations,
    find_request_call,
    merge_user_data,
    publish_shared_data,
    require,
    set_user_data,
)
from tserver_sim.switch.operations.base.membership import announce_party
from tserver_sim.switch.operations.calls.basic import look_up_newcomer
from tserver_sim.switch.operations.calls.user_data import change_data
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import NO_REQUESTER, Requester


def transfer(engine: Engine, request: m.RequestSingleStepTransfer, requester: Requester) -> None:
    """Replace the party by a target (T-Library, TSingleStepTransfer)."""
    call, party = find_request_call(engine, request)
    cast = engine.cast(call, party)
    require(party, ErrorCode.CallInWrongState, "both parties must be talking", CallPartyState.CONNECTED)
    if not cast[Actor.TALKERS] or len(cast[Actor.TALKERS]) != len(cast[Actor.OTHERS]):
        raise RefusedError(ErrorCode.CallInWrongState, "both parties must be talking")
    target = look_up_newcomer(engine, call, request.other_dn, _role(engine, cast))
    data = merge_user_data(call.user_data, request.user_data)
    model = _model(engine, cast)
    target.unannounced = (
        model is SingleStep.TRANSFERRED and engine.profile.transfer_order is TransferOrder.CHANGED_ON_ANSWER
    )
    if data != call.user_data and engine.profile.separate_data_event:
        change_data(engine, call, party, data, NO_REQUESTER)
    others = set_user_data(engine, call, data)
    engine.apply_model(model, {**cast, Actor.TARGET: (CallParty(target, call),)}, requester)
    publish_shared_data(engine, others, cast[Actor.SELF][0])


def _role(engine: Engine, cast: Cast) -> DNRole:
    """Return the role of the target of a transfer."""
    if _is_conference(cast):
        return DNRole.ConferenceMember
    return cast[Actor.SELF][0].party.role if engine.profile.inherits_role else DNRole.Destination


def _model(engine: Engine, cast: Cast) -> SingleStep:
    if _is_conference(cast) and engine.profile.exchanges_in_conference:
        return SingleStep.EXCHANGED
    return SingleStep.TRANSFERRED


def _is_conference(cast: Cast) -> bool:
    return len(cast[Actor.OTHERS]) > 1


def invite(engine: Engine, request: m.RequestSingleStepConference, requester: Requester) -> None:
    """Invite a target to the call (T-Library, TSingleStepConference)."""
    call, party = find_request_call(engine, request)
    cast = engine.cast(call, party)
    require(party, ErrorCode.CallInWrongState, "both parties must be talking", CallPartyState.CONNECTED)
    if not cast[Actor.TALKERS]:
        raise RefusedError(ErrorCode.CallInWrongState, "both parties must be talking")
    target = look_up_newcomer(engine, call, request.other_dn, DNRole.ConferenceMember)
    others = set_user_data(engine, call, merge_user_data(call.user_data, request.user_data))
    target.invited_by = requester
    engine.apply_model(SingleStep.INVITED, {**cast, Actor.TARGET: (CallParty(target, call),)})
    publish_shared_data(engine, others, cast[Actor.SELF][0])
    if engine.profile.adds_when_ringing and target.state is CallPartyState.ALERTING:
        announce_party(engine, call, target)


SINGLE_STEP: Operations = {
    m.RequestSingleStepTransfer: transfer,
    m.RequestSingleStepConference: invite,
}
