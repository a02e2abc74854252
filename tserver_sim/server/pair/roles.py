"""How a member of a pair moves from role to role: every legal step, and no other.

Source of the roles: T-Library Events and Models and the deployment guides of T-Servers, hot and warm standby.
How two members agree is this project's own.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias


class ConfiguredRole(Enum):
    """Which member of a pair a T-Server is in the site file; its role may be the other one."""

    PRIMARY = "primary"
    BACKUP = "backup"


class StandbyType(Enum):
    """What a backup knows."""

    HOT = "hot"
    """All that the primary knows."""
    WARM = "warm"
    """Nothing: after a move there are no calls, and nobody is logged in."""


class PairRole(Enum):
    """What a member is at the moment."""

    STARTING = "has just been started and looks for the other one"
    PRIMARY = "leads; nobody follows"
    PRIMARY_REPLICATING = "leads; the backup has all it knows"
    BACKUP_NOT_SYNCED = "backup; does not know what the primary knows"
    BACKUP_IN_SYNC = "backup; knows all that the primary has told anybody"


PRIMARY_ROLES = frozenset({PairRole.PRIMARY, PairRole.PRIMARY_REPLICATING})
"""In these roles a member is the primary."""

INFORMED_ROLES = PRIMARY_ROLES | {PairRole.BACKUP_IN_SYNC}
"""In these roles a member knows the switch."""


class RoleInput(Enum):
    """What can happen to a member."""

    UNREACHED = "the other one was not there when this one started"
    NOBODY_LEADS = "both have met, neither is the primary, and this one is in the site file as the primary"
    MET_PRIMARY = "the other one is there and is to lead"
    MET_BACKUP = "the other one is there and is to follow"
    LOST = "the other one is gone"
    REPLACED = "the other one has connected anew; it has given this connection up already"
    RESTORED = "what the primary knows has been taken over"
    DIVERGED = "what the primary did cannot be repeated here"
    HANDED = "the primary hands its role over"
    PROMOTE = "somebody wants this one to lead, and the other one is not there"
    DEMOTE = "somebody wants the other one to lead"


class RoleEffect(Enum):
    """What a step brings with it."""

    BEGIN = "lead, with a switch on which nothing has happened"
    TAKE_OVER = "lead, with the switch as it is known here"
    SEND_IMAGE = "send all that is known; hold from now on what clients are told"
    HAND_OVER = "give the role away"
    RELEASE = "let go what was held for the backup's sake"


class RoleTransition(NamedTuple):
    """Where an input leads, and what is done on the way, in this order."""

    role: PairRole
    effects: tuple[RoleEffect, ...] = ()


RoleTable: TypeAlias = Mapping[tuple[PairRole, RoleInput], RoleTransition]
"""What is not in it does not move a member."""

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
"""A backup that is not in step does not take the role of a primary that it loses: there may be calls."""

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
"""The role in which a member starts."""
