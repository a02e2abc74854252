"""Single-step transfer and conference: somebody comes into a call without consultation."""

from bridge.tlib import messages as m
from bridge.tlib.enums import DNRole
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.config.profile import TransferOrder
from tserver_sim.switch.engine.engine import Cast, Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.single_step import SingleStep
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import Operations, merged, on_call, require, set_data, tell_set
from tserver_sim.switch.operations.base.membership import welcome
from tserver_sim.switch.operations.calls.basic import newcomer
from tserver_sim.switch.operations.calls.user_data import change_data
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.switch_data import NOBODY, Asked


def transfer(engine: Engine, request: m.RequestSingleStepTransfer, asked: Asked) -> None:
    """Replace the party by another one, without consultation (T-Library, TSingleStepTransfer)."""
    call, party = on_call(engine, request)
    cast = engine.cast(call, party)
    require(party, ErrorCode.CallInWrongState, "both parties must be talking", PartyState.CONNECTED)
    if not cast[Actor.TALKERS] or len(cast[Actor.TALKERS]) != len(cast[Actor.OTHERS]):
        raise RefusedError(ErrorCode.CallInWrongState, "both parties must be talking")
    target = newcomer(engine, call, request.other_dn, _role(engine, cast))
    data = merged(call.user_data, request.user_data)
    model = _model(engine, cast)
    target.unannounced = (
        model is SingleStep.TRANSFERRED and engine.profile.transfer_order is TransferOrder.CHANGED_ON_ANSWER
    )
    if data != call.user_data and engine.profile.tells_data_apart:
        change_data(engine, call, party, data, NOBODY)
    others = set_data(engine, call, data)
    engine.tell(model, {**cast, Actor.TARGET: (Seat(target, call),)}, asked)
    tell_set(engine, others, cast[Actor.SELF][0])


def _role(engine: Engine, cast: Cast) -> DNRole:
    """Say which role the target of a transfer has."""
    if _is_conference(cast):
        return DNRole.ConferenceMember
    return cast[Actor.SELF][0].party.role if engine.profile.inherits_role else DNRole.Destination


def _model(engine: Engine, cast: Cast) -> SingleStep:
    if _is_conference(cast) and engine.profile.exchanges_in_conference:
        return SingleStep.EXCHANGED
    return SingleStep.TRANSFERRED


def _is_conference(cast: Cast) -> bool:
    return len(cast[Actor.OTHERS]) > 1


def invite(engine: Engine, request: m.RequestSingleStepConference, asked: Asked) -> None:
    """Bring another one into the call, without consultation (T-Library, TSingleStepConference)."""
    call, party = on_call(engine, request)
    cast = engine.cast(call, party)
    require(party, ErrorCode.CallInWrongState, "both parties must be talking", PartyState.CONNECTED)
    if not cast[Actor.TALKERS]:
        raise RefusedError(ErrorCode.CallInWrongState, "both parties must be talking")
    target = newcomer(engine, call, request.other_dn, DNRole.ConferenceMember)
    others = set_data(engine, call, merged(call.user_data, request.user_data))
    target.waiting = asked
    engine.tell(SingleStep.INVITED, {**cast, Actor.TARGET: (Seat(target, call),)})
    tell_set(engine, others, cast[Actor.SELF][0])
    if engine.profile.adds_when_ringing and target.state is PartyState.ALERTING:
        welcome(engine, call, target)


SINGLE_STEP: Operations = {
    m.RequestSingleStepTransfer: transfer,
    m.RequestSingleStepConference: invite,
}
