"""The policy that decides what clients may do, and the listener that is notified of sessions.

Both return at once and raise nothing. They may call the server back.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from msgspec import Raw

from bridge.bayeux.core.context import Context
from bridge.bayeux.core.messages import ClientMessage
from bridge.bayeux.core.session import Session


@dataclass(frozen=True, slots=True)
class HandshakeRefusal:
    """A refusal of a handshake with a reason and an advice.

    Attributes:
        reason: the text in the reply's error; without colons.
        reconnect: whether the client shall try again by itself: `handshake` is for logins of several steps.

    """

    reason: str = ""
    reconnect: Literal["none", "handshake"] = "none"


Verdict = bool | str | HandshakeRefusal
"""True allows. False refuses; so does a string, which is the reason in the reply (without colons)."""


class Policy(Protocol):
    """Decides what clients may do.

    Channels are not created: a channel exists while a session subscribes to it.
    """

    def can_handshake(self, context: Context, message: ClientMessage) -> Verdict:
        """Return whether this client may open a session."""

    def can_subscribe(self, context: Context, session: Session, channel: str) -> Verdict:
        """Return whether this session may subscribe to a channel or pattern, `/meta` and `/service` apart."""

    def can_publish(self, context: Context, session: Session, channel: str) -> Verdict:
        """Return whether this session may publish on a channel, `/meta` and patterns apart."""


class Listener(Protocol):
    """Is notified of new and ended sessions, and of messages to the server itself."""

    def session_added(self, session: Session, message: ClientMessage, context: Context) -> None:
        """Handle a new session, before its handshake is answered."""

    def session_removed(self, session: Session, *, timed_out: bool) -> None:
        """Handle the end of a session; `timed_out`: its client did not disconnect."""

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
