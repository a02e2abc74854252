"""What a device missed: the known calls compared with those that the T-Server reports.

After a gap the T-Server names the calls at a DN (EventRegistered, EventAddressInfo) and then, queried for
each, its parties (EventPartyInfo). Everything on a link comes in order. So a snapshot is newer than any event
before it and older than any event after it, and the same holds for each EventPartyInfo: applied in the order
of their arrival, they lead to the state of the switch.

Sources: T-Library Events and Models, EventRegistered and RequestQueryCall; the keys of Extensions are
those of this project's T-Server.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.tlib import messages as t
from bridge.tlib.enums import DNRole, PartyState, PartyStateFlag
from bridge.tlib.kv import KVList
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import CALL_TYPES, PARTY_STATES, CallStatus, NotificationType, PartyChange

_STATE_BITS = 0xF
"""The bits of a PartyState that are the state; those above qualify it."""


def conn_ids(snapshot: t.EventRegistered | t.EventAddressInfo) -> list[int]:
    """Return the ConnIDs of the calls at a DN: the keys conn-1, conn-2, ... of a snapshot."""
    found = []
    for key, value in snapshot.extensions or ():
        if key.startswith("conn-") and isinstance(value, str):
            try:
                found.append(int(value, 16))
            except ValueError:
                continue  # a call without a ConnID cannot be queried
    return found


def find_ended_calls(known: Iterable[Call], alive: Iterable[int]) -> list[Call]:
    """Return the known calls that are no longer at the DN."""
    living = set(alive)
    return [call for call in known if call.conn_id not in living]


@dataclass(frozen=True, slots=True)
class PartySnapshot:
    """A call at a DN, as EventPartyInfo reports it; `state` is None if it does not."""

    state: CallStatus | None
    muted: bool
    others: tuple[str, ...]


def read_party_info(info: t.EventPartyInfo) -> PartySnapshot:
    """Read the state of the DN in a call, and the other parties without observers."""
    parties = _parties(info.extensions)
    own = next((state for dn, state, _ in parties if dn == info.this_dn), None)
    state = PARTY_STATES.get(PartyState(own & _STATE_BITS)) if own is not None else None
    if own is not None and own & PartyStateFlag.Dialing:
        state = CallStatus.DIALING
    if parties and own is None:
        state = CallStatus.RELEASED
    others = dict.fromkeys(
        dn for dn, _, role in parties if dn != info.this_dn and role != DNRole.Observer.value
    )
    return PartySnapshot(state, bool((own or 0) & PartyStateFlag.NoTalk), tuple(others))


def apply_party_info(
    call: Call, info: t.EventPartyInfo, reported: PartySnapshot
) -> tuple[NotificationType, ...]:
    """Update a call from EventPartyInfo, and return the notifications that were missed.

    What the T-Server does not report stays as it is: parties that are not there yet, for instance.
    """
    changes = []
    status = (
        reported.state or call.state,
        call.muted if reported.state is None else reported.muted,
        call.call_type if info.call_type is None else CALL_TYPES.get(info.call_type, "Unknown"),
        info.dnis or call.dnis,
        info.ani or call.ani,
        info.call_uuid or call.uuid,
    )
    if status != (call.state, call.muted, call.call_type, call.dnis, call.ani, call.uuid):
        changes.append(NotificationType.STATUS)
        call.state, call.muted, call.call_type, call.dnis, call.ani, call.uuid = status
    call.update_parent(info, PartyChange.PEER)
    if reported.others and set(reported.others) != set(call.others):
        changes.append(NotificationType.PARTICIPANTS)
        call.others = reported.others
    if (info.user_data or None) != call.user_data:
        changes.append(NotificationType.USER_DATA)
        call.user_data = info.user_data or None
    return tuple(changes)


def _parties(extensions: KVList) -> list[tuple[str, int, int]]:
    """Read DN, PartyState and DNRole of each party: the keys party-N, ps-N and role-N."""
    reported = dict(reversed(extensions))  # of pairs with the same key the first counts
    parties = []
    for key, dn in extensions:
        name, _, number = key.partition("-")
        if name == "party" and isinstance(dn, str):
            state, role = reported.get(f"ps-{number}"), reported.get(f"role-{number}")
            if isinstance(state, int):
                parties.append((dn, state, role if isinstance(role, int) else 0))
    return parties
