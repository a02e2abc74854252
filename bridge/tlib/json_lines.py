"""The wire `json`: each message is one JSON object on a line of its own (see README.md)."""

import binascii
from typing import Any, Union

import msgspec

from bridge.tlib.codec import Framing, Header, InvalidAttributeError, MalformedFrameError, explain
from bridge.tlib.kv import KVList, decode_kv_list
from bridge.tlib.messages import MESSAGES, Message

_BINARY = "base64"
"""The key of a JSON object that stands for a binary value in a KV list."""


class JsonCodec:
    """One JSON object, with the same keys and values as in MessagePack. Implements `Codec`.

    JSON has no binary values: an attribute that is binary is a string in base64, and a binary value of a KV
    list is an object `{"base64": "..."}`.
    """

    def __init__(self) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(Union[MESSAGES], dec_hook=self._decode_kv_list).decode  # noqa: UP007 (built from a tuple)
        self._decode_header = msgspec.json.Decoder(Header).decode

    def encode(self, message: Message) -> bytes:
        """Return a message as JSON without line ends."""
        attributes = msgspec.to_builtins(message, builtin_types=(bytes,))
        for name, value in attributes.items():
            if isinstance(value, tuple | list):
                attributes[name] = _without_binary(value)
        return self._encode(attributes)

    def decode(self, payload: bytes | memoryview) -> Message:
        """Return the message in one line.

        A line that is not JSON is refused like a wrong message: unlike in MessagePack, both sides still agree
        where the next one begins.

        Raises:
            UnknownMessageError: its number is not modelled.
            InvalidAttributeError: it is not a message, or an attribute is missing or has the wrong type.

        """
        try:
            message: Message = self._decode(payload)
        except msgspec.ValidationError as error:
            wrong = explain(self._decode_header, payload, error)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            wrong = MalformedFrameError(str(error))
        else:
            return message
        if isinstance(wrong, MalformedFrameError):
            wrong = InvalidAttributeError(f"expected a message as a JSON object: {wrong}", None, None)
        raise wrong from None

    @staticmethod
    def _decode_kv_list(expected: type, value: object) -> KVList:
        return decode_kv_list(expected, _with_binary(value))


def _without_binary(value: Any) -> Any:  # noqa: ANN401 (any value of a KV list)
    """Replace bytes by objects `{"base64": ...}`."""
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
        except ValueError as error:  # binascii.Error, or characters that are not ASCII
            raise ValueError(f"{_BINARY}: {error}") from None
    return value


class LineReader:
    """Reads payloads that are lines, and ignores empty ones; implements `PayloadReader`."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.fault: str | None = None
        self._buffer = bytearray()
        self._searched = 0
        """How many of the bytes that are held have no line end among them."""

    def feed(self, data: bytes, most: int | None = None) -> list[memoryview]:
        """Accept bytes and return the lines that are complete, without their ends."""
        payloads: list[memoryview] = []
        self._buffer += data
        start = 0
        while len(payloads) != most:
            end = self._buffer.find(b"\n", start + self._searched)
            self.fault = self._find_fault(start, end if end >= 0 else len(self._buffer))
            if self.fault is not None:
                self._buffer.clear()
                return payloads
            if end < 0:
                self._searched = len(self._buffer) - start
                break
            content = bytes(self._buffer[start:end]).strip()
            start, self._searched = end + 1, 0
            if content:
                payloads.append(memoryview(content))
        del self._buffer[:start]
        return payloads

    def _find_fault(self, start: int, end: int) -> str | None:
        if end - start > self.limit:
            return f"a line of more than {self.limit} bytes"
        if self._buffer[start : start + 1] == b"\0":
            # The first byte of a MessagePack frame. Waiting for a line end would hide the mistake.
            return "it begins with a zero byte; does the peer write MessagePack (wire msgpack)?"
        return None

    @property
    def buffered(self) -> int:
        """How many bytes are held."""
        return len(self._buffer)


def line(payload: bytes) -> bytes:
    """Put a line end behind a payload, in which there is none."""
    return payload + b"\n"


LINES = Framing(line, LineReader)
