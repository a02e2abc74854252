"""What a phone does with the calls that come to it, as plain data.

The same words serve a phone of the switch and somebody outside of it. `tserver_sim/phones` acts by them.
"""

from enum import Enum
from typing import TypeAlias

import msgspec


class Detected(Enum):
    """What is not a person, by the tones that it begins with."""

    MACHINE = "machine"
    """An answering machine."""
    FAX = "fax"


class Rings(msgspec.Struct, frozen=True, tag="rings"):
    """It rings until somebody answers by a request or by hand."""

    hangs_up_after: float | None = None
    """Seconds of talking after which the phone leaves the call; None: never."""


class Answers(msgspec.Struct, frozen=True, tag="answers"):
    """It answers by itself, after some seconds of ringing."""

    after: float
    hangs_up_after: float | None = None
    """Seconds of talking after which the phone leaves the call; None: never."""
    detected: Detected | None = None
    """What a predictive call finds there; None: a person."""


class Rejects(msgspec.Struct, frozen=True, tag="rejects"):
    """It does not want the call, after some seconds of ringing."""

    after: float


class Busy(msgspec.Struct, frozen=True, tag="busy"):
    """It takes no call."""


class Invalid(msgspec.Struct, frozen=True, tag="invalid"):
    """There is no such number. For numbers outside of the switch only."""


Manner: TypeAlias = Rings | Answers | Rejects | Busy | Invalid
"""What happens to one call."""


class Choice(msgspec.Struct, frozen=True):
    """One of several manners; the larger the weight, the more often."""

    weight: float
    manner: Manner


class Mix(msgspec.Struct, frozen=True, tag="mix"):
    """Chance chooses anew for every call."""

    choices: tuple[Choice, ...]


Behaviour: TypeAlias = Manner | Mix
"""What happens to all calls."""

MANUAL = Rings()
"""A phone of which nothing is known."""


def choose_manner(behaviour: Behaviour, chance: float) -> Manner:
    """Choose what happens to one call.

    Args:
        behaviour: what may happen.
        chance: from 0 up to, but not, 1; it falls on one of the choices of a mix.

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
    """Say whether a call finds the phone busy."""
    return isinstance(choose_manner(behaviour, chance), Busy)


def without_busy(behaviour: Behaviour) -> Behaviour:
    """Return what is left for a call that did not find the phone busy."""
    if not isinstance(behaviour, Mix):
        return behaviour
    choices = tuple([choice for choice in behaviour.choices if not isinstance(choice.manner, Busy)])
    return Mix(choices) if choices else MANUAL
