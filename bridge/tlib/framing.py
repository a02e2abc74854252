"""Frames: a 32-bit big-endian length, then that many bytes."""

import struct
from collections.abc import Iterator

_LENGTH = struct.Struct(">I")

MAX_FRAME_BYTES = 1 << 20
"""The longest payload once a client has registered."""

MAX_OPENING_BYTES = 4096
"""The longest payload before: nobody may make the server buffer more without saying who they are."""


class FrameTooLongError(Exception):
    """The peer announced a frame longer than the limit; none of it was buffered."""


def frame(payload: bytes) -> bytes:
    """Put the length before a payload."""
    return _LENGTH.pack(len(payload)) + payload


class FrameReader:
    """Cuts a stream of bytes into payloads, whatever pieces it arrives in."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        """The longest payload to accept from here on, in bytes."""
        self._buffer = bytearray()
        self._wanted = 0

    def feed(self, data: bytes) -> Iterator[memoryview]:
        """Take in bytes and give out every payload that is complete.

        The limit may be changed between two payloads. Each payload is a view that stays valid. The cost
        does not depend on how small the pieces are: nothing is looked at until a whole frame is there.

        Raises:
            FrameTooLongError: a length above the limit.

        """
        if self._buffer:
            self._buffer += data
            if len(self._buffer) < self._wanted:
                return
            data = bytes(self._buffer)
            self._buffer.clear()
        view = memoryview(data)
        at, end = 0, len(view)
        self._wanted = _LENGTH.size
        while end - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(view, at)
            if length > self.limit:
                raise FrameTooLongError(f"a frame of {length} bytes; at most {self.limit} are accepted")
            whole = _LENGTH.size + length
            if end - at < whole:
                self._wanted = whole
                break
            yield view[at + _LENGTH.size : at + whole]
            at += whole
        self._buffer += view[at:]

    @property
    def buffered(self) -> int:
        """How many bytes of an unfinished frame are held."""
        return len(self._buffer)
