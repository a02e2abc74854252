"""Two calls of one DN: consulting somebody beside a held call, and going to and fro between the two."""

from typing import NamedTuple

from bridge.tlib import messages as m
from bridge.tlib.enums import CallType, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.consult import Consult
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import (
    Operations,
    find,
    is_busy,
    merged,
    on_call,
    phone,
    require,
    set_data,
    tell_set,
)
from tserver_sim.switch.operations.base.routing_lookup import Reach, look_up
from tserver_sim.switch.operations.calls.basic import leave
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.switch_data import Asked, Call, Party, Sharing

_CONSULT_USER_DATA = "ConsultUserData"
_ACTIVE = PartyState.CONNECTED, PartyState.DIALING, PartyState.FAILED


class Pair(NamedTuple):
    """The parties of one DN in its two calls."""

    held: Seat
    active: Seat


# --- consulting -------------------------------------------------------------------------------------


def initiate(
    engine: Engine, request: m.RequestInitiateTransfer | m.RequestInitiateConference, asked: Asked
) -> None:
    """Hold the call and consult somebody (T-Library, TInitiateTransfer, TInitiateConference)."""
    consult(engine, request, look_up(engine, request.other_dn), asked)


def consult(engine: Engine, request: m.CallOnRequest, reach: Reach, asked: Asked) -> Pair:
    """Hold the call of a request and call a destination that has been looked up.

    Raises:
        RefusedError: the request cannot be carried out; nothing has changed.

    """
    main, holder = on_call(engine, request)
    phone(engine, holder.dn)
    require(holder, ErrorCode.NoActiveCall, "nobody talks in this call here", PartyState.CONNECTED)
    if holder.dn in (request.other_dn, reach.number):
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {holder.dn} cannot consult itself")
    sharing = _sharing(request.extensions, engine.profile.consult_data)
    given = KVList() if sharing is Sharing.SEPARATE else main.user_data
    data = merged(given, request.user_data)
    others: tuple[Call, ...] = set_data(engine, main, data) if sharing is Sharing.JOINT else ()
    call = engine.new_call(
        request.other_dn, CallType.Consult, data, parent=main.conn_id, sharing=sharing, inherited=given
    )
    party = Party(holder.dn, DNRole.Origination, holder.address)
    cast = {
        Actor.HOLDER: (Seat(holder, main),),
        Actor.HELD_PEER: engine.cast(main, holder)[Actor.PEER],
        Actor.SELF: (Seat(party, call),),
        Actor.TARGET: (Seat(reach.party(), call),),
    }
    model = Consult.STARTED if reach.failure is None else Consult.UNREACHABLE
    engine.tell(model, cast, asked, call_state=reach.failure)
    if sharing is Sharing.JOINT and data != given:
        tell_set(engine, (main, *others), Seat(holder, main))
    return Pair(held=Seat(holder, main), active=Seat(party, call))


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


# --- to and fro -------------------------------------------------------------------------------------


def alternate(engine: Engine, request: m.RequestAlternateCall, asked: Asked) -> None:
    """Hold the active call and take up the held one (T-Library, TAlternateCall)."""
    pair = pair_of(engine, request, request.previous_conn_id, PartyState.CONNECTED)
    engine.tell(Consult.ALTERNATED, cast_of(engine, pair), asked)


def reconnect(engine: Engine, request: m.RequestReconnectCall, asked: Asked) -> None:
    """Leave the active call and take up the held one (T-Library, TReconnectCall)."""
    pair = pair_of(engine, request, request.previous_conn_id, *_ACTIVE)
    if is_busy(engine, request.this_dn, but=pair.active.call.conn_id):
        raise RefusedError(ErrorCode.OriginBusy, f"{request.this_dn} is busy with another call")
    cast = cast_of(engine, pair)
    leave(engine, pair.active.call, pair.active.party, asked)
    engine.tell(Consult.RECONNECTED, cast, asked)


def pair_of(engine: Engine, request: m.CallRequest, second: int, *active: PartyState) -> Pair:
    """Find out which of two calls is held and which is active; their order in the request says nothing.

    Raises:
        RefusedError: the DN is not on both, or they are in other states.

    """
    if request.conn_id == second:
        raise RefusedError(ErrorCode.InvalidConnID, "the two ConnIDs are the same")
    phone(engine, request.this_dn)
    seats = [_seat(engine, request.this_dn, conn_id) for conn_id in (request.conn_id, second)]
    held = [seat for seat in seats if seat.party.state is PartyState.HELD]
    others = [seat for seat in seats if seat.party.state in active]
    if not held or not others:
        raise RefusedError(
            ErrorCode.CallInWrongState, "one of the calls must be on hold here, and the other one active"
        )
    return Pair(held[0], others[0])


def _seat(engine: Engine, dn: str, conn_id: int) -> Seat:
    call, party = find(engine, dn, conn_id)
    return Seat(party, call)


def cast_of(engine: Engine, pair: Pair) -> dict[Actor, tuple[Seat, ...]]:
    """Cast the usual actors of both calls."""
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
