"""What every message has in common.

The class is the message, its fields are the attributes: `this_dn` travels as `ThisDN`. A field without
a default is mandatory; None means absent, and an absent attribute does not travel.
"""

from typing import Annotated, ClassVar, TypeVar, dataclass_transform

import msgspec

from bridge.tlib.kv import KVList
from bridge.tlib.numbers import MessageNumber as Number

U32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
U64 = Annotated[int, msgspec.Meta(ge=0)]

PROTOCOL_VERSION = "1"
"""The version of this wire format: ProtocolVersion in RequestRegisterClient."""

_T = TypeVar("_T", bound=int | str)

_UPPER_CASE = {"ani", "dn", "dnis", "dtmf", "id", "uuid"}
_IRREGULAR = {
    "isl_link_list": "ISLinkList",
    "time_in_secs": "TimeinSecs",
    "time_in_usecs": "TimeinuSecs",
}


def wire_name(field: str) -> str:
    """Spell a field's name as T-Server logs spell the attribute, without the prefix `Attribute`."""
    return _IRREGULAR.get(field) or "".join(
        word.upper() if word in _UPPER_CASE else word.capitalize() for word in field.split("_")
    )


def written(usual: _T) -> _T:
    """Make a mandatory attribute with a usual value: a sender always writes it, a receiver can do without."""
    field: _T = msgspec.field(default_factory=lambda: usual)
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
            cls.name = number.name
        return cls

    number: Number
    """The public number; also the tag on the wire."""
    name: str
    """The public name, such as `EventReleased`."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class Message(msgspec.Struct, frozen=True, metaclass=_MessageType):
    """Whatever travels on the link."""

    number: ClassVar[Number]
    name: ClassVar[str]


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


class DNRequest(Request):
    """A request about one DN."""

    this_dn: str


class CallRequest(DNRequest):
    """A request about one call at one DN."""

    conn_id: U64


# --- events --------------------------------------------------------------------------------------


class Event(Message):
    """A message from a T-Server. The time is the switch's own, the number counts the server's events."""

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


class DNEvent(Event):
    """An event of one DN, sent to the clients that registered it."""

    this_dn: str
    agent_id: str | None = None
    customer_id: str | None = None
