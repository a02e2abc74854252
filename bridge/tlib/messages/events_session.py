"""Events about the connection, the T-Server, its pair and its answers to questions."""

from bridge.tlib import enums
from bridge.tlib.errors import ErrorCode
from bridge.tlib.messages.base import U32, U64, DNEvent, Event, written
from bridge.tlib.numbers import MessageNumber as Number


class EventServerConnected(Event, number=Number.EventServerConnected):
    """The client's own library has opened the connection. It does not travel."""


class EventServerDisconnected(Event, number=Number.EventServerDisconnected):
    """The client's own library has lost the connection. It does not travel."""


class EventServerInfo(Event, number=Number.EventServerInfo):
    """Who the server is, its role, and the bit mask of the messages it supports."""

    server_version: str
    server_role: enums.ServerRole
    server_capability_mask: bytes
    server_start_time: U32
    application_name: str
    server_x_capabilities: str | None = None
    session_id: U32 | None = None
    customer_id: str | None = None


class EventLinkConnected(Event, number=Number.EventLinkConnected):
    """The T-Server is connected to its switch."""

    application_name: str | None = None
    session_id: U32 | None = None
    customer_id: str | None = None


class EventLinkDisconnected(Event, number=Number.EventLinkDisconnected):
    """The T-Server has lost its switch."""

    application_name: str | None = None
    error_code: ErrorCode | None = None
    error_message: str | None = None
    session_id: U32 | None = None


class PairEvent(Event):
    """An event of a pair of T-Servers, sent to all clients; it names a member."""

    application_name: str | None = None
    host: str | None = None
    port: U32 | None = None


class EventPrimaryChanged(PairEvent, number=Number.EventPrimaryChanged):
    """Another member of the pair is the primary now."""


class EventRestoreConnection(PairEvent, number=Number.EventRestoreConnection):
    """Clients are to connect to the member it names."""


class EventError(Event, number=Number.EventError):
    """A request was refused, or failed."""

    error_code: ErrorCode
    error_message: str | None = None
    this_dn: str | None = None
    conn_id: U64 | None = None


class EventACK(Event, number=Number.EventACK):
    """A request without another outcome was carried out; `user_event` is its number."""

    user_event: U32
    subscription_id: str | None = None


class EventRegistered(DNEvent, number=Number.EventRegistered):
    """The client gets the events of `this_dn` from now on. Extensions hold the DN's state."""

    address_info_type: enums.AddressInfoType = written(enums.AddressInfoType.AddressType)
    address_info_status: U32 | None = None


class EventUnregistered(DNEvent, number=Number.EventUnregistered):
    """The client no longer gets the events of `this_dn`."""

    error_code: ErrorCode | None = None
    error_message: str | None = None


class EventRegisteredAll(Event, number=Number.EventRegisteredAll):
    """The client gets the events of every DN. Legacy."""


class EventUnregisteredAll(Event, number=Number.EventUnregisteredAll):
    """The client gets no events of DNs any more. Legacy."""


class EventAddressInfo(DNEvent, number=Number.EventAddressInfo):
    """How a DN is; Extensions as in EventRegistered."""

    address_info_type: enums.AddressInfoType
    address_info_status: U32
    this_queue: str | None = None
    conn_id: U64 | None = None
    previous_conn_id: U64 | None = None


class EventSwitchInfo(Event, number=Number.EventSwitchInfo):
    """The state of the switch, in Extensions."""

    switch_info_type: enums.SwitchInfoType


class EventLocationInfo(Event, number=Number.EventLocationInfo):
    """The state of other sites, in Extensions."""

    location_info_type: enums.LocationInfoType
    location: str | None = None


class EventHardwareError(Event, number=Number.EventHardwareError):
    """Something in the switch is broken."""

    this_dn: str | None = None
    error_code: ErrorCode | None = None
    error_message: str | None = None


class EventTransactionStatus(Event, number=Number.EventTransactionStatus):
    """What became of a transaction between sites."""

    subscription_id: str | None = None
    x_reference_id: U32 | None = None
    conn_id: U64 | None = None
    location: str | None = None


class ResourceEvent(Event):
    """An event of a resource of the T-Server or its switch, named in Extensions."""

    this_dn: str | None = None
    conn_id: U64 | None = None


class EventResourceAllocated(ResourceEvent, number=Number.EventResourceAllocated):
    """A resource is taken."""


class EventResourceFreed(ResourceEvent, number=Number.EventResourceFreed):
    """A resource is free again."""


class EventResourceInfo(ResourceEvent, number=Number.EventResourceInfo):
    """How resources are."""
