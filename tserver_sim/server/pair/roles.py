"""How a member of a pair moves from role to role: every legal step, and no other.

Source of the roles: T-Library Events and Models and the deployment guides of T-Servers, hot and warm standby.
How two members agree is this project's own.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias


class Member(Enum):
    """Which member of a pair a T-Server is in the site file; its role may be the other one."""

    PRIMARY = "primary"
    BACKUP = "backup"


class Redundancy(Enum):
    """What a backup knows."""

    HOT = "hot"
    """All that the primary knows."""
    WARM = "warm"
    """Nothing: after a move there are no calls, and nobody is logged in."""


class Role(Enum):
    """What a member is at the moment."""

    SEEKING = "has just been started and looks for the other one"
    PRIMARY = "leads; nobody follows"
    MIRRORED = "leads; the backup has all it knows"
    WAITING = "backup; does not know what the primary knows"
    IN_STEP = "backup; knows all that the primary has told anybody"


LEADS = frozenset({Role.PRIMARY, Role.MIRRORED})
"""In these roles a member is the primary."""

INFORMED = LEADS | {Role.IN_STEP}
"""In these roles a member knows the switch."""


class Input(Enum):
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


class Effect(Enum):
    """What a step brings with it."""

    BEGIN = "lead, with a switch on which nothing has happened"
    TAKE_OVER = "lead, with the switch as it is known here"
    SEND_IMAGE = "send all that is known; hold from now on what clients are told"
    HAND_OVER = "give the role away"
    RELEASE = "let go what was held for the backup's sake"


class Step(NamedTuple):
    """Where an input leads, and what is done on the way, in this order."""

    role: Role
    effects: tuple[Effect, ...] = ()


Table: TypeAlias = Mapping[tuple[Role, Input], Step]
"""What is not in it does not move a member."""

_R, _I, _E = Role, Input, Effect

_BOTH: Table = {
    (_R.SEEKING, _I.UNREACHED): Step(_R.PRIMARY, (_E.BEGIN,)),
    (_R.SEEKING, _I.LOST): Step(_R.PRIMARY, (_E.BEGIN,)),
    (_R.SEEKING, _I.PROMOTE): Step(_R.PRIMARY, (_E.BEGIN,)),
    (_R.SEEKING, _I.MET_PRIMARY): Step(_R.WAITING),
    (_R.WAITING, _I.PROMOTE): Step(_R.PRIMARY, (_E.BEGIN,)),
    (_R.PRIMARY, _I.MET_PRIMARY): Step(_R.WAITING),
}

_HOT: Table = {
    (_R.SEEKING, _I.NOBODY_LEADS): Step(_R.MIRRORED, (_E.BEGIN, _E.SEND_IMAGE)),
    (_R.WAITING, _I.NOBODY_LEADS): Step(_R.MIRRORED, (_E.BEGIN, _E.SEND_IMAGE)),
    (_R.PRIMARY, _I.MET_BACKUP): Step(_R.MIRRORED, (_E.SEND_IMAGE,)),
    (_R.MIRRORED, _I.LOST): Step(_R.PRIMARY, (_E.RELEASE,)),
    (_R.MIRRORED, _I.REPLACED): Step(_R.PRIMARY, (_E.RELEASE,)),
    (_R.MIRRORED, _I.DEMOTE): Step(_R.IN_STEP, (_E.HAND_OVER,)),
    (_R.WAITING, _I.RESTORED): Step(_R.IN_STEP),
    (_R.IN_STEP, _I.HANDED): Step(_R.MIRRORED, (_E.TAKE_OVER,)),
    (_R.IN_STEP, _I.LOST): Step(_R.PRIMARY, (_E.RELEASE, _E.TAKE_OVER)),
    (_R.IN_STEP, _I.REPLACED): Step(_R.WAITING, (_E.RELEASE,)),
    (_R.IN_STEP, _I.DIVERGED): Step(_R.WAITING, (_E.RELEASE,)),
}
"""A backup that is not in step does not take the role of a primary that it loses: there may be calls."""

_WARM: Table = {
    (_R.SEEKING, _I.NOBODY_LEADS): Step(_R.PRIMARY, (_E.BEGIN,)),
    (_R.WAITING, _I.NOBODY_LEADS): Step(_R.PRIMARY, (_E.BEGIN,)),
    (_R.WAITING, _I.LOST): Step(_R.PRIMARY, (_E.BEGIN,)),
    (_R.WAITING, _I.HANDED): Step(_R.PRIMARY, (_E.BEGIN,)),
    (_R.PRIMARY, _I.DEMOTE): Step(_R.WAITING, (_E.HAND_OVER,)),
}

STEPS: Mapping[Redundancy, Table] = {
    Redundancy.HOT: {**_BOTH, **_HOT},
    Redundancy.WARM: {**_BOTH, **_WARM},
}

FIRST: Mapping[Member, Role] = {Member.PRIMARY: Role.SEEKING, Member.BACKUP: Role.WAITING}
"""The role in which a member starts."""
