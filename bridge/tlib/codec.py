"""What a wire is made of: a codec (messages <-> payloads) and a framing (payloads <-> a stream of bytes)."""

import re
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, Protocol

import msgspec

from bridge.tlib.errors import ErrorCode
from bridge.tlib.messages import MESSAGES, Message

MAX_FRAME_BYTES = 1 << 20
"""The longest payload once a client has registered."""

MAX_OPENING_BYTES = 4096
"""The longest payload before: an unknown peer cannot make the other side buffer more."""


class MalformedFrameError(Exception):
    """The payload cannot be read at all: both sides no longer agree where payloads begin."""


class BadMessageError(Exception):
    """The payload is not a message that can be accepted; the next payload can be read."""

    code: ClassVar[ErrorCode]
    """The error number a T-Server answers with."""

    def __init__(self, text: str, number: int | None, reference_id: int | None) -> None:
        super().__init__(text)
        self.number = number
        """The value of `Message`, if it could be read."""
        self.reference_id = reference_id
        """The ReferenceID to answer with, if one could be read."""


class UnknownMessageError(BadMessageError):
    """The message number is not modelled."""

    code = ErrorCode.OperationNotSupported


class InvalidAttributeError(BadMessageError):
    """An attribute is missing, or has the wrong type."""

    code = ErrorCode.InvalidAttribute


class Codec(Protocol):
    """One way to write messages as payloads."""

    def encode(self, message: Message) -> bytes:
        """Return a message as one payload."""

    def decode(self, payload: bytes | memoryview) -> Message:
        """Return the message in one payload.

        Raises:
            MalformedFrameError: it is not a message at all.
            UnknownMessageError: its number is not modelled.
            InvalidAttributeError: an attribute is missing or has the wrong type.

        """


class PayloadReader(Protocol):
    """Cuts a stream of bytes, in whatever pieces it arrives, into payloads.

    The cost does not depend on how small the pieces are, and at most one unfinished payload is held.
    """

    limit: int
    """The longest payload to accept from here on, in bytes."""
    fault: str | None
    """Why nothing behind the last payload can be read any more."""

    def feed(self, data: bytes, most: int | None = None) -> list[memoryview]:
        """Accept bytes and return the payloads that are complete.

        With `most`, no more than so many are returned; `feed(b"")` goes on with those that are left, by the
        limit that is set then. Each payload is a view that stays valid.
        """

    @property
    def buffered(self) -> int:
        """How many bytes are held."""


class Framing(NamedTuple):
    """How payloads are separated in a stream."""

    frame: Callable[[bytes], bytes]
    """Returns the bytes of a payload as they are written."""
    reader: Callable[[int], PayloadReader]
    """Makes a reader, from the longest payload that it accepts, in bytes."""


# --- errors of codecs that are made with msgspec ----------------------------------------------------


class Header(msgspec.Struct):
    """The part of a message that is read when the whole does not decode."""

    number: int = msgspec.field(name="Message")
    reference_id: Any = msgspec.field(name="ReferenceID", default=None)


_NUMBERS = {message.number.value for message in MESSAGES}
_AT_ATTRIBUTE = re.compile(r" - at `\$\.(\w+)`")
_U32_MAX = 2**32 - 1


class _HeaderDecoder(Protocol):
    def __call__(self, payload: bytes | memoryview, /) -> Any: ...  # noqa: ANN401 (what msgspec returns)


def explain(
    decode_header: _HeaderDecoder, payload: bytes | memoryview, error: msgspec.ValidationError
) -> Exception:
    """Return the error of a payload that has the right syntax, but is not an acceptable message."""
    try:
        header = decode_header(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as header_error:
        return MalformedFrameError(str(header_error))
    reference = header.reference_id
    if type(reference) is not int or not 0 <= reference <= _U32_MAX:
        reference = None
    if header.number not in _NUMBERS:
        return UnknownMessageError(f"message {header.number} is not supported", header.number, reference)
    text = str(error)
    where = _AT_ATTRIBUTE.search(text)
    if where:
        text = f"{where[1]}: {_AT_ATTRIBUTE.sub('', text)}"
    return InvalidAttributeError(text, header.number, reference)
