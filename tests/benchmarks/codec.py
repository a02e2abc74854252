"""Part (a): how long it takes to write and to read each message."""

import timeit
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from bridge.tlib import enums
from bridge.tlib.codec import MessagePackCodec
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
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
    "previous_conn_id": 0x007102719818000D,
    "error_code": ErrorCode.DNBusy,
    "server_version": "1.0.0",
    "server_role": enums.ServerRole.Primary,
    "server_capability_mask": bytes(64),
    "server_start_time": 1_444_901_376,
    "token": 1_444_901_396,
}
"""What only those carry that must."""


def example(kind: type[Message]) -> Message:
    """Make a message as it travels in an ordinary call.

    Raises:
        KeyError: it must have an attribute that the tables above do not know yet.

    """
    usual = {f.name: _USUAL[f.name] for f in msgspec.structs.fields(kind) if f.name in _USUAL}
    needed = {
        f.name: _WHERE_NEEDED[f.name]
        for f in msgspec.structs.fields(kind)
        if f.required and f.name not in usual
    }
    return kind(**usual, **needed)


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
