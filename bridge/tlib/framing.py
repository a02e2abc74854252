"""Where a message ends in a stream of bytes: a length before it, or a line end behind it.

A reader takes the stream in whatever pieces it arrives in. The cost does not depend on how small the pieces
are, and no more than one unfinished payload is held.
"""

import struct
from collections.abc import Callable
from typing import NamedTuple, Protocol

_LENGTH = struct.Struct(">I")

MAX_FRAME_BYTES = 1 << 20
"""The longest payload once a client has registered."""

MAX_OPENING_BYTES = 4096
"""The longest payload before: no peer makes the other side buffer more without saying who it is."""


class PayloadReader(Protocol):
    """Cuts a stream of bytes into payloads."""

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
            if (end if end >= 0 else len(self._buffer)) - start > self.limit:
                self.fault = f"a line of more than {self.limit} bytes"
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

    @property
    def buffered(self) -> int:
        """How many bytes are held."""
        return len(self._buffer)


class Framing(NamedTuple):
    """How payloads are told apart in a stream."""

    frame: Callable[[bytes], bytes]
    """Returns the bytes of a payload as they are written."""
    reader: Callable[[int], PayloadReader]
    """Makes a reader, from the longest payload that it accepts, in bytes."""


def frame(payload: bytes) -> bytes:
    """Put the length before a payload."""
    return _LENGTH.pack(len(payload)) + payload


def line(payload: bytes) -> bytes:
    """Put a line end behind a payload, in which there is none."""
    return payload + b"\n"


LENGTH_PREFIXED = Framing(frame, FrameReader)
LINES = Framing(line, LineReader)
