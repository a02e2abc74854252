"""The wire between a client and a T-Server: which bytes stand for the messages.

A `Wire` makes the two sides of a connection, with its own opening and keep-alive; both are without I/O. The
open format of this project comes in two: MessagePack behind a length, and JSON in lines, for people with
netcat. A site with a licensed SDK of the vendor passes a `Wire` of its own (design: bytes in, messages out).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bridge.tlib.codec import BadMessageError, Codec, Framing
from bridge.tlib.json_lines import LINES, JsonCodec
from bridge.tlib.message_pack import LENGTH_PREFIXED, MessagePackCodec
from bridge.tlib.messages import Event, Message, Request
from bridge.tlib.session import ClientSession, Credentials, LinkState, Refusal, ServerSession


class ClientSide(Protocol):
    """The client's side of a connection: bytes in, events out; requests in, bytes out.

    Times are seconds of one clock. When the peer breaks the rules, `ProtocolViolationError` is raised: write
    what `data_to_send` still returns, then close the connection.
    """

    @property
    def state(self) -> LinkState:
        """What the client knows of the link."""

    @property
    def outgoing(self) -> Collection[bytes]:
        """What `data_to_send` will return, in pieces: empty when nothing is to be written."""

    @property
    def deadline(self) -> float | None:
        """When to call `tick` next; None for never."""

    def receive(self, data: bytes, now: float) -> Iterator[Event | BadMessageError]:
        """Accept bytes; yield the events, and the errors of payloads that are none."""

    def encode_request(self, request: Request) -> bytes:
        """Return the bytes of a request; raise `ValueError` if the link is not up."""

    def data_to_send(self) -> bytes:
        """Return what is to be written."""

    def tick(self, now: float) -> None:
        """Poll a silent peer. Raise `ProtocolViolationError` if it has not answered."""


class ServerSide(Protocol):
    """The T-Server's side of a connection, with the rules of `ClientSide`."""

    @property
    def application_name(self) -> str | None:
        """The client's name, once it has registered."""

    @property
    def deadline(self) -> float | None:
        """When to call `tick` next; None for never."""

    def receive(self, data: bytes, now: float) -> Iterator[Request | Refusal]:
        """Accept bytes; yield the requests, and the refusals of payloads that are none."""

    def send(self, message: Message) -> None:
        """Queue a message."""

    def data_to_send(self) -> bytes:
        """Return what is to be written."""

    def tick(self, now: float) -> None:
        """Poll a silent peer. Raise `ProtocolViolationError` if it has not answered."""


class Wire(Protocol):
    """One way to write messages as bytes, and to open and keep up a connection."""

    @property
    def name(self) -> str:
        """The wire's name in settings and logs."""

    def encode(self, message: Message) -> bytes:
        """Return the bytes of one message, as they are written on any connection that is open."""

    def client_session(self, credentials: Credentials, now: float) -> ClientSide:
        """Make the client's side of a connection that was made at `now`, in seconds."""

    def server_session(self, password: str | None, now: float) -> ServerSide:
        """Make the T-Server's side of a connection; `password` is what clients must send; None for any."""


@dataclass(frozen=True, slots=True)
class OpenWire:
    """The open format: a codec and a framing under the rules of `session`; implements `Wire`."""

    name: str
    codec: Codec
    framing: Framing

    def encode(self, message: Message) -> bytes:
        """Return the bytes of one message."""
        return self.framing.frame(self.codec.encode(message))

    def client_session(self, credentials: Credentials, now: float) -> ClientSession:
        """Make the client's side of a connection."""
        return ClientSession(self.codec, self.framing, credentials, now)

    def server_session(self, password: str | None, now: float) -> ServerSession:
        """Make the T-Server's side of a connection."""
        return ServerSession(self.codec, self.framing, password, now)


MESSAGE_PACK = OpenWire("msgpack", MessagePackCodec(), LENGTH_PREFIXED)
JSON_LINES = OpenWire("json", JsonCodec(), LINES)

WIRES: Mapping[str, OpenWire] = {wire.name: wire for wire in (MESSAGE_PACK, JSON_LINES)}
"""The wires that can be chosen by a setting."""
