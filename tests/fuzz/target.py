"""What the fuzzer needs of what it tests."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from bridge.tlib.messages import Message
from tests.fuzz.peers import Peer


class Input(NamedTuple):
    """What is meant to be sent."""

    kinds: Sequence[type[Message]]
    usual: Sequence[type[Message]]
    """Those that make something happen."""
    first: type[Message]
    """What begins a call: there is little else to do before."""
    dns: Sequence[str]
    """The DNs that may be named."""
    opening: bytes
    """The frames that a connection begins with."""
    greetings: Sequence[bytes]
    """Good frames of which some are sent next, so that others are not in vain."""
    recorded: Sequence[bytes]
    """Good frames that were once sent."""
    most_peers: int
    """How many connections there may be at once."""


class Target(Protocol):
    """A program or a part of it, with a connection as its input."""

    @property
    def input(self) -> Input:
        """What it understands."""

    @property
    def mark(self) -> int:
        """How far the numbers are that it gives out: what is sent may depend on them."""

    def catch_up(self, mark: int) -> None:
        """Use up numbers, when it is new and clean, until it is as far as another one was."""

    @property
    def slack(self) -> int:
        """By how much `live` may differ between two times when everything is clean."""

    def connect(self) -> Peer:
        """Open a connection."""

    def advance(self, seconds: float) -> None:
        """Let time pass."""

    def check(self) -> None:
        """See whether all others are served as if nothing had happened, and whether anything was logged.

        Raises:
            BrokenError: they are not, or there was.

        """

    def clean(self) -> None:
        """With all connections gone, end what they have left behind.

        Raises:
            BrokenError: it cannot be ended.

        """

    def live(self) -> int:
        """Count the objects that are alive, or something else that tells of what was not let go."""

    def resident(self) -> int:
        """Tell the bytes of memory that are used; 0 where the system does not tell."""

    def close(self) -> None:
        """End it."""
