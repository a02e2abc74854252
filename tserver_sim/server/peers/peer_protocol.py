"""The interfaces between a connection of two T-Servers and the core that uses it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

F = TypeVar("F", bound=msgspec.Struct)
F_contra = TypeVar("F_contra", bound=msgspec.Struct, contravariant=True)


class Peer(Protocol[F_contra]):
    """The T-Server at the other end of a connection."""

    @property
    def who(self) -> str:
        """Its name, from its `Hello`: `application@switch`."""

    def send(self, message: F_contra) -> None:
        """Write a message. Does not wait or raise."""

    def disconnect(self, reason: str) -> None:
        """Close the connection; calls `PeerHandler.lost` at once, and nothing is received after it."""


class PeerHandler(Protocol[F]):
    """Handles the connections of a channel and their messages."""

    def connected(self, peer: Peer[F]) -> None:
        """Handle a new connection, after its `Hello` has been accepted."""

    def received(self, peer: Peer[F], message: F) -> None:
        """Handle a message."""

    def batch_received(self, peer: Peer[F]) -> None:
        """Handle the end of a batch: all messages that arrived together have been received."""

    def lost(self, peer: Peer[F], reason: str) -> None:
        """Handle the end of a connection."""


@dataclass(frozen=True, slots=True)
class PeerChannel(Generic[F]):
    """A kind of connection between T-Servers.

    Attributes:
        kind: its name in `Hello`.
        decode: decodes a message; raises `msgspec.DecodeError`.
        handler: handles connections and messages.

    """

    kind: str
    decode: Callable[[memoryview], F]
    handler: PeerHandler[F]
