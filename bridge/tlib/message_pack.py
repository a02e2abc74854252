"""The wire `msgpack`: each message is one MessagePack map behind its length (see README.md)."""

import struct
from typing import Union

import msgspec

from bridge.tlib.codec import Framing, Header, MalformedFrameError, explain
from bridge.tlib.kv import decode_kv_list
from bridge.tlib.messages import MESSAGES, Message

_LENGTH = struct.Struct(">I")
_BRACE = ord("{")


class MessagePackCodec:
    """One MessagePack map; the key `Message` holds the message number. Implements `Codec`."""

    def __init__(self) -> None:
        self.encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Union[MESSAGES], dec_hook=decode_kv_list).decode  # noqa: UP007 (built from a tuple)
        self._decode_header = msgspec.msgpack.Decoder(Header).decode

    def decode(self, payload: bytes | memoryview) -> Message:
        """Return the message in one payload; see `Codec.decode`."""
        try:
            message: Message = self._decode(payload)
        except msgspec.ValidationError as error:
            raise explain(self._decode_header, payload, error) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedFrameError(str(error)) from None
        return message


class FrameReader:
    """Reads payloads with a 32-bit big-endian length before each; implements `PayloadReader`."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.fault: str | None = None
        self._buffer = bytearray()
        self._wanted = 0

    def feed(self, data: bytes, most: int | None = None) -> list[memoryview]:
        """Accept bytes and return the payloads that are complete; see `PayloadReader.feed`."""
        payloads: list[memoryview] = []
        if self._buffer:
            self._buffer += data
            if len(self._buffer) < self._wanted:
                return payloads  # nothing is looked at until a whole frame is there
            data = bytes(self._buffer)
            self._buffer.clear()
        view = memoryview(data)
        at, end = 0, len(view)
        self._wanted = _LENGTH.size
        while end - at >= _LENGTH.size and len(payloads) != most:
            (length,) = _LENGTH.unpack_from(view, at)
            if length > self.limit:
                self.fault = f"a frame of {length} bytes; at most {self.limit} are accepted"
                if view[at] == _BRACE:
                    self.fault = "it begins with '{'; does the peer write JSON lines (wire json)?"
                return payloads
            whole = _LENGTH.size + length
            if end - at < whole:
                self._wanted = whole
                break
            payloads.append(view[at + _LENGTH.size : at + whole])
            at += whole
        if at < end:
            self._buffer += view[at:]
        return payloads

    @property
    def buffered(self) -> int:
        """How many bytes are held."""
        return len(self._buffer)


def frame(payload: bytes) -> bytes:
    """Put the length before a payload."""
    return _LENGTH.pack(len(payload)) + payload


LENGTH_PREFIXED = Framing(frame, FrameReader)
