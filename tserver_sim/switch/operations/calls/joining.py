"""Joining two calls of one DN: by transfer, when the DN leaves both, or by conference, when it stays."""

from bridge.tlib import messages as m
from bridge.tlib.enums import MergeType
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.conference import Conference
from tserver_sim.switch.models.consult import Consult
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import (
    Operations,
    check_size,
    find_request_call,
    publish_shared_data,
    set_user_data,
)
from tserver_sim.switch.operations.base.routing_lookup import look_up_reachable
from tserver_sim.switch.operations.calls.consult import ConsultPair, cast_of, consult, pair_of
from tserver_sim.switch.state.party_states import TALKING, CallPartyState
from tserver_sim.switch.state.switch_data import Requester, Sharing, SwitchCall

_BEFORE_OR_AFTER_THE_ANSWER = CallPartyState.CONNECTED, CallPartyState.DIALING


def complete_transfer(engine: Engine, request: m.RequestCompleteTransfer, requester: Requester) -> None:
    """Transfer the held call to the consulted party, answered or not (T-Library, TCompleteTransfer)."""
    pair = pair_of(engine, request, request.transfer_conn_id, *_BEFORE_OR_AFTER_THE_ANSWER)
    _require_consultation(pair)
    _join(engine, Consult.TRANSFERRED, pair, requester)


def complete_conference(engine: Engine, request: m.RequestCompleteConference, requester: Requester) -> None:
    """Join the consulted party to the call (T-Library, TCompleteConference)."""
    pair = pair_of(engine, request, request.conference_conn_id, CallPartyState.CONNECTED)
    _require_consultation(pair)
    _join(engine, Conference.COMPLETED, pair, requester)


def merge(engine: Engine, request: m.RequestMergeCalls, requester: Requester) -> None:
    """Join two calls that need not be a consultation (T-Library, TMergeCalls)."""
    if request.merge_type is MergeType.ForTransfer:
        pair = pair_of(engine, request, request.transfer_conn_id, *_BEFORE_OR_AFTER_THE_ANSWER)
        _join(engine, Consult.TRANSFERRED, pair, requester)
    else:
        pair = pair_of(engine, request, request.transfer_conn_id, CallPartyState.CONNECTED)
        _join(engine, Conference.COMPLETED, pair, requester)


def mute_transfer(engine: Engine, request: m.RequestMuteTransfer, requester: Requester) -> None:
    """Begin a consultation and transfer at once, without awaiting the answer (T-Library, TMuteTransfer)."""
    main, party = find_request_call(engine, request)
    lookup = look_up_reachable(engine, request.other_dn)
    if main.party(lookup.number) is not None:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {lookup.number} is on the call already")
    _require_no_invitations(main)
    _require_talker(engine.call_parties(main, party))
    _join(engine, Consult.TRANSFERRED, consult(engine, request, lookup, requester), requester)


def _require_consultation(pair: ConsultPair) -> None:
    held, active = pair.held.call, pair.active.call
    if held.conn_id != active.parent and active.conn_id != held.parent:
        raise RefusedError(ErrorCode.CallInWrongState, "neither call is a consultation about the other")


def _require_no_invitations(*calls: SwitchCall) -> None:
    if any(party.invited_by is not None for call in calls for party in call.parties):
        raise RefusedError(ErrorCode.CallInWrongState, "somebody who was invited has not answered yet")


def _require_talker(staying: tuple[CallParty, ...]) -> None:
    if not any(call_party.party.state in TALKING for call_party in staying):
        raise RefusedError(ErrorCode.CallInWrongState, "nobody would be left who talks")


def _join(engine: Engine, model: Consult | Conference, pair: ConsultPair, requester: Requester) -> None:
    """Move the parties of one call into the other.

    The main call of a consultation survives, whichever of the two is on hold; of other calls the held one
    survives (T-Library, TMergeCalls).
    """
    if pair.held.call.parent == pair.active.call.conn_id:
        pair = ConsultPair(held=pair.active, active=pair.held)
    main, joining = pair.held.call, pair.active.call
    cast = cast_of(engine, pair)
    newcomers, others = cast[Actor.OTHERS], cast[Actor.HELD_OTHERS]
    _require_no_invitations(main, joining)
    if not newcomers or not others:
        raise RefusedError(ErrorCode.CallInWrongState, "there is nobody to join")
    if {call_party.party.dn for call_party in newcomers} & {call_party.party.dn for call_party in others}:
        raise RefusedError(ErrorCode.CallInWrongState, "somebody is on both calls already")
    if model is Consult.TRANSFERRED:
        _require_talker(newcomers + others)
    data = _joined_data(main, joining)
    check_size("UserData", data)
    beside = set_user_data(engine, main, data)
    move_consultations(engine, main, joining, newcomers)
    if model is Conference.COMPLETED and pair.held.party.state is not CallPartyState.HELD:
        model = Conference.COMPLETED_WHILE_TALKING
    cast |= {Actor.NEWCOMERS: newcomers, Actor.NEWCOMER: cast[Actor.PEER]}
    engine.apply_model(model, cast, requester)
    publish_shared_data(engine, [call for call in beside if call is not joining], pair.held)


def _joined_data(main: SwitchCall, joining: SwitchCall) -> KVList:
    """Return the user data of a call after another one was joined to it."""
    if joining.parent != main.conn_id:
        return main.user_data.updated(
            KVList(pair for pair in joining.user_data if main.user_data.first(pair[0]) is None)
        )
    if joining.sharing is not Sharing.INHERITED:
        return main.user_data
    return main.user_data.updated(KVList(pair for pair in joining.user_data if pair not in joining.inherited))


def move_consultations(
    engine: Engine, main: SwitchCall, joining: SwitchCall, newcomers: tuple[CallParty, ...]
) -> None:
    """Attach the consultations of the parties that join to their new call, `main`."""
    for call_party in newcomers:
        for conn_id in engine.parties_of(call_party.party.dn):
            call = engine.state.calls[conn_id]
            if call.parent == joining.conn_id:
                call.parent = main.conn_id


JOINING: Operations = {
    m.RequestCompleteTransfer: complete_transfer,
    m.RequestCompleteConference: complete_conference,
    m.RequestMergeCalls: merge,
    m.RequestMuteTransfer: mute_transfer,
}
