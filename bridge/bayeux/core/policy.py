"""Who may do what, and who is told: the questions the server asks, and the news it brings.

Both answer at once and raise nothing. They may call the server back.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from msgspec import Raw

from bridge.bayeux.core.context import Context
from bridge.bayeux.core.messages import ClientMessage
from bridge.bayeux.core.session import Session


@dataclass(frozen=True, slots=True)
class HandshakeRefusal:
    """A handshake that is refused with something to say.

    Attributes:
        reason: what the client is told; no colons in it.
        reconnect: whether the client shall try again by itself: `handshake` is for logins of several steps.

    """

    reason: str = ""
    reconnect: Literal["none", "handshake"] = "none"


Verdict = bool | str | HandshakeRefusal
"""True allows. False refuses; so does a string, and the client is told it as the reason (no colons in it)."""


class Policy(Protocol):
    """Answers what clients may do.

    Channels are not created: they are there while somebody subscribes, so there is no question for that.
    """

    def can_handshake(self, context: Context, message: ClientMessage) -> Verdict:
        """Say whether this client may open a session."""

    def can_subscribe(self, context: Context, session: Session, channel: str) -> Verdict:
        """Say whether this session may subscribe to a channel or pattern, `/meta` and `/service` apart."""

    def can_publish(self, context: Context, session: Session, channel: str) -> Verdict:
        """Say whether this session may publish on a channel, `/meta` and patterns apart."""


class Listener(Protocol):
    """Hears of sessions that come and go, and what they send to the server itself."""

    def session_added(self, session: Session, message: ClientMessage, context: Context) -> None:
        """Hear of a new session, before its handshake is answered."""

    def session_removed(self, session: Session, *, timed_out: bool) -> None:
        """Hear of a session's end; `timed_out`: its client did not say goodbye."""

    def service(
        self, session: Session, channel: str, data: Raw, message: ClientMessage, context: Context
    ) -> None:
        """Handle a message on a channel below `/service`; `data` is the client's own JSON."""


class NullListener:
    """A listener that does nothing."""

    def session_added(self, session: Session, message: ClientMessage, context: Context) -> None:
        """Do nothing."""

    def session_removed(self, session: Session, *, timed_out: bool) -> None:
        """Do nothing."""

    def service(
        self, session: Session, channel: str, data: Raw, message: ClientMessage, context: Context
    ) -> None:
        """Do nothing."""
