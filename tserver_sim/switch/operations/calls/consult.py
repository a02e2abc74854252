"""Two calls of one DN: a consultation beside a held call, and alternating between the two."""

from typing import NamedTuple

from bridge.tlib import messages as m
from bridge.tlib.enums import CallType, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.consult import Consult
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import (
    Operations,
    find_party,
    find_phone,
    find_request_call,
    is_busy,
    merge_user_data,
    publish_shared_data,
    require,
    set_user_data,
)
from tserver_sim.switch.operations.base.routing_lookup import RoutingLookup, look_up
from tserver_sim.switch.operations.calls.basic import leave
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import Party, Requester, Sharing, SwitchCall

_CONSULT_USER_DATA = "ConsultUserData"
_ACTIVE = CallPartyState.CONNECTED, CallPartyState.DIALING, CallPartyState.FAILED


class ConsultPair(NamedTuple):
    """The parties of one DN in its two calls."""

    held: CallParty
    active: CallParty


# --- consultations ----------------------------------------------------------------------------------


def initiate(
    engine: Engine, request: m.RequestInitiateTransfer | m.RequestInitiateConference, requester: Requester
) -> None:
    """Hold the call and begin a consultation (T-Library, TInitiateTransfer, TInitiateConference)."""
    consult(engine, request, look_up(engine, request.other_dn), requester)


def consult(
    engine: Engine, request: m.CallOnRequest, lookup: RoutingLookup, requester: Requester
) -> ConsultPair:
    """Hold the call of a request and call a destination that has been looked up.

    Raises:
        RefusedError: the request is refused; nothing has changed.

    """
    main, holder = find_request_call(engine, request)
    find_phone(engine, holder.dn)
    require(holder, ErrorCode.NoActiveCall, "nobody talks in this call here", CallPartyState.CONNECTED)
    if holder.dn in (request.other_dn, lookup.number):
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {holder.dn} cannot consult itself")
    sharing = _sharing(request.extensions, engine.profile.consult_data)
    given = KVList() if sharing is Sharing.SEPARATE else main.user_data
    data = merge_user_data(given, request.user_data)
    others: tuple[SwitchCall, ...] = set_user_data(engine, main, data) if sharing is Sharing.JOINT else ()
    call = engine.new_call(
        request.other_dn, CallType.Consult, data, parent=main.conn_id, sharing=sharing, inherited=given
    )
    party = Party(holder.dn, DNRole.Origination, holder.address)
    cast = {
        Actor.HOLDER: (CallParty(holder, main),),
        Actor.HELD_PEER: engine.cast(main, holder)[Actor.PEER],
        Actor.SELF: (CallParty(party, call),),
        Actor.TARGET: (CallParty(lookup.party(), call),),
    }
    model = Consult.STARTED if lookup.failure is None else Consult.UNREACHABLE
    engine.apply_model(model, cast, requester, call_state=lookup.failure)
    if sharing is Sharing.JOINT and data != given:
        publish_shared_data(engine, (main, *others), CallParty(holder, main))
    return ConsultPair(held=CallParty(holder, main), active=CallParty(party, call))


def _sharing(extensions: KVList | None, default: Sharing) -> Sharing:
    value = extensions.first(_CONSULT_USER_DATA) if extensions else None
    if value is None:
        return default
    try:
        return Sharing(value)
    except ValueError:
        expected = ", ".join(each.value for each in Sharing)
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"Extensions: {_CONSULT_USER_DATA}: expected one of {expected}"
        ) from None


# --- alternating ------------------------------------------------------------------------------------


def alternate(engine: Engine, request: m.RequestAlternateCall, requester: Requester) -> None:
    """Hold the active call and retrieve the held one (T-Library, TAlternateCall)."""
    pair = pair_of(engine, request, request.previous_conn_id, CallPartyState.CONNECTED)
    engine.apply_model(Consult.ALTERNATED, cast_of(engine, pair), requester)


def reconnect(engine: Engine, request: m.RequestReconnectCall, requester: Requester) -> None:
    """Release the active call and retrieve the held one (T-Library, TReconnectCall)."""
    pair = pair_of(engine, request, request.previous_conn_id, *_ACTIVE)
    if is_busy(engine, request.this_dn, but=pair.active.call.conn_id):
        raise RefusedError(ErrorCode.OriginBusy, f"{request.this_dn} is busy with another call")
    cast = cast_of(engine, pair)
    leave(engine, pair.active.call, pair.active.party, requester)
    engine.apply_model(Consult.RECONNECTED, cast, requester)


def pair_of(engine: Engine, request: m.CallRequest, second: int, *active: CallPartyState) -> ConsultPair:
    """Return which of two calls is held and which is active; their order in the request does not matter.

    Raises:
        RefusedError: the DN is not on both, or they are in other states.

    """
    if request.conn_id == second:
        raise RefusedError(ErrorCode.InvalidConnID, "the two ConnIDs are the same")
    find_phone(engine, request.this_dn)
    call_parties = [_call_party(engine, request.this_dn, conn_id) for conn_id in (request.conn_id, second)]
    held = [call_party for call_party in call_parties if call_party.party.state is CallPartyState.HELD]
    others = [call_party for call_party in call_parties if call_party.party.state in active]
    if not held or not others:
        raise RefusedError(
            ErrorCode.CallInWrongState, "one of the calls must be on hold here, and the other one active"
        )
    return ConsultPair(held[0], others[0])


def _call_party(engine: Engine, dn: str, conn_id: int) -> CallParty:
    call, party = find_party(engine, dn, conn_id)
    return CallParty(party, call)


def cast_of(engine: Engine, pair: ConsultPair) -> dict[Actor, tuple[CallParty, ...]]:
    """Return the usual cast of both calls."""
    held = engine.cast(pair.held.call, pair.held.party)
    return {
        **engine.cast(pair.active.call, pair.active.party),
        Actor.HOLDER: (pair.held,),
        Actor.HELD_PEER: held[Actor.PEER],
        Actor.HELD_OTHERS: held[Actor.OTHERS],
    }


CONSULT: Operations = {
    m.RequestInitiateTransfer: initiate,
    m.RequestInitiateConference: initiate,
    m.RequestAlternateCall: alternate,
    m.RequestReconnectCall: reconnect,
}
