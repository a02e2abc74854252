"""The handle that an application gets of a client's session."""

from dataclasses import dataclass, field

import msgspec

from bridge.bayeux.core.channels import is_meta, is_pattern, normalise
from bridge.bayeux.core.server import Server


@dataclass(frozen=True, slots=True)
class RemoteSession:
    """One client's session. Equal to another if it is the same session; safe to keep after its end.

    Attributes:
        id: its `clientId`. A client that knows it may be able to act for this one, so it is not shown.
        user: the user; None if there are no users.

    """

    id: str = field(repr=False)
    user: str | None
    _server: Server = field(repr=False, compare=False)

    def deliver(self, channel: str, data: object) -> bool:
        """Send `data` to this session, whether or not it subscribed; False: it has ended.

        Raises:
            ValueError: events cannot be sent on this channel.

        """
        return bool(self._server.deliver_to(self.id, check_channel(channel), msgspec.json.encode(data)))

    def disconnect(self) -> None:
        """End the session; its client gets the advice not to reconnect."""
        self._server.disconnect(self.id)


def check_channel(channel: str) -> str:
    """Return the channel's name as the server knows it.

    Raises:
        ValueError: it is not a channel's name, a pattern, or a channel of the protocol itself.

    """
    name = normalise(channel)
    if name is None or is_pattern(name) or is_meta(name):
        raise ValueError(f"{channel!r} is not a channel that events are sent on")
    return name
