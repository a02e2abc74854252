"""Messages <-> payloads: the open format in MessagePack, and the same in JSON."""

import binascii
import re
from typing import Any, ClassVar, Protocol, Union

import msgspec

from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList, decode_kv_list
from bridge.tlib.messages import MESSAGES, Message


class MalformedFrameError(Exception):
    """The payload cannot be read at all: the peer and we no longer agree where we are."""


class BadMessageError(Exception):
    """The payload is a message, but not one that can be accepted."""

    code: ClassVar[ErrorCode]
    """The error number a T-Server answers with."""

    def __init__(self, text: str, number: int, reference_id: int | None) -> None:
        super().__init__(text)
        self.number = number
        """The value of `Message`."""
        self.reference_id = reference_id
        """The ReferenceID to answer with, if one could be read."""


class UnknownMessageError(BadMessageError):
    """The message number is not modelled."""

    code = ErrorCode.OperationNotSupported


class InvalidAttributeError(BadMessageError):
    """An attribute is missing, or has the wrong type."""

    code = ErrorCode.InvalidAttribute


class Codec(Protocol):
    """One way to write messages as bytes."""

    def encode(self, message: Message) -> bytes:
        """Write a message as the payload of one frame."""

    def decode(self, payload: bytes | memoryview) -> Message:
        """Read the payload of one frame.

        Raises:
            MalformedFrameError: it is not a message at all.
            UnknownMessageError: its number is not modelled.
            InvalidAttributeError: an attribute is missing or has the wrong type.

        """


class _Header(msgspec.Struct):
    """What can be read of a message that does not decode."""

    number: int = msgspec.field(name="Message")
    reference_id: Any = msgspec.field(name="ReferenceID", default=None)


_NUMBERS = {message.number.value for message in MESSAGES}
_AT_ATTRIBUTE = re.compile(r" - at `\$\.(\w+)`")
_U32_MAX = 2**32 - 1


class _Decoder(Protocol):
    def __call__(self, payload: bytes | memoryview, /) -> Any: ...  # noqa: ANN401 (what msgspec returns)


def _explain(decode_header: _Decoder, payload: bytes | memoryview, text: str) -> Exception:
    """Name what is wrong with a payload that is a map, but no message that can be accepted."""
    try:
        header = decode_header(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return MalformedFrameError(str(error))
    reference = header.reference_id
    if type(reference) is not int or not 0 <= reference <= _U32_MAX:
        reference = None
    if header.number not in _NUMBERS:
        return UnknownMessageError(f"message {header.number} is not supported", header.number, reference)
    where = _AT_ATTRIBUTE.search(text)
    if where:
        text = f"{where[1]}: {_AT_ATTRIBUTE.sub('', text)}"
    return InvalidAttributeError(text, header.number, reference)


class MessagePackCodec:
    """One MessagePack map; the key `Message` holds the message number (see README.md)."""

    def __init__(self) -> None:
        self.encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Union[MESSAGES], dec_hook=decode_kv_list).decode  # noqa: UP007 (built from a tuple)
        self._decode_header = msgspec.msgpack.Decoder(_Header).decode

    def decode(self, payload: bytes | memoryview) -> Message:
        """Read one payload; see `Codec.decode`."""
        try:
            message: Message = self._decode(payload)
        except msgspec.ValidationError as error:
            raise _explain(self._decode_header, payload, str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedFrameError(str(error)) from None
        return message


_BINARY = "base64"
"""The key of a JSON object that stands for a binary value in a KV list."""


class JsonCodec:
    """One JSON object, with the same keys and values as in MessagePack.

    JSON has no binary values: an attribute that is binary is a string in base64, and so is a value of a KV
    list, as `{"base64": "..."}`. What is no JSON is refused like any wrong message: the next line is another
    one, so the two sides still agree where they are.
    """

    def __init__(self) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(Union[MESSAGES], dec_hook=self._decode_kv_list).decode  # noqa: UP007 (built from a tuple)
        self._decode_header = msgspec.json.Decoder(_Header).decode

    def encode(self, message: Message) -> bytes:
        """Write a message as JSON without line ends."""
        attributes = msgspec.to_builtins(message, builtin_types=(bytes,))
        for name, value in attributes.items():
            if isinstance(value, tuple | list):
                attributes[name] = _without_binary(value)
        return self._encode(attributes)

    def decode(self, payload: bytes | memoryview) -> Message:
        """Read one payload; see `Codec.decode`."""
        try:
            message: Message = self._decode(payload)
        except msgspec.ValidationError as error:
            wrong = _explain(self._decode_header, payload, str(error))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            wrong = MalformedFrameError(str(error))
        else:
            return message
        if isinstance(wrong, MalformedFrameError):
            wrong = InvalidAttributeError(f"expected a message as a JSON object: {wrong}", 0, None)
        raise wrong from None

    @staticmethod
    def _decode_kv_list(expected: type, value: object) -> KVList:
        return decode_kv_list(expected, _with_binary(value))


def _without_binary(value: Any) -> Any:  # noqa: ANN401 (any value of a KV list)
    if isinstance(value, bytes):
        return {_BINARY: binascii.b2a_base64(value, newline=False).decode("ascii")}
    if isinstance(value, tuple | list):
        return [_without_binary(each) for each in value]
    return value


def _with_binary(value: object) -> object:
    """Replace each object `{"base64": ...}` by its bytes.

    Raises:
        ValueError: it is no base64. Any other object is left for the check of the KV list to refuse.

    """
    if isinstance(value, list):
        return [_with_binary(each) for each in value]
    if isinstance(value, dict) and value.keys() == {_BINARY} and isinstance(value[_BINARY], str):
        try:
            return binascii.a2b_base64(value[_BINARY], strict_mode=True)
        except binascii.Error as error:
            raise ValueError(f"{_BINARY}: {error}") from None
    return value
