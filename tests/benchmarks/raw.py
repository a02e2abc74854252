"""A client of a T-Server that costs next to nothing: frames made beforehand, and only heads read."""

import socket
from collections.abc import Sequence

import msgspec

from bridge.tlib import messages as t
from bridge.tlib.codec import MAX_FRAME_BYTES
from bridge.tlib.message_pack import FrameReader, MessagePackCodec, frame
from tests.benchmarks.where import HOST

PATIENCE_SECONDS = 30.0
_READ_BYTES = 1 << 18
_REGISTRATIONS_AT_ONCE = 200

ANY_CONN_ID = 0x0123_4567_89AB_CDEF
"""What stands in the request that a `CallFrame` is made from."""

_ANY_CONN_ID_PACKED = b"\xcf" + ANY_CONN_ID.to_bytes(8)

_encode = MessagePackCodec().encode


class Head(msgspec.Struct, frozen=True, gc=False):
    """All that the load programs read of an event."""

    number: int = msgspec.field(name="Message")
    this_dn: str = msgspec.field(name="ThisDN", default="")
    conn_id: int = msgspec.field(name="ConnID", default=0)
    text: str = msgspec.field(name="ErrorMessage", default="")


class RefusedError(Exception):
    """The T-Server refused what it was to do, or hung up."""


_decode = msgspec.msgpack.Decoder(Head).decode


def head(payload: memoryview) -> Head:
    """Read the head of an event.

    Raises:
        RefusedError: it is an EventError.

    """
    event = _decode(payload)
    if event.number == t.EventError.number:
        raise RefusedError(f"{event.this_dn}: {event.text}")
    return event


class CallFrame:
    """The frame of a request about a call, made once; only the ConnID changes."""

    def __init__(self, request: t.CallRequest) -> None:
        self._before, found, self._behind = plain_frame(request).partition(_ANY_CONN_ID_PACKED)
        assert found

    def of(self, conn_id: int) -> bytes:
        """Make the frame for a call; its size stays the same for every ConnID."""
        return b"%b\xcf%b%b" % (self._before, conn_id.to_bytes(8), self._behind)


def plain_frame(request: t.Request) -> bytes:
    """Make the frame of a request."""
    return frame(_encode(request))


class RawClient:
    """One connection, good for as long as nothing unforeseen happens on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = FrameReader(MAX_FRAME_BYTES)

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def payloads(self) -> list[memoryview]:
        """Wait until something arrives, and give out what is complete of it.

        Raises:
            RefusedError: the server hung up.
            TimeoutError: nothing came in `PATIENCE_SECONDS`.

        """
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise RefusedError("the server hung up")
        return self._reader.feed(data)

    def open(self, name: str) -> None:
        """Register as a client."""
        opening = t.RequestRegisterClient(application_name=name, protocol_version=t.PROTOCOL_VERSION)
        self.socket.sendall(plain_frame(opening))
        self.await_events(t.EventLinkConnected, 1)

    def register(self, dns: Sequence[str]) -> None:
        """Register DNs."""
        for first in range(0, len(dns), _REGISTRATIONS_AT_ONCE):
            some = dns[first : first + _REGISTRATIONS_AT_ONCE]
            requests = (
                t.RequestRegisterAddress(this_dn=dn, reference_id=number)
                for number, dn in enumerate(some, start=1)
            )
            self.ask(b"".join(map(plain_frame, requests)), t.EventRegistered, len(some))

    def ask(self, requests: bytes, outcome: type[t.Event], count: int) -> list[Head]:
        """Send requests and wait for so many events of a kind, which are given out."""
        self.socket.sendall(requests)
        return self.await_events(outcome, count)

    def await_events(self, kind: type[t.Event], count: int) -> list[Head]:
        """Wait for so many events of a kind; others are passed over.

        Raises:
            RefusedError: an EventError came instead.

        """
        found: list[Head] = []
        while len(found) < count:
            found += (event for event in map(head, self.payloads()) if event.number == kind.number)
        return found
