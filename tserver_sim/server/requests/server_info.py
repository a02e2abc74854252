"""What a T-Server says of itself, and what its clients are told when that changes."""

from dataclasses import dataclass
from enum import Enum

from bridge.tlib.enums import ServerRole


@dataclass(frozen=True, slots=True)
class Place:
    """A T-Server by its name, and where its clients find it."""

    application_name: str
    host: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What the T-Server says of itself. The start time is in seconds since 1970-01-01T00:00:00Z."""

    application_name: str
    start_time: int
    """Both members of a pair in hot standby say the same: that of the switch as they know it."""
    role: ServerRole = ServerRole.Primary
    is_informed: bool = True
    """Whether it knows the switch; a backup need not."""
    primary: Place | None = None
    """Of a pair: who leads."""


class Notice(Enum):
    """What clients are told."""

    LINK_DOWN = "EventLinkDisconnected"
    INFO = "EventServerInfo"
    PRIMARY = "EventPrimaryChanged"
    LINK_UP = "EventLinkConnected"


def notices(before: Identity, after: Identity) -> tuple[Notice, ...]:
    """Say what clients are told of a change, in order.

    A change of roles stands between EventLinkDisconnected and EventLinkConnected (hot standby in the
    deployment guides of T-Servers). Where the T-Server no longer knows the switch, EventLinkDisconnected
    comes last: nothing explains it, so that clients ask anew when EventLinkConnected comes.
    """
    moves = after.role is not before.role
    stays_informed = before.is_informed and after.is_informed
    told = (
        (Notice.LINK_DOWN, moves and stays_informed),
        (Notice.INFO, moves or after.start_time != before.start_time),
        (Notice.PRIMARY, moves),
        (Notice.LINK_DOWN, before.is_informed and not after.is_informed),
        (Notice.LINK_UP, after.is_informed and (moves or not before.is_informed)),
    )
    return tuple(notice for notice, applies in told if applies)
