"""The codec: what goes in comes out, and what is wrong is named."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tlib import enums
from bridge.tlib import messages as t
from bridge.tlib.codec import BadMessageError, InvalidAttributeError, MalformedFrameError
from bridge.tlib.errors import ErrorCode
from bridge.tlib.message_pack import MessagePackCodec
from tests.tlib.strategies import messages

CODEC = MessagePackCodec()


@given(st.binary(max_size=200))
def test_any_bytes_give_a_message_or_a_named_error(payload: bytes) -> None:
    try:
        message = CODEC.decode(payload)
    except (MalformedFrameError, BadMessageError):
        return
    assert isinstance(message, t.Message)


@given(messages(), st.text(), st.none() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.lists(st.none()))
def test_an_unknown_attribute_is_ignored(message: t.Message, name: str, value: object) -> None:
    attributes = msgspec.msgpack.decode(CODEC.encode(message))
    attributes[f"No{name}"] = value
    assert CODEC.decode(msgspec.msgpack.encode(attributes)) == message


def test_absent_attributes_do_not_travel() -> None:
    request = t.RequestAnswerCall(this_dn="15001", conn_id=1)
    assert msgspec.msgpack.decode(CODEC.encode(request)) == {"Message": 16, "ThisDN": "15001", "ConnID": 1}


def test_nil_counts_as_absent() -> None:
    payload = msgspec.msgpack.encode({"Message": 16, "ThisDN": "15001", "ConnID": 1, "ReferenceID": None})
    assert CODEC.decode(payload) == t.RequestAnswerCall(this_dn="15001", conn_id=1)


def test_an_unlisted_value_of_an_enumeration_keeps_its_number() -> None:
    cause = enums.Cause(77)
    assert (cause.value, cause.name, cause.is_listed) == (77, "Unknown77", False)
    assert enums.Cause.Transfer.is_listed
    with pytest.raises(ValueError, match="-1"):
        enums.Cause(-1)


TRANSFER: dict[str, Any] = {
    "Message": 25,
    "ReferenceID": 7,
    "ThisDN": "15000",
    "ConnID": 1,
    "OtherDN": "15002",
}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"ThisDN": 15000}, "ThisDN: Expected `str`, got `int`"),
        ({"ConnID": "007102719818000d"}, "ConnID: Expected `int`, got `str`"),
        ({"ConnID": -1}, "ConnID: Expected `int` >= 0"),
        ({"Location": 5}, "Location: Expected `str | null`, got `int`"),
        ({"UserData": {"a": "b"}}, "UserData: expected an array of [key, value] pairs"),
        ({"UserData": ["a"]}, "UserData: expected a pair [key, value]"),
        ({"UserData": [["a"]]}, "UserData: expected a pair [key, value]"),
        ({"UserData": [[1, "b"]]}, "UserData: expected a string as key"),
        (
            {"UserData": [["a", 2**31]]},
            "UserData: the value of 'a' is not a string, a 32-bit integer, binary or a KV list",
        ),
        (
            {"UserData": [["a", None]]},
            "UserData: the value of 'a' is not a string, a 32-bit integer, binary or a KV list",
        ),
    ],
)
def test_a_wrong_attribute_is_named_and_its_reference_kept(change: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidAttributeError) as caught:
        CODEC.decode(msgspec.msgpack.encode(TRANSFER | change))
    assert (str(caught.value), caught.value.reference_id) == (text, 7)
    assert caught.value.code is ErrorCode.InvalidAttribute


def test_a_missing_attribute_is_named() -> None:
    payload = msgspec.msgpack.encode({"Message": 25, "ReferenceID": 7, "ThisDN": "15000", "ConnID": 1})
    with pytest.raises(InvalidAttributeError, match="OtherDN") as caught:
        CODEC.decode(payload)
    assert caught.value.reference_id == 7


def test_an_unknown_message_number_keeps_its_reference() -> None:
    with pytest.raises(BadMessageError) as caught:
        CODEC.decode(msgspec.msgpack.encode({"Message": 153, "ReferenceID": 9}))
    assert (caught.value.code, caught.value.number, caught.value.reference_id) == (
        ErrorCode.OperationNotSupported,
        153,
        9,
    )


@pytest.mark.parametrize("reference", [-1, 2**32, "9", [9]])
def test_a_reference_that_is_none_is_not_answered_to(reference: object) -> None:
    with pytest.raises(BadMessageError) as caught:
        CODEC.decode(msgspec.msgpack.encode({"Message": 999, "ReferenceID": reference}))
    assert caught.value.reference_id is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xc1",
        b"\x91\x01",
        b"\x80",
        b"\x81\xa7Message\xa216",
        msgspec.msgpack.encode(TRANSFER) + b"\x00",
        b"\x82\xa7Message\x19\xa6ThisDN\xa1\xff",
        b"\x82\xa7Message\x19\xa1x" + b"\x91" * 100_000,
        b"\x82\xa7Message\x19\xa8UserData\xdd\xff\xff\xff\xff",
    ],
    ids=["empty", "reserved", "array", "no number", "text number", "tail", "not UTF-8", "deep", "huge array"],
)
def test_what_is_no_message_is_malformed(payload: bytes) -> None:
    with pytest.raises(MalformedFrameError):
        CODEC.decode(payload)


def test_kv_lists_have_limits() -> None:
    def nested(depth: int) -> list[object]:
        return [["k", "v"]] if depth == 1 else [["k", nested(depth - 1)]]

    assert (
        CODEC.decode(msgspec.msgpack.encode(TRANSFER | {"UserData": nested(8)})).name
        == "RequestSingleStepTransfer"
    )
    with pytest.raises(InvalidAttributeError, match="deeper than 8"):
        CODEC.decode(msgspec.msgpack.encode(TRANSFER | {"UserData": nested(9)}))
    with pytest.raises(InvalidAttributeError, match="more than 4096"):
        CODEC.decode(msgspec.msgpack.encode(TRANSFER | {"UserData": [["k", 1]] * 4097}))
