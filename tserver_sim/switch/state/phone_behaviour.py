"""The behaviour of a phone with the calls that come to it, as plain data.

The same words serve phones of the switch and phones outside. `tserver_sim/phones` carries them out.
"""

from enum import Enum
from typing import TypeAlias

import msgspec


class Detected(Enum):
    """What a predictive call can detect in place of a person."""

    MACHINE = "machine"
    """An answering machine."""
    FAX = "fax"


class Rings(msgspec.Struct, frozen=True, tag="rings"):
    """The phone rings until a request or command answers."""

    hangs_up_after: float | None = None
    """Seconds of talking after which the phone leaves the call; None: never."""


class Answers(msgspec.Struct, frozen=True, tag="answers"):
    """The phone answers by itself, after some seconds of ringing."""

    after: float
    hangs_up_after: float | None = None
    """Seconds of talking after which the phone leaves the call; None: never."""
    detected: Detected | None = None
    """What a predictive call detects there; None: a person."""


class Rejects(msgspec.Struct, frozen=True, tag="rejects"):
    """The phone rejects the call, after some seconds of ringing."""

    after: float


class Busy(msgspec.Struct, frozen=True, tag="busy"):
    """The phone takes no call."""


class Invalid(msgspec.Struct, frozen=True, tag="invalid"):
    """The number does not exist. For numbers outside of the switch only."""


Manner: TypeAlias = Rings | Answers | Rejects | Busy | Invalid
"""What the phone does with one call."""


class Choice(msgspec.Struct, frozen=True):
    """One manner of a mix; the larger the weight, the more often."""

    weight: float
    manner: Manner


class Mix(msgspec.Struct, frozen=True, tag="mix"):
    """Chance chooses the manner anew for every call."""

    choices: tuple[Choice, ...]


Behaviour: TypeAlias = Manner | Mix
"""What the phone does with all calls."""

MANUAL = Rings()
"""The default."""


def choose_manner(behaviour: Behaviour, chance: float) -> Manner:
    """Return what the phone does with one call.

    Args:
        behaviour: what the phone may do.
        chance: from 0 up to, but not, 1; it selects one of the choices of a mix.

    """
    if not isinstance(behaviour, Mix):
        return behaviour
    mark = chance * sum(choice.weight for choice in behaviour.choices)
    for choice in behaviour.choices:
        mark -= choice.weight
        if mark < 0:
            return choice.manner
    return behaviour.choices[-1].manner


def is_busy(behaviour: Behaviour, chance: float) -> bool:
    """Return whether a call finds the phone busy."""
    return isinstance(choose_manner(behaviour, chance), Busy)


def without_busy(behaviour: Behaviour) -> Behaviour:
    """Return the behaviour towards a call that did not find the phone busy."""
    if not isinstance(behaviour, Mix):
        return behaviour
    choices = tuple([choice for choice in behaviour.choices if not isinstance(choice.manner, Busy)])
    return Mix(choices) if choices else MANUAL
