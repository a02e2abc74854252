"""What two T-Servers of a site need to talk to each other, whatever carries it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

F = TypeVar("F", bound=msgspec.Struct)
F_contra = TypeVar("F_contra", bound=msgspec.Struct, contravariant=True)


class Peer(Protocol[F_contra]):
    """The other end of a connection."""

    @property
    def who(self) -> str:
        """Who it says it is: `application@switch`."""

    def send(self, message: F_contra) -> None:
        """Write a message; never waits and never fails."""

    def disconnect(self, reason: str) -> None:
        """End the connection; `PeerHandler.lost` follows at once, and nothing is received after it."""


class PeerHandler(Protocol[F]):
    """Who talks over the connections of a channel."""

    def connected(self, peer: Peer[F]) -> None:
        """A peer is there and has been found good."""

    def received(self, peer: Peer[F], message: F) -> None:
        """It said something."""

    def batch_received(self, peer: Peer[F]) -> None:
        """All that came in one piece has been received."""

    def lost(self, peer: Peer[F], reason: str) -> None:
        """It is gone."""


@dataclass(frozen=True, slots=True)
class PeerChannel(Generic[F]):
    """A kind of conversation.

    Attributes:
        kind: what `Hello` calls it.
        decode: reads a message; raises `msgspec.DecodeError`.
        handler: who talks.

    """

    kind: str
    decode: Callable[[memoryview], F]
    handler: PeerHandler[F]
