"""The role of a pair member as a state machine: all transitions, in one table per standby type.

Source of the roles: T-Library Events and Models, and hot and warm standby in the deployment guides of
T-Servers. How two members agree on their roles is this project's own.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias


class ConfiguredRole(Enum):
    """The place of a member in the site file. Its current role may be the other one."""

    PRIMARY = "primary"
    BACKUP = "backup"


class StandbyType(Enum):
    """What a backup knows of the switch."""

    HOT = "hot"
    """Everything that the primary knows."""
    WARM = "warm"
    """Nothing: after the role has moved there are no calls and no logged-in agents."""


class PairRole(Enum):
    """The current role of a member. The values are read by people, in the control API and in logs."""

    STARTING = "has just been started and looks for the other one"
    PRIMARY = "leads; nobody follows"
    PRIMARY_REPLICATING = "leads; the backup has all it knows"
    BACKUP_NOT_SYNCED = "backup; does not know what the primary knows"
    BACKUP_IN_SYNC = "backup; knows all that the primary has told anybody"


PRIMARY_ROLES = frozenset({PairRole.PRIMARY, PairRole.PRIMARY_REPLICATING})
"""The roles in which a member leads."""

INFORMED_ROLES = PRIMARY_ROLES | {PairRole.BACKUP_IN_SYNC}
"""The roles in which a member knows the state of the switch."""


class RoleInput(Enum):
    """What can happen to a member."""

    UNREACHED = "the other member could not be reached when this one started"
    NOBODY_LEADS = "both are connected, neither leads, and this one is the primary of the site file"
    MET_PRIMARY = "the other member is connected and leads from now on"
    MET_BACKUP = "the other member is connected and is the backup from now on"
    LOST = "the connection to the other member is lost"
    REPLACED = "the other member has opened a new connection; the old one is closed"
    RESTORED = "the state of the primary has been restored here"
    DIVERGED = "an entry of the primary's log cannot be repeated here"
    HANDED = "the primary has handed over its role"
    PROMOTE = "command: lead; the other member is not connected"
    DEMOTE = "command, or request of the backup: hand over the role"


class RoleEffect(Enum):
    """What a transition does."""

    BEGIN = "lead with an empty switch"
    TAKE_OVER = "lead with the state of the switch that is known here"
    SEND_IMAGE = "send the whole state to the backup, and defer frames to clients from now on"
    HAND_OVER = "hand the role over to the other member"
    RELEASE = "deliver the deferred frames"


class RoleTransition(NamedTuple):
    """The role after an input, and the effects of the transition, in this order."""

    role: PairRole
    effects: tuple[RoleEffect, ...] = ()


RoleTable: TypeAlias = Mapping[tuple[PairRole, RoleInput], RoleTransition]
"""An input without a row is ignored in that role."""

_R, _I, _E = PairRole, RoleInput, RoleEffect

_COMMON: RoleTable = {
    (_R.STARTING, _I.UNREACHED): RoleTransition(_R.PRIMARY, (_E.BEGIN,)),
    (_R.STARTING, _I.LOST): RoleTransition(_R.PRIMARY, (_E.BEGIN,)),
    (_R.STARTING, _I.PROMOTE): RoleTransition(_R.PRIMARY, (_E.BEGIN,)),
    (_R.STARTING, _I.MET_PRIMARY): RoleTransition(_R.BACKUP_NOT_SYNCED),
    (_R.BACKUP_NOT_SYNCED, _I.PROMOTE): RoleTransition(_R.PRIMARY, (_E.BEGIN,)),
    (_R.PRIMARY, _I.MET_PRIMARY): RoleTransition(_R.BACKUP_NOT_SYNCED),
}

_HOT: RoleTable = {
    (_R.STARTING, _I.NOBODY_LEADS): RoleTransition(_R.PRIMARY_REPLICATING, (_E.BEGIN, _E.SEND_IMAGE)),
    (_R.BACKUP_NOT_SYNCED, _I.NOBODY_LEADS): RoleTransition(
        _R.PRIMARY_REPLICATING, (_E.BEGIN, _E.SEND_IMAGE)
    ),
    (_R.PRIMARY, _I.MET_BACKUP): RoleTransition(_R.PRIMARY_REPLICATING, (_E.SEND_IMAGE,)),
    (_R.PRIMARY_REPLICATING, _I.LOST): RoleTransition(_R.PRIMARY, (_E.RELEASE,)),
    (_R.PRIMARY_REPLICATING, _I.REPLACED): RoleTransition(_R.PRIMARY, (_E.RELEASE,)),
    (_R.PRIMARY_REPLICATING, _I.DEMOTE): RoleTransition(_R.BACKUP_IN_SYNC, (_E.HAND_OVER,)),
    (_R.BACKUP_NOT_SYNCED, _I.RESTORED): RoleTransition(_R.BACKUP_IN_SYNC),
    (_R.BACKUP_IN_SYNC, _I.HANDED): RoleTransition(_R.PRIMARY_REPLICATING, (_E.TAKE_OVER,)),
    (_R.BACKUP_IN_SYNC, _I.LOST): RoleTransition(_R.PRIMARY, (_E.RELEASE, _E.TAKE_OVER)),
    (_R.BACKUP_IN_SYNC, _I.REPLACED): RoleTransition(_R.BACKUP_NOT_SYNCED, (_E.RELEASE,)),
    (_R.BACKUP_IN_SYNC, _I.DIVERGED): RoleTransition(_R.BACKUP_NOT_SYNCED, (_E.RELEASE,)),
}
"""BACKUP_NOT_SYNCED has no row for LOST: the primary may have calls that this backup does not know."""

_WARM: RoleTable = {
    (_R.STARTING, _I.NOBODY_LEADS): RoleTransition(_R.PRIMARY, (_E.BEGIN,)),
    (_R.BACKUP_NOT_SYNCED, _I.NOBODY_LEADS): RoleTransition(_R.PRIMARY, (_E.BEGIN,)),
    (_R.BACKUP_NOT_SYNCED, _I.LOST): RoleTransition(_R.PRIMARY, (_E.BEGIN,)),
    (_R.BACKUP_NOT_SYNCED, _I.HANDED): RoleTransition(_R.PRIMARY, (_E.BEGIN,)),
    (_R.PRIMARY, _I.DEMOTE): RoleTransition(_R.BACKUP_NOT_SYNCED, (_E.HAND_OVER,)),
}

ROLE_TRANSITIONS: Mapping[StandbyType, RoleTable] = {
    StandbyType.HOT: {**_COMMON, **_HOT},
    StandbyType.WARM: {**_COMMON, **_WARM},
}

INITIAL_ROLES: Mapping[ConfiguredRole, PairRole] = {
    ConfiguredRole.PRIMARY: PairRole.STARTING,
    ConfiguredRole.BACKUP: PairRole.BACKUP_NOT_SYNCED,
}
"""The role in which a member starts, by its place in the site file."""
