"""Every message of the public list: it is there, it is named, and its bytes come back as they went."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.tlib import enums
from bridge.tlib import messages as t
from bridge.tlib.codec import BadMessageError, InvalidAttributeError, MalformedFrameError
from bridge.tlib.errors import TEXTS, ErrorCode
from bridge.tlib.kv import KVList
from bridge.tlib.message_pack import MessagePackCodec
from bridge.tlib.numbers import (
    EVENT_NUMBERS,
    LOCAL_NUMBERS,
    REQUEST_NUMBERS,
    RESERVED_NUMBERS,
    MessageNumber,
)
from bridge.tlib.wire import JSON_LINES, WIRES
from tests.tlib.strategies import fields, messages, messages_of

CODEC = MessagePackCodec()
every_message = pytest.mark.parametrize("kind", t.MESSAGES, ids=[kind.__name__ for kind in t.MESSAGES])

VALUES: dict[type, Any] = {
    msgspec.inspect.IntType: 4711,
    msgspec.inspect.StrType: "15000",
    msgspec.inspect.BytesType: bytes(64),
    msgspec.inspect.CustomType: KVList.of(Segment=7, Customer=KVList.of(Name="Z\u00fcrich")),
}


def value(kind: Any) -> Any:
    if isinstance(kind, msgspec.inspect.UnionType):
        kind = next(k for k in kind.types if not isinstance(k, msgspec.inspect.NoneType))
    return list(kind.cls)[-1] if isinstance(kind, msgspec.inspect.EnumType) else VALUES[type(kind)]


def with_everything(kind: type[t.Message]) -> t.Message:
    return kind(**{field.name: value(field.type) for field in fields(kind)})


# --- the list -------------------------------------------------------------------------------------


def test_every_public_number_is_a_request_an_event_or_reserved() -> None:
    assert sorted((*REQUEST_NUMBERS, *EVENT_NUMBERS, *RESERVED_NUMBERS)) == list(range(183))
    assert tuple(range(153, 160)) == RESERVED_NUMBERS
    assert set(LOCAL_NUMBERS) <= set(EVENT_NUMBERS)


def test_every_number_that_is_not_reserved_has_a_message() -> None:
    assert [m.number for m in t.REQUESTS] == list(REQUEST_NUMBERS)
    assert [m.number for m in t.EVENTS] == list(EVENT_NUMBERS)
    assert all(issubclass(m, t.Request) for m in t.REQUESTS)
    assert all(issubclass(m, t.Event) for m in t.EVENTS)


def test_every_message_has_the_number_of_its_name() -> None:
    assert {m.__name__: m.number for m in t.MESSAGES} == {
        m.__name__: MessageNumber[m.__name__] for m in t.MESSAGES
    }


def test_attributes_are_spelled_as_in_t_server_logs() -> None:
    spelled = {t.wire_name(field) for message in t.MESSAGES for field in message.__struct_fields__}
    assert {
        "ThisDN",
        "ThisDNRole",
        "ThirdPartyDN",
        "ConnID",
        "PreviousConnID",
        "CallUUID",
        "CallID",
    } <= spelled
    assert {"ReferenceID", "DNIS", "ANI", "UserData", "TimeinSecs", "TimeinuSecs", "Reasons"} <= spelled
    assert {"DTMFDigits", "XRouteType", "XReferenceID", "PrivateMsgID", "NumberOfDigits"} <= spelled
    assert {"FirstTransferOrigDN", "ISLinkList", "NetworkCallID", "PartyUUID", "DNSyncInfo"} <= spelled


def test_an_attribute_has_one_type_in_all_messages() -> None:
    kinds: dict[str, set[Any]] = {}
    for message in t.MESSAGES:
        for field in fields(message):
            options = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
            kinds.setdefault(field.encode_name, set()).update(
                repr(option) for option in options if not isinstance(option, msgspec.inspect.NoneType)
            )
    assert {name: types for name, types in kinds.items() if len(types) > 1} == {}


# --- the bytes ------------------------------------------------------------------------------------


@every_message
@settings(max_examples=10)
@given(data=st.data())
def test_it_survives_the_trip_on_every_wire(kind: type[t.Message], data: st.DataObject) -> None:
    message = data.draw(messages_of(kind))
    for wire in WIRES.values():
        assert wire.codec.decode(wire.codec.encode(message)) == message


@every_message
def test_with_every_attribute_it_survives_the_trip_and_cut_anywhere_it_is_malformed(
    kind: type[t.Message],
) -> None:
    message = with_everything(kind)
    payload = CODEC.encode(message)
    assert CODEC.decode(payload) == message
    assert JSON_LINES.codec.decode(JSON_LINES.codec.encode(message)) == message
    for at in range(len(payload)):
        with pytest.raises(MalformedFrameError):
            CODEC.decode(payload[:at])


@every_message
def test_without_an_attribute_that_it_must_have_it_is_refused(kind: type[t.Message]) -> None:
    attributes = msgspec.msgpack.decode(CODEC.encode(with_everything(kind)))
    for field in fields(kind):
        less = {name: value for name, value in attributes.items() if name != field.encode_name}
        if field.required:
            with pytest.raises(InvalidAttributeError, match=f"`{field.encode_name}`"):
                CODEC.decode(msgspec.msgpack.encode(less))
        else:
            assert CODEC.decode(msgspec.msgpack.encode(less)).number is kind.number


@given(messages(), st.data())
def test_a_message_cut_anywhere_is_malformed(message: t.Message, data: st.DataObject) -> None:
    payload = CODEC.encode(message)
    at = data.draw(st.integers(0, len(payload) - 1))
    with pytest.raises(MalformedFrameError):
        CODEC.decode(payload[:at])


@given(messages(), st.data())
def test_a_message_with_one_wrong_byte_is_a_message_or_a_named_error(
    message: t.Message, data: st.DataObject
) -> None:
    payload = bytearray(CODEC.encode(message))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] = data.draw(st.integers(0, 255))
    try:
        CODEC.decode(bytes(payload))
    except (MalformedFrameError, BadMessageError):
        return


# --- enumerations and error numbers ------------------------------------------------------------------


def test_a_route_between_sites_may_be_minus_one() -> None:
    request = t.RequestGetAccessNumber(this_dn="15000", conn_id=1, other_dn="25000")
    decoded = CODEC.decode(CODEC.encode(request))
    assert isinstance(decoded, t.RequestGetAccessNumber)
    assert decoded.x_route_type is enums.XRouteType.Default
    assert decoded.x_route_type.value == -1


def test_an_attribute_with_a_usual_value_always_travels() -> None:
    request = t.RequestCollectDigits(this_dn="15000", conn_id=1, number_of_digits=4)
    assert msgspec.msgpack.decode(CODEC.encode(request)) == {
        "Message": 45,
        "ThisDN": "15000",
        "ConnID": 1,
        "NumberOfDigits": 4,
        "TerminateDigits": "",
        "Timeout": 0,
    }


def test_every_error_number_has_a_text() -> None:
    assert set(TEXTS) == set(ErrorCode)
    assert all(TEXTS.values())
