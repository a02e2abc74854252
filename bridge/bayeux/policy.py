"""Who may do what: the questions the server asks before it obeys a client."""

from typing import Protocol

from bridge.bayeux.messages import Request

Verdict = bool | str
"""True allows. False refuses; so does a string, and the client is told it as the reason (no colons in it)."""


class Policy(Protocol):
    """Answers at once and raises nothing; `user` is who the HTTP layer found the client to be."""

    def can_handshake(self, user: str, message: Request) -> Verdict:
        """Say whether this user may open a session."""

    def can_subscribe(self, user: str, channel: str) -> Verdict:
        """Say whether this user may subscribe to a channel or pattern, `/meta` and `/service` apart."""

    def can_publish(self, user: str, channel: str) -> Verdict:
        """Say whether this user may publish on a channel, `/meta` and patterns apart."""
