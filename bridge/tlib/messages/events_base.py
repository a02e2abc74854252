"""What events about a call at a DN have in common."""

from bridge.tlib import enums
from bridge.tlib.kv import KVList
from bridge.tlib.messages.base import U32, U64, DNEvent


class TelephonyEvent(DNEvent):
    """An event of a call, from the point of view of `this_dn`.

    What is rare stands last. `last_digit` is the digit's ASCII code.
    """

    conn_id: U64
    call_id: U32 | None = None
    call_type: enums.CallType | None = None
    call_uuid: str | None = None
    this_dn_role: enums.DNRole | None = None
    this_queue: str | None = None
    other_dn: str | None = None
    other_dn_role: enums.DNRole | None = None
    third_party_dn: str | None = None
    third_party_dn_role: enums.DNRole | None = None
    call_state: enums.CallState | None = None
    cause: enums.Cause | None = None
    previous_conn_id: U64 | None = None
    dnis: str | None = None
    ani: str | None = None
    user_data: KVList | None = None
    other_queue: str | None = None
    this_trunk: U32 | None = None
    other_trunk: U32 | None = None
    collected_digits: str | None = None
    last_digit: U32 | None = None
    home_location: str | None = None
    first_transfer_home_location: str | None = None
    first_transfer_orig_dn: str | None = None
    first_transfer_conn_id: U64 | None = None
    last_transfer_home_location: str | None = None
    last_transfer_orig_dn: str | None = None
    last_transfer_conn_id: U64 | None = None
    network_call_id: U32 | None = None
    network_node_id: U32 | None = None


class CallEvent(TelephonyEvent):
    """Something happened to a call."""

    call_id: U32
    call_type: enums.CallType


class PartyEvent(CallEvent):
    """A call event that always has the role that `this_dn` has."""

    this_dn_role: enums.DNRole


class QualifiedEvent(PartyEvent):
    """A party event that always carries a CallState."""

    call_state: enums.CallState


class QueueEvent(CallEvent):
    """A call event at a queue or route point, which `this_queue` names once more."""

    this_queue: str
