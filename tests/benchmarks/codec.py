"""Part (a): how long it takes to write and to read each message."""

import timeit
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import inspect as types

from bridge.tlib import enums
from bridge.tlib.kv import KVList
from bridge.tlib.message_pack import MessagePackCodec
from bridge.tlib.messages import MESSAGES, Message
from tests.benchmarks.figures import CodecFigures

_CALLS_AT_ONCE = 200
_LEAST_REPEATS = 3

_USUAL: Mapping[str, Any] = {
    "time_in_secs": 1_444_901_396,
    "time_in_usecs": 250_000,
    "event_sequence_number": 4711,
    "reference_id": 1234,
    "extensions": KVList.of(BusinessCall=0),
    "this_dn": "15000",
    "this_dn_role": enums.DNRole.Origination,
    "other_dn": "15001",
    "other_dn_role": enums.DNRole.Destination,
    "third_party_dn": "15002",
    "third_party_dn_role": enums.DNRole.Destination,
    "conn_id": 0x007102719818000D,
    "call_id": 1013,
    "call_uuid": "01RCC3N118B1V0SL807GK2LAES00000D",
    "call_type": enums.CallType.Internal,
    "call_state": enums.CallState.Transferred,
    "cause": enums.Cause.SingleStepTransfer,
    "dnis": "15001",
    "user_data": KVList.of(TransferReason="Escalation", TransferAgent="WillardC"),
    "error_message": "15002 is busy",
}
"""The attributes that a message carries in an ordinary call, wherever it may have them."""

_WHERE_NEEDED: Mapping[str, Any] = {
    "application_name": "TServer_A",
    "protocol_version": "1",
    "server_capability_mask": bytes(64),
    "server_start_time": 1_444_901_376,
}
"""What only those carry that must, where any value of the right type would not be like it."""

_ANY: Mapping[type[types.Type], Callable[[Any], object]] = {
    types.StrType: lambda _: "15002",
    types.IntType: lambda kind: 0x007102719818000D if kind.le is None else kind.le,
    types.BytesType: lambda _: bytes(8),
    types.EnumType: lambda kind: next(iter(kind.cls)),
    types.CustomType: lambda kind: KVList.of(Key="value") if kind.cls is KVList else next(iter(kind.cls)),
}
"""A value of each type that an attribute can have."""


def example(kind: type[Message]) -> Message:
    """Make a message as it travels in an ordinary call."""
    info = types.type_info(kind)
    assert isinstance(info, types.StructType)
    attributes = {
        field.name: _USUAL.get(field.name)
        or _WHERE_NEEDED.get(field.name)
        or _ANY[type(field.type)](field.type)
        for field in info.fields
        if field.required or field.name in _USUAL
    }
    return kind(**attributes)


def measure(seconds: float) -> tuple[CodecFigures, ...]:
    """Measure every message that is modelled."""
    return tuple(_measure(seconds / len(MESSAGES)))


def _measure(seconds: float) -> Iterator[CodecFigures]:
    codec = MessagePackCodec()
    for kind in MESSAGES:
        message = example(kind)
        payload = codec.encode(message)
        plain = msgspec.msgpack.decode(payload)
        encode, decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder().decode
        yield CodecFigures(
            message=kind.number.name,
            payload_bytes=len(payload),
            encode_ns=_nanoseconds(codec.encode, message, seconds / 4),
            decode_ns=_nanoseconds(codec.decode, payload, seconds / 4),
            plain_encode_ns=_nanoseconds(encode, plain, seconds / 4),
            plain_decode_ns=_nanoseconds(decode, payload, seconds / 4),
        )


def _nanoseconds(function: Callable[[Any], object], argument: object, seconds: float) -> float:
    """Time a call: the best of many repeats, since whatever else the machine does only adds to it."""
    timer = timeit.Timer("function(argument)", globals={"function": function, "argument": argument})
    spent: list[float] = []
    while len(spent) < _LEAST_REPEATS or sum(spent) < seconds:
        spent.append(timer.timeit(_CALLS_AT_ONCE))
    return min(spent) / _CALLS_AT_ONCE * 1e9
