"""Messages <-> the payload of a frame.

`Codec` is the seam at which a site with a licensed vendor SDK puts its own bytes in place; this
project's open format is `MessagePackCodec`.
"""

import re
from typing import Any, ClassVar, Protocol, Union

import msgspec

from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
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


def _kv_list(_expected: type, value: object) -> KVList:
    """Check the one type of attribute that msgspec does not know by itself."""
    return KVList.checked(value)


class MessagePackCodec:
    """One MessagePack map; the key `Message` holds the message number (see README.md)."""

    def __init__(self) -> None:
        self.encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Union[MESSAGES], dec_hook=_kv_list).decode  # noqa: UP007 (built from a tuple)
        self._decode_header = msgspec.msgpack.Decoder(_Header).decode

    def decode(self, payload: bytes | memoryview) -> Message:
        """Read the payload of one frame; see `Codec.decode`."""
        try:
            message: Message = self._decode(payload)
        except msgspec.ValidationError as error:
            raise self._explain(payload, str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedFrameError(str(error)) from None
        return message

    def _explain(self, payload: bytes | memoryview, text: str) -> Exception:
        try:
            header = self._decode_header(payload)
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
