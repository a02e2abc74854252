"""Requests about the connection, registrations, and what the T-Server knows."""

from bridge.tlib import enums
from bridge.tlib.kv import KVList
from bridge.tlib.messages.base import U32, CallRequest, DNRequest, Request, written
from bridge.tlib.numbers import MessageNumber as Number


class RequestRegisterClient(Request, number=Number.RequestRegisterClient):
    """The first message on a link: who the client is (T-Library, TOpenServerEx)."""

    application_name: str
    protocol_version: str
    application_password: str | None = None
    client_id: U32 | None = None
    host: str | None = None
    port: U32 | None = None


class RequestQueryServer(Request, number=Number.RequestQueryServer):
    """Asks who the server is (T-Library, TQueryServer)."""


class RequestSetInputMask(Request, number=Number.RequestSetInputMask):
    """Chooses the events for the client: 64 bytes or more, see `mask_allows` (T-Library, TSetInputMask)."""

    input_mask: bytes


class RequestQuerySwitch(Request, number=Number.RequestQuerySwitch):
    """Asks about the switch itself (T-Library, TQuerySwitch)."""

    switch_info_type: enums.SwitchInfoType


class RequestQueryLocation(Request, number=Number.RequestQueryLocation):
    """Asks which other sites there are, or how one is (T-Library, TQueryLocation)."""

    location_info_type: enums.LocationInfoType
    location: str | None = None


class RequestRegisterAddress(DNRequest, number=Number.RequestRegisterAddress):
    """Asks for the events of a DN (T-Library, TRegisterAddress)."""

    register_mode: enums.RegisterMode = written(enums.RegisterMode.Share)
    control_mode: enums.ControlMode = written(enums.ControlMode.Default)
    address_type: enums.AddressType = written(enums.AddressType.Unknown)


class RequestUnregisterAddress(DNRequest, number=Number.RequestUnregisterAddress):
    """Ends a registration (T-Library, TUnregisterAddress)."""

    control_mode: enums.ControlMode = written(enums.ControlMode.Default)


class RequestRegisterAll(Request, number=Number.RequestRegisterAll):
    """Asks for the events of every DN. Legacy."""


class RequestUnregisterAll(Request, number=Number.RequestUnregisterAll):
    """Ends all registrations. Legacy."""


class RequestQueryAddress(DNRequest, number=Number.RequestQueryAddress):
    """Asks how a DN is (T-Library, TQueryAddress)."""

    address_info_type: enums.AddressInfoType
    address_type: enums.AddressType = written(enums.AddressType.Unknown)
    this_queue: str | None = None


class RequestQueryCall(CallRequest, number=Number.RequestQueryCall):
    """Asks who is on a call (T-Library, TQueryCall)."""

    call_info_type: enums.CallInfoType = written(enums.CallInfoType.PartiesQuery)


class RequestStartCallMonitoring(Request, number=Number.RequestStartCallMonitoring):
    """Subscribes to the notifications about the calls that Extensions name."""

    extensions: KVList


class RequestStopCallMonitoring(Request, number=Number.RequestStopCallMonitoring):
    """Ends such a subscription."""

    extensions: KVList


class RequestTransactionMonitoring(Request, number=Number.RequestTransactionMonitoring):
    """Subscribes to what becomes of transactions between sites (T-Library, TTransactionMonitoring)."""

    subscription_operation: enums.SubscriptionOperation


class RequestLostBackupConnection(Request, number=Number.RequestLostBackupConnection):
    """Between the members of a pair: the backup has disconnected."""


class RequestSetDNInfo(Request, number=Number.RequestSetDNInfo):
    """Between the members of a pair: how DNs are."""

    this_dn: str | None = None
    dn_sync_info: KVList | None = None
