"""Look-ups, checks and changes that many operations share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import MAX_PACKED_BYTES, KVList
from tserver_sim.switch.engine.engine import Cast, Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.commands import Command, Done
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.data import Data
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.state.party_states import OCCUPYING, CallPartyState
from tserver_sim.switch.state.switch_data import Party, Requester, Sharing, SwitchCall, SwitchDN

Operation: TypeAlias = Callable[[Engine, Any, Requester], None]
"""Carries out one kind of request.

Raises:
    RefusedError: it is refused, and nothing has changed.

"""

Operations: TypeAlias = Mapping[type[m.Request], Operation]

Commands: TypeAlias = Mapping[type[Command], Callable[[Engine, Any], Done]]
"""The handler of each kind of command; like an operation, it refuses before anything has changed."""

RESERVED_KEYS = "_ISCC_"
"""The prefix of keys that T-Servers attach to a call for each other."""

PHONES = frozenset({AddressType.DN, AddressType.Position})
"""The types of DNs that can ring, talk and place calls."""

QUEUES = frozenset({AddressType.Queue, AddressType.RouteDN})
"""The types of DNs where calls wait."""


def find_phone(engine: Engine, number: str) -> SwitchDN:
    """Return the phone of a number.

    Raises:
        RefusedError: the DN is no phone, or out of service.

    """
    device = engine.state.devices[number]
    if device.type not in PHONES:
        raise RefusedError(ErrorCode.InvalidAttribute, f"ThisDN: {number} is no extension, it has no phone")
    if device.out_of_service:
        raise RefusedError(ErrorCode.OutOfService, f"{number} is out of service")
    return device


def find_request_call(
    engine: Engine, request: m.CallRequest, *, observers: bool = False
) -> tuple[SwitchCall, Party]:
    """Return the call of a request, and the party of ThisDN in it.

    Raises:
        RefusedError: ThisDN is not on such a call, or is an observer there and `observers` is false.

    """
    return find_party(engine, request.this_dn, request.conn_id, observers=observers)


def find_party(engine: Engine, dn: str, conn_id: int, *, observers: bool = False) -> tuple[SwitchCall, Party]:
    """Return a call and the party of a DN in it.

    Raises:
        RefusedError: the DN is not on such a call, or is an observer there and `observers` is false.

    """
    party = engine.parties_of(dn).get(conn_id)
    if party is None:
        raise RefusedError(ErrorCode.InvalidConnID, f"{dn} is not on a call with this ConnID")
    if party.observing is not None and not observers:
        raise RefusedError(ErrorCode.CallInWrongState, f"{dn} only listens in to this call")
    return engine.state.calls[conn_id], party


def require(party: Party, code: ErrorCode, text: str, *states: CallPartyState) -> None:
    """Check that a party is in one of these states.

    Raises:
        RefusedError: it is in another one.

    """
    if party.state not in states:
        raise RefusedError(code, text)


def replace_party(target: Party, party: Party) -> None:
    """Give `target` the part of `party`, with the invitation that its answer completes."""
    target.role, target.third, target.unannounced = party.role, party.third, party.unannounced
    target.invited_by, party.invited_by = party.invited_by, None


def is_predictive(cast: Cast) -> bool:
    """Return whether a call was placed for a queue or route point."""
    return any(call_party.party.address in QUEUES for call_party in cast[Actor.CALLERS])


def is_busy(engine: Engine, dn: str, but: int = 0) -> bool:
    """Return whether a phone can take no call; the call `but` is left out of account."""
    return any(party.state in OCCUPYING for conn_id, party in engine.parties_of(dn).items() if conn_id != but)


def merge_user_data(data: KVList, newer: KVList | None) -> KVList:
    """Return the data of a call after a request added some; pairs with the same keys are replaced.

    Raises:
        RefusedError: there are more than a call can carry, or reserved keys.

    """
    if not newer:
        return data
    check_keys(newer)
    result = data.updated(newer)
    check_size("UserData", result)
    return result


def check_keys(pairs: KVList) -> None:
    """Check that user data of a client have no reserved keys.

    Raises:
        RefusedError: they have some.

    """
    if any(key.startswith(RESERVED_KEYS) for key, _ in pairs):
        raise RefusedError(ErrorCode.InvalidAttribute, f"UserData: keys with {RESERVED_KEYS} are reserved")


def calls_sharing_data(engine: Engine, call: SwitchCall) -> tuple[SwitchCall, ...]:
    """Return a call, and those that share its user data by `Sharing.JOINT`.

    A consultation and its main call share them for as long as a DN is on both.
    """
    together = [call]
    for each in together:
        for party in each.parties:
            for conn_id in engine.parties_of(party.dn):
                other = engine.state.calls[conn_id]
                if other not in together and (_is_joint(each, other) or _is_joint(other, each)):
                    together.append(other)
    return tuple(together)


def _is_joint(consultation: SwitchCall, main: SwitchCall) -> bool:
    return consultation.parent == main.conn_id and consultation.sharing is Sharing.JOINT


def set_user_data(engine: Engine, call: SwitchCall, data: KVList) -> tuple[SwitchCall, ...]:
    """Replace the user data of a call; return the other calls that have changed with it."""
    if data == call.user_data:
        return ()
    together = calls_sharing_data(engine, call)
    for each in together:
        each.user_data = data
        engine.send_update(each)
    return tuple([each for each in together if each is not call])


def publish_shared_data(engine: Engine, others: Iterable[SwitchCall], by: CallParty) -> None:
    """Publish at the parties of other calls that their user data changed with those of `by`'s call."""
    for call in others:
        everyone = tuple([CallParty(party, call) for party in call.parties])
        engine.apply_model(Data.SHARED_CHANGED, {Actor.SELF: (by,), Actor.EVERYONE: everyone})


def check_size(attribute: str, pairs: KVList | None) -> None:
    """Check that a KV list is not too large.

    Raises:
        RefusedError: it is.

    """
    if pairs and pairs.packed_bytes > MAX_PACKED_BYTES:
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"{attribute}: more than {MAX_PACKED_BYTES} bytes in all"
        )
