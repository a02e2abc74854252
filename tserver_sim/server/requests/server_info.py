"""What a T-Server says of itself, and what its clients are told when that changes."""

from dataclasses import dataclass
from enum import Enum

from bridge.tlib.enums import ServerRole


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A T-Server by its name, and where its clients find it."""

    application_name: str
    host: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What the T-Server says of itself. The start time is in seconds since 1970-01-01T00:00:00Z."""

    application_name: str
    start_time: int
    """Both members of a pair in hot standby say the same: that of the switch as they know it."""
    role: ServerRole = ServerRole.Primary
    is_informed: bool = True
    """Whether it knows the switch; a backup need not."""
    primary: ServerAddress | None = None
    """Of a pair: who leads."""


class ServerNotice(Enum):
    """What clients are told."""

    LINK_DOWN = "EventLinkDisconnected"
    INFO = "EventServerInfo"
    PRIMARY = "EventPrimaryChanged"
    LINK_UP = "EventLinkConnected"


def server_notices(before: ServerInfo, after: ServerInfo) -> tuple[ServerNotice, ...]:
    """Say what clients are told of a change, in order.

    A change of roles stands between EventLinkDisconnected and EventLinkConnected (hot standby in the
    deployment guides of T-Servers). Where the T-Server no longer knows the switch, EventLinkDisconnected
    comes last: nothing explains it, so that clients ask anew when EventLinkConnected comes.
    """
    is_role_changed = after.role is not before.role
    stays_informed = before.is_informed and after.is_informed
    candidates = (
        (ServerNotice.LINK_DOWN, is_role_changed and stays_informed),
        (ServerNotice.INFO, is_role_changed or after.start_time != before.start_time),
        (ServerNotice.PRIMARY, is_role_changed),
        (ServerNotice.LINK_DOWN, before.is_informed and not after.is_informed),
        (ServerNotice.LINK_UP, after.is_informed and (is_role_changed or not before.is_informed)),
    )
    return tuple(notice for notice, applies in candidates if applies)
