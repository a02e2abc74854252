"""JSON lines: binary values, what is wrong with a line, and a peer that has the other wire."""

import base64
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tlib import messages as t
from bridge.tlib.codec import MAX_FRAME_BYTES, MAX_OPENING_BYTES, BadMessageError, InvalidAttributeError
from bridge.tlib.enums import ServerRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.json_lines import JsonCodec
from bridge.tlib.kv import KVList
from bridge.tlib.session import (
    ClientSession,
    Credentials,
    LinkState,
    ProtocolViolationError,
    Refusal,
    ServerSession,
)
from bridge.tlib.wire import JSON_LINES, MESSAGE_PACK, WIRES, OpenWire
from tests.tlib.strategies import messages

CODEC = JsonCodec()
STAMP: dict[str, Any] = {"time_in_secs": 1, "time_in_usecs": 0}
INFO = t.EventServerInfo(
    **STAMP,
    server_version="1",
    server_role=ServerRole.Primary,
    server_capability_mask=b"\x01",
    server_start_time=1,
    application_name="TServer_A",
)
GOOD = t.RequestAnswerCall(this_dn="15000", conn_id=1, reference_id=8)
TRANSFER = {"Message": 25, "ReferenceID": 7, "ThisDN": "15000", "ConnID": 1, "OtherDN": "15002"}


def bytes_on(wire: OpenWire, attributes: dict[str, Any]) -> bytes:
    """Return the bytes of any map of attributes on a wire."""
    encode = msgspec.json.encode if wire is JSON_LINES else msgspec.msgpack.encode
    return wire.framing.frame(encode(attributes))


def registered(wire: OpenWire) -> ServerSession:
    session = wire.server_session(None, now=0.0)
    assert len(list(session.receive(hello(wire), 0.0))) == 1
    return session


def hello(wire: OpenWire) -> bytes:
    return wire.client_session(Credentials("desktop"), now=0.0).data_to_send()


def up(wire: OpenWire) -> ClientSession:
    session = wire.client_session(Credentials("desktop"), now=0.0)
    opening = wire.encode(INFO) + wire.encode(t.EventLinkConnected(**STAMP))
    assert len(list(session.receive(opening, 0.0))) == 2
    assert session.state is LinkState.UP
    return session


# --- values -----------------------------------------------------------------------------------------


@given(messages())
def test_a_message_is_one_line_and_the_same_on_both_wires(message: t.Message) -> None:
    line = CODEC.encode(message)
    assert b"\n" not in line
    packed = MESSAGE_PACK.codec.encode(message)
    assert CODEC.decode(line) == MESSAGE_PACK.codec.decode(packed) == message
    assert json.loads(line).keys() == msgspec.msgpack.decode(packed).keys()


def test_a_binary_attribute_is_base64() -> None:
    line = CODEC.encode(t.RequestSetInputMask(input_mask=bytes(range(64))))
    assert json.loads(line) == {"Message": 7, "InputMask": base64.b64encode(bytes(range(64))).decode()}


def test_values_of_kv_lists_keep_their_types_order_and_repeated_keys() -> None:
    pairs = [
        ["Note", "first"],
        ["Key", {"base64": "AAEC"}],
        ["Note", 7],
        ["More", [["Empty", {"base64": ""}]]],
    ]
    message = CODEC.decode(json.dumps(TRANSFER | {"UserData": pairs}).encode())
    assert isinstance(message, t.RequestSingleStepTransfer)
    assert message.user_data == KVList(
        (("Note", "first"), ("Key", b"\x00\x01\x02"), ("Note", 7), ("More", KVList.of(Empty=b"")))
    )
    assert json.loads(CODEC.encode(message)) == TRANSFER | {"UserData": pairs}


def test_integers_of_64_bits_are_whole() -> None:
    message = t.RequestAnswerCall(this_dn="15000", conn_id=2**64 - 1)
    assert b'"ConnID":18446744073709551615' in CODEC.encode(message)
    assert CODEC.decode(CODEC.encode(message)) == message


# --- what is wrong with a line ----------------------------------------------------------------------


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_line_is_a_message_or_a_named_error(line: bytes) -> None:
    try:
        message = CODEC.decode(line)
    except BadMessageError:
        return
    assert isinstance(message, t.Message)


@given(messages(), st.data())
def test_a_line_cut_anywhere_is_refused(message: t.Message, data: st.DataObject) -> None:
    line = CODEC.encode(message)
    with pytest.raises(InvalidAttributeError, match="expected a message as a JSON object") as caught:
        CODEC.decode(line[: data.draw(st.integers(0, len(line) - 1))])
    assert (caught.value.number, caught.value.reference_id) == (None, None)


NO_MESSAGES = [
    b"hello",
    b"{",
    b"[]",
    b"7",
    b"{}",
    b'{"Message": "16"}',
    b'{"Message": 16, "ThisDN": "\xff"}',
    b'{"Message": 16, "ThisDN": "\\ud800"}',
    b'{"Message": 16, "UserData": ' + b"[" * 4_000,
    b"GET / HTTP/1.1",
]


@pytest.mark.parametrize("line", NO_MESSAGES, ids=lambda line: line[:30].decode("latin-1"))
def test_a_line_that_is_no_message_is_answered_and_the_next_one_read(line: bytes) -> None:
    refusal, good = registered(JSON_LINES).receive(line + b"\n" + JSON_LINES.encode(GOOD), 0.0)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.reference_id) == (ErrorCode.InvalidAttribute, None)
    assert refusal.text.startswith("expected a message as a JSON object: ")
    assert good == GOOD


@pytest.mark.parametrize("line", NO_MESSAGES, ids=lambda line: line[:30].decode("latin-1"))
def test_a_client_ignores_a_line_that_is_no_message(line: bytes) -> None:
    event = t.EventRegistered(**STAMP, this_dn="15000")
    error, known = up(JSON_LINES).receive(line + b"\n" + JSON_LINES.encode(event), 0.0)
    assert isinstance(error, InvalidAttributeError)
    assert known == event


def test_a_first_line_that_is_no_message_is_answered_and_ends_the_connection() -> None:
    inputs = JSON_LINES.server_session(None, now=0.0).receive(b"hello\n", 0.0)
    refusal = next(inputs)
    assert isinstance(refusal, Refusal)
    assert refusal.code is ErrorCode.InvalidAttribute
    with pytest.raises(ProtocolViolationError, match="client not admitted: expected a message as a JSON"):
        next(inputs)


@pytest.mark.parametrize(
    "change",
    [
        {"ThisDN": 15000},
        {"ConnID": "007102719818000d"},
        {"ConnID": -1},
        {"Location": 5},
        {"UserData": {"a": "b"}},
        {"UserData": [["a"]]},
        {"UserData": [[1, "b"]]},
        {"UserData": [["a", 2**31]]},
        {"UserData": [["a", None]]},
        {"UserData": [["k", 1]] * 4097},
        {"Message": 999},
        {"Message": 153},
        {"Message": 999, "ReferenceID": "7"},
        {"Message": 61},
        {"Message": 0},
    ],
    ids=str,
)
def test_a_wrong_message_is_refused_in_the_same_words_on_both_wires(change: dict[str, Any]) -> None:
    answers = [
        list(registered(wire).receive(bytes_on(wire, TRANSFER | change) + wire.encode(GOOD), 0.0))
        for wire in WIRES.values()
    ]
    assert answers[0] == answers[1]
    refusal, good = answers[0]
    assert isinstance(refusal, Refusal)
    assert good == GOOD


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"UserData": [["a", {"base64": "?"}]]}, "UserData: base64: "),
        ({"UserData": [["a", {"base64": "AA"}]]}, "UserData: base64: "),
        ({"UserData": [["a", {"base64": "\u00fc"}]]}, "UserData: base64: "),
        ({"UserData": [["a", {"base64": 7}]]}, "UserData: the value of 'a' is not a string"),
        ({"UserData": [["a", {"hex": "00"}]]}, "UserData: the value of 'a' is not a string"),
        ({"UserData": [["a", 1.5]]}, "UserData: the value of 'a' is not a string"),
        ({"UserData": [["a", True]]}, "UserData: the value of 'a' is not a string"),
        ({"Message": 7, "InputMask": "?"}, "InputMask: Invalid base64"),
        ({"Message": 7, "InputMask": [0, 1]}, "InputMask: Expected `bytes`, got `array`"),
    ],
    ids=str,
)
def test_a_wrong_binary_value_is_named(change: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidAttributeError) as caught:
        CODEC.decode(json.dumps(TRANSFER | change).encode())
    assert str(caught.value).startswith(text)
    assert caught.value.reference_id == 7


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
def test_a_payload_over_the_limit_ends_the_connection(wire: OpenWire) -> None:
    long = t.RequestMakeCall(this_dn="15000", other_dn="x" * MAX_OPENING_BYTES)
    too_long = t.RequestMakeCall(this_dn="15000", other_dn="x" * MAX_FRAME_BYTES)
    with pytest.raises(ProtocolViolationError, match=f"malformed frame: a .* {MAX_OPENING_BYTES}"):
        list(wire.server_session(None, now=0.0).receive(wire.encode(long), 0.0))
    session = registered(wire)
    assert list(session.receive(wire.encode(long), 0.0)) == [long]
    items = session.receive(wire.encode(GOOD) + wire.encode(too_long), 0.0)
    assert next(items) == GOOD  # a message before it is not lost
    with pytest.raises(ProtocolViolationError, match=f"malformed frame: a .* {MAX_FRAME_BYTES}"):
        next(items)


# --- a peer that has the other wire -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "other", "reason"),
    [
        (MESSAGE_PACK, JSON_LINES, r"begins with '\{'; does the peer write JSON lines \(wire json\)\?"),
        (
            JSON_LINES,
            MESSAGE_PACK,
            r"begins with a zero byte; does the peer write MessagePack \(wire msgpack\)\?",
        ),
    ],
    ids=["msgpack", "json"],
)
def test_the_other_wire_is_recognized_at_once(mine: OpenWire, other: OpenWire, reason: str) -> None:
    with pytest.raises(ProtocolViolationError, match=reason):
        list(mine.server_session(None, now=0.0).receive(hello(other), 0.0))
    with pytest.raises(ProtocolViolationError, match=reason):
        list(mine.client_session(Credentials("desktop"), now=0.0).receive(other.encode(INFO), 0.0))
