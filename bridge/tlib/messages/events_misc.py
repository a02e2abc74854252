"""Events between sites, passed on for others, and about calls as a whole."""

from bridge.tlib import enums
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.tlib.messages.base import U32, U64, Event
from bridge.tlib.messages.events_base import TelephonyEvent
from bridge.tlib.numbers import MessageNumber as Number


class EventAnswerAccessNumber(Event, number=Number.EventAnswerAccessNumber):
    """The number by which the call gets to another site."""

    conn_id: U64
    access_number: str
    x_reference_id: U32
    this_dn: str | None = None
    other_dn: str | None = None
    location: str | None = None
    x_route_type: enums.XRouteType | None = None


class EventReqGetAccessNumberCanceled(Event, number=Number.EventReqGetAccessNumberCanceled):
    """The access number is no longer kept."""

    x_reference_id: U32 | None = None
    this_dn: str | None = None
    conn_id: U64 | None = None


class RemoteConnectionEvent(TelephonyEvent):
    """Something about a call on its way to another site."""

    location: str | None = None
    remote_location: str | None = None
    remote_conn_id: U64 | None = None


class EventRemoteConnectionSuccess(RemoteConnectionEvent, number=Number.EventRemoteConnectionSuccess):
    """The call has reached the other site."""


class EventRemoteConnectionFailed(RemoteConnectionEvent, number=Number.EventRemoteConnectionFailed):
    """The call has not reached the other site."""

    error_code: ErrorCode | None = None
    error_message: str | None = None


# --- passed on for others --------------------------------------------------------------------------


class EventUserEvent(Event, number=Number.EventUserEvent):
    """User data that a client sent round."""

    this_dn: str | None = None
    communication_dn: str | None = None
    user_data: KVList | None = None


class PrivateEvent(Event):
    """Something of the vendor's own, by number."""

    private_msg_id: U32
    this_dn: str | None = None
    conn_id: U64 | None = None
    user_data: KVList | None = None


class EventPrivateInfo(PrivateEvent, number=Number.EventPrivateInfo):
    """Answers a RequestPrivateService, or reports a change."""


class EventNetworkPrivateInfo(PrivateEvent, number=Number.EventNetworkPrivateInfo):
    """The same for a network T-Server."""


class EventReturnReceipt(Event, number=Number.EventReturnReceipt):
    """An event has reached its router."""

    return_receipt: U32
    return_receipt_dn: str | None = None


# --- calls as a whole: for those who sent RequestStartCallMonitoring ----------------------------------


class CallMonitoringEvent(Event):
    """Something about a call, whichever DNs it is at."""

    call_uuid: str
    update_revision: U32 | None = None
    conn_id: U64 | None = None
    call_id: U32 | None = None
    call_type: enums.CallType | None = None
    call_state: enums.CallState | None = None
    cause: enums.Cause | None = None
    orig_call_uuid: str | None = None
    ctrl_party: str | None = None
    ani: str | None = None
    dnis: str | None = None
    dialed_number: str | None = None
    customer_id: str | None = None
    network_call_id: U32 | None = None
    network_node_id: U32 | None = None
    isl_link_list: KVList | None = None
    user_data: KVList | None = None


class EventCallCreated(CallMonitoringEvent, number=Number.EventCallCreated):
    """There is a new call."""

    conn_id: U64


class EventCallDataChanged(CallMonitoringEvent, number=Number.EventCallDataChanged):
    """Something about the call has changed."""


class EventCallDeleted(CallMonitoringEvent, number=Number.EventCallDeleted):
    """The call is over."""


class CallPartyEvent(CallMonitoringEvent):
    """Something about a party of a call. `party_state` is a `PartyState` with its flags."""

    party_uuid: str
    this_dn: str | None = None
    this_dn_role: enums.DNRole | None = None
    this_queue: str | None = None
    agent_id: str | None = None
    party_state: U32 | None = None
    ref_party: str | None = None


class EventCallPartyAdded(CallPartyEvent, number=Number.EventCallPartyAdded):
    """A party has come."""

    this_dn: str
    party_state: U32


class EventCallPartyState(CallPartyEvent, number=Number.EventCallPartyState):
    """A party's state has changed."""

    party_state: U32


class EventCallPartyMoved(CallPartyEvent, number=Number.EventCallPartyMoved):
    """A party has come from the call `previous_call_uuid`."""

    previous_call_uuid: str | None = None


class EventCallPartyDeleted(CallPartyEvent, number=Number.EventCallPartyDeleted):
    """A party has left the call."""
