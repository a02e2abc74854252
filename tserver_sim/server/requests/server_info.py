"""What clients know of a T-Server: name, role and start time, and the events that announce a change."""

from dataclasses import dataclass
from enum import Enum

from bridge.tlib.enums import ServerRole


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """The name of a T-Server, and the host and port that its clients connect to."""

    application_name: str
    host: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """Name, role and start time of a T-Server."""

    application_name: str
    start_time: int
    """ServerStartTime, in seconds since 1970-01-01T00:00:00Z; the same at both members in hot standby."""
    role: ServerRole = ServerRole.Primary
    is_informed: bool = True
    """Whether the state of the switch is known here. That of a backup may not be."""
    primary: ServerAddress | None = None
    """The primary of the pair; None without a pair."""


class ServerNotice(Enum):
    """An event that announces a change."""

    LINK_DOWN = "EventLinkDisconnected"
    INFO = "EventServerInfo"
    PRIMARY = "EventPrimaryChanged"
    LINK_UP = "EventLinkConnected"


def server_notices(before: ServerInfo, after: ServerInfo) -> tuple[ServerNotice, ...]:
    """Return the events that announce a change, in order.

    EventLinkDisconnected and EventLinkConnected enclose a change of roles (hot standby, in the deployment
    guides of T-Servers). If the state of the switch is lost, EventLinkDisconnected comes last; clients query
    everything again after the next EventLinkConnected.
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
