"""Requests that pass on events and what is the vendor's own, and those of voice mail of old."""

from bridge.tlib import enums
from bridge.tlib.kv import KVList
from bridge.tlib.messages.base import U32, U64, CallRequest, DNRequest, Request
from bridge.tlib.numbers import MessageNumber as Number


class RequestDistributeUserEvent(Request, number=Number.RequestDistributeUserEvent):
    """Sends user data to those who registered `this_dn` or `communication_dn` (T-Library, TSendUserEvent)."""

    user_data: KVList
    this_dn: str | None = None
    communication_dn: str | None = None


class RequestDistributeEvent(DNRequest, number=Number.RequestDistributeEvent):
    """Makes the T-Server send a whole event to all clients that registered `this_dn` (T-Library, TSendEvent).

    `user_event` is the event's number; the other attributes are those of the event.
    """

    user_event: U32
    conn_id: U64 | None = None
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
    agent_id: str | None = None
    customer_id: str | None = None
    route_type: enums.RouteType | None = None
    agent_work_mode: enums.AgentWorkMode | None = None


class RequestPrivateService(Request, number=Number.RequestPrivateService):
    """Asks something of the vendor's own, by number (T-Library, TPrivateService)."""

    private_msg_id: U32
    this_dn: str | None = None
    conn_id: U64 | None = None
    user_data: KVList | None = None


class RequestSendReturnReceipt(Request, number=Number.RequestSendReturnReceipt):
    """Confirms that an event has reached its router (T-Library, TSendReturnReceipt)."""

    return_receipt: U32
    return_receipt_dn: str


# --- voice mail and voice files: legacy ------------------------------------------------------------


class RequestLoginMailBox(DNRequest, number=Number.RequestLoginMailBox):
    """Opens a mailbox."""

    user_id: str | None = None
    password: str | None = None
    conn_id: U64 | None = None


class RequestLogoutMailBox(DNRequest, number=Number.RequestLogoutMailBox):
    """Closes the mailbox."""

    conn_id: U64 | None = None


class RequestOpenVoiceFile(CallRequest, number=Number.RequestOpenVoiceFile):
    """Opens a voice file for a call."""


class RequestCloseVoiceFile(CallRequest, number=Number.RequestCloseVoiceFile):
    """Closes the voice file."""

    file_handle: U32 | None = None


class RequestPlayVoiceFile(CallRequest, number=Number.RequestPlayVoiceFile):
    """Plays the voice file."""

    file_handle: U32 | None = None
