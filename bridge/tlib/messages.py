"""The messages that are modelled, as typed structs.

The class is the message, its fields are the attributes: `this_dn` travels as `ThisDN`. A field without
a default is mandatory; None means absent, and an absent attribute does not travel. Which attributes a
message must carry follows the T-Library Events and Models and the T-Library function reference.
"""

from typing import Annotated, ClassVar, TypeVar, dataclass_transform

import msgspec

from bridge.tlib import enums
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.tlib.numbers import MessageNumber as Number

U32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
U64 = Annotated[int, msgspec.Meta(ge=0)]

PROTOCOL_VERSION = "1"
"""The version of this wire format, as RequestRegisterClient says it."""

E = TypeVar("E", bound=enums.WireEnum)

_UPPER_CASE = {"ani", "dn", "dnis", "id", "uuid"}
_IRREGULAR = {"time_in_secs": "TimeinSecs", "time_in_usecs": "TimeinuSecs"}


def wire_name(field: str) -> str:
    """Spell a field's name as T-Server logs spell the attribute, without the prefix `Attribute`."""
    return _IRREGULAR.get(field) or "".join(
        word.upper() if word in _UPPER_CASE else word.capitalize() for word in field.split("_")
    )


def _written(usual: E) -> E:
    """Make a mandatory attribute with a usual value: a sender always writes it, a receiver can do without."""
    field: E = msgspec.field(default_factory=lambda: usual)
    return field


class _MessageType(msgspec.StructMeta):
    """Makes structs whose tag is the message's number, and whose attributes are named and immutable."""

    def __new__(  # noqa: PYI034 (a metaclass cannot say Self)
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, object],
        *,
        number: Number | None = None,
        frozen: bool = True,
    ) -> "_MessageType":
        cls = super().__new__(
            mcls,
            name,
            bases,
            namespace,
            tag_field="Message",
            tag=None if number is None else number.value,
            rename=wire_name,
            kw_only=True,
            frozen=frozen,
            gc=False,  # messages hold no cycles
            omit_defaults=True,
        )
        if number is not None:
            cls.number = number
        return cls

    number: Number
    """The public number; also the tag on the wire."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class Message(msgspec.Struct, frozen=True, metaclass=_MessageType):
    """Whatever travels on the link."""

    number: ClassVar[Number]

    @property
    def name(self) -> str:
        """The public name, such as `EventReleased`."""
        return self.number.name


# --- keep-alive: private to this wire format, with the meaning of ADDP -----------------------------


class KeepAlivePoll(Message, number=Number.KeepAlivePoll):
    """Asks the peer for a sign of life."""

    token: U32


class KeepAliveReply(Message, number=Number.KeepAliveReply):
    """Answers a poll with its token."""

    token: U32


# --- requests ------------------------------------------------------------------------------------


class Request(Message):
    """What a client asks of the T-Server."""

    reference_id: U32 | None = None
    reasons: KVList | None = None
    extensions: KVList | None = None


class RequestRegisterClient(Request, number=Number.RequestRegisterClient):
    """The first message on a link: who the client is (T-Library, TOpenServerEx)."""

    application_name: str
    protocol_version: str
    application_password: str | None = None


class DNRequest(Request):
    """A request about one DN."""

    this_dn: str


class RequestRegisterAddress(DNRequest, number=Number.RequestRegisterAddress):
    """Asks for the events of a DN (T-Library, TRegisterAddress)."""

    register_mode: enums.RegisterMode = _written(enums.RegisterMode.Share)
    control_mode: enums.ControlMode = _written(enums.ControlMode.Default)
    address_type: enums.AddressType = _written(enums.AddressType.Unknown)


class RequestUnregisterAddress(DNRequest, number=Number.RequestUnregisterAddress):
    """Ends a registration (T-Library, TUnregisterAddress)."""

    control_mode: enums.ControlMode = _written(enums.ControlMode.Default)


class RequestMakeCall(DNRequest, number=Number.RequestMakeCall):
    """Places a call from `this_dn` to `other_dn` (T-Library, TMakeCall)."""

    other_dn: str
    make_call_type: enums.MakeCallType = _written(enums.MakeCallType.Regular)
    location: str | None = None
    user_data: KVList | None = None


class CallRequest(DNRequest):
    """A request about one call at one DN."""

    conn_id: U64


class RequestAnswerCall(CallRequest, number=Number.RequestAnswerCall):
    """Answers the ringing call (T-Library, TAnswerCall)."""


class RequestReleaseCall(CallRequest, number=Number.RequestReleaseCall):
    """Leaves the call (T-Library, TReleaseCall)."""


class RequestSingleStepTransfer(CallRequest, number=Number.RequestSingleStepTransfer):
    """Replaces `this_dn` by `other_dn` in the call, without consultation (T-Library, TSingleStepTransfer)."""

    other_dn: str
    location: str | None = None
    user_data: KVList | None = None


# --- events --------------------------------------------------------------------------------------


class Event(Message):
    """What the T-Server tells. The time is the switch's own, the number counts the server's events."""

    time_in_secs: U32
    time_in_usecs: U32
    event_sequence_number: U64 = 0
    reference_id: U32 | None = None
    reasons: KVList | None = None
    extensions: KVList | None = None

    @property
    def time(self) -> float:
        """When it happened: seconds since 1970-01-01T00:00:00Z by the T-Server's clock."""
        return self.time_in_secs + self.time_in_usecs / 1_000_000


class EventServerInfo(Event, number=Number.EventServerInfo):
    """Who the server is, its role, and the bit mask of the messages it supports."""

    server_version: str
    server_role: enums.ServerRole
    server_capability_mask: bytes
    server_start_time: U32
    application_name: str


class EventLinkConnected(Event, number=Number.EventLinkConnected):
    """The T-Server is connected to its switch."""

    application_name: str | None = None


class EventLinkDisconnected(Event, number=Number.EventLinkDisconnected):
    """The T-Server has lost its switch."""

    application_name: str | None = None
    error_code: ErrorCode | None = None
    error_message: str | None = None


class EventError(Event, number=Number.EventError):
    """A request was refused, or failed."""

    error_code: ErrorCode
    error_message: str | None = None
    this_dn: str | None = None
    conn_id: U64 | None = None


class EventRegistered(Event, number=Number.EventRegistered):
    """The client gets the events of `this_dn` from now on."""

    this_dn: str
    address_info_type: enums.AddressInfoType = _written(enums.AddressInfoType.AddressType)
    address_info_status: U32 | None = None


class EventUnregistered(Event, number=Number.EventUnregistered):
    """The client no longer gets the events of `this_dn`."""

    this_dn: str


class CallEvent(Event):
    """Something happened to a call, told from the point of view of `this_dn`."""

    this_dn: str
    conn_id: U64
    call_id: U32
    call_type: enums.CallType
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


class PartyEvent(CallEvent):
    """A call event that always says which role `this_dn` has."""

    this_dn_role: enums.DNRole


class QualifiedEvent(PartyEvent):
    """A party event that always carries a CallState."""

    call_state: enums.CallState


class EventDialing(PartyEvent, number=Number.EventDialing):
    """The call is being placed; the switch looks for the destination."""


class EventRinging(QualifiedEvent, number=Number.EventRinging):
    """The call rings at this DN."""


class EventEstablished(QualifiedEvent, number=Number.EventEstablished):
    """The DN talks."""


class EventReleased(QualifiedEvent, number=Number.EventReleased):
    """The DN has left the call."""


class EventAbandoned(QualifiedEvent, number=Number.EventAbandoned):
    """The caller hung up while the call rang here. Follows EventRinging only."""


class EventDestinationBusy(QualifiedEvent, number=Number.EventDestinationBusy):
    """The dialled DN cannot be reached; CallState says why."""


class EventPartyChanged(QualifiedEvent, number=Number.EventPartyChanged):
    """Another party of the call was replaced."""

    previous_conn_id: U64


REQUESTS: tuple[type[Request], ...] = (
    RequestRegisterClient,
    RequestRegisterAddress,
    RequestUnregisterAddress,
    RequestMakeCall,
    RequestAnswerCall,
    RequestReleaseCall,
    RequestSingleStepTransfer,
)

EVENTS: tuple[type[Event], ...] = (
    EventServerInfo,
    EventLinkConnected,
    EventLinkDisconnected,
    EventError,
    EventRegistered,
    EventUnregistered,
    EventDialing,
    EventRinging,
    EventEstablished,
    EventReleased,
    EventAbandoned,
    EventDestinationBusy,
    EventPartyChanged,
)

MESSAGES: tuple[type[Message], ...] = (KeepAlivePoll, KeepAliveReply, *REQUESTS, *EVENTS)
