"""The data of a call: attach, update and delete user data; set DNIS and ANI.

Sources: T-Library, TAttachUserData, TUpdateUserData, TDeleteUserData, TDeleteAllUserData, TSetCallInfo.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import DNRole, SetOperation
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.data import Data
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import (
    Operations,
    check_keys,
    check_size,
    find_request_call,
    publish_shared_data,
    set_user_data,
)
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import Party, Requester, SwitchCall

MAX_NUMBER_LENGTH = 255

_SETTABLE = frozenset({SetOperation.SetCallInfo, SetOperation.CallInfoUpdate})

# --- user data ----------------------------------------------------------------------------------------


def attach(engine: Engine, request: m.RequestAttachUserData, requester: Requester) -> None:
    """Add pairs, even where the keys exist."""
    call, party = find_request_call(engine, request, observers=True)
    check_keys(request.user_data)
    _change(engine, call, party, call.user_data.with_all(request.user_data), requester)


def update(engine: Engine, request: m.RequestUpdateUserData, requester: Requester) -> None:
    """Replace the pairs with these keys, and add the others."""
    call, party = find_request_call(engine, request, observers=True)
    check_keys(request.user_data)
    _change(engine, call, party, call.user_data.updated(request.user_data), requester)


def delete_pair(engine: Engine, request: m.RequestDeletePair, requester: Requester) -> None:
    """Delete all pairs with one key. If there is none, the answer is the list as it is."""
    call, party = find_request_call(engine, request, observers=True)
    check_keys(KVList(((request.data_key, ""),)))
    _change(engine, call, party, call.user_data.without(request.data_key), requester)


def delete_all(engine: Engine, request: m.RequestDeleteUserData, requester: Requester) -> None:
    """Delete all pairs."""
    call, party = find_request_call(engine, request, observers=True)
    _change(engine, call, party, KVList(), requester)


def _change(engine: Engine, call: SwitchCall, party: Party, data: KVList, requester: Requester) -> None:
    check_size("UserData", data)
    change_data(engine, call, party, data, requester)


def change_data(engine: Engine, call: SwitchCall, party: Party, data: KVList, requester: Requester) -> None:
    """Replace the user data of a call and of those that share them, and publish it at all parties."""
    others = set_user_data(engine, call, data)
    engine.apply_model(Data.CHANGED, _cast(engine, call, party), requester)
    publish_shared_data(engine, others, CallParty(party, call))


def _cast(engine: Engine, call: SwitchCall, party: Party) -> dict[Actor, tuple[CallParty, ...]]:
    observers = [each for each in call.parties if each.role is DNRole.Observer and each is not party]
    return {
        Actor.SELF: (CallParty(party, call),),
        Actor.OTHERS: engine.call_parties(call, party),
        Actor.OBSERVER: tuple([CallParty(each, call) for each in observers]),
    }


# --- DNIS and ANI -------------------------------------------------------------------------------------


def set_info(engine: Engine, request: m.RequestSetCallInfo, requester: Requester) -> None:
    """Set the DNIS or ANI of a call.

    Other operations and attributes are refused: the switch finds out everything else itself.
    """
    call, party = find_request_call(engine, request)
    if request.set_operation not in _SETTABLE:
        raise RefusedError(
            ErrorCode.OperationNotSupported, f"SetOperation: {request.set_operation.name} is not supported"
        )
    for name, value in (
        ("OtherDN", request.other_dn),
        ("CallType", request.call_type),
        ("UserData", request.user_data),
    ):
        if value is not None:
            raise RefusedError(ErrorCode.InvalidAttribute, f"{name}: it cannot be set, only DNIS and ANI can")
    if request.dnis is None and request.ani is None:
        raise RefusedError(ErrorCode.InvalidAttribute, "expected DNIS or ANI")
    for name, number in (("DNIS", request.dnis), ("ANI", request.ani)):
        if number is not None and not 0 < len(number) <= MAX_NUMBER_LENGTH:
            raise RefusedError(
                ErrorCode.InvalidAttribute, f"{name}: expected 1 to {MAX_NUMBER_LENGTH} characters"
            )
    if party.state is CallPartyState.FAILED:
        raise RefusedError(ErrorCode.CallInWrongState, "the call has reached nobody")
    call.dnis = call.dnis if request.dnis is None else request.dnis
    call.ani = call.ani if request.ani is None else request.ani
    operation = request.set_operation
    engine.apply_model(Data.INFO_CHANGED, _cast(engine, call, party), requester, set_operation=operation)


DATA: Operations = {
    m.RequestAttachUserData: attach,
    m.RequestUpdateUserData: update,
    m.RequestDeletePair: delete_pair,
    m.RequestDeleteUserData: delete_all,
    m.RequestSetCallInfo: set_info,
}
