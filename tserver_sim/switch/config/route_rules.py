"""Where the built-in router sends the calls of a route point.

The rules stand in the site file. The first one that fits decides; a rule with a percentage fits that part of
the calls that come as far as to it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bridge.tlib.enums import TreatmentType
from bridge.tlib.kv import KVList
from tserver_sim.switch.numbering.dial_plan import Pattern

ALL = 100.0
"""Per cent."""


@dataclass(frozen=True, slots=True)
class TimedTreatment:
    """What a call hears before it is sent on, and for how many seconds."""

    type: TreatmentType
    seconds: float


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One rule: which calls it is for, and what becomes of them."""

    to: str
    """The number to which the call is sent."""
    dnis: Pattern | None = None
    """The numbers first dialled that it is for; None: all."""
    data: tuple[tuple[str, str], ...] = ()
    """Keys and values that the user data must have."""
    percent: float = ALL
    treatment: TimedTreatment | None = None

    def is_for(self, dnis: str, user_data: KVList) -> bool:
        """Say whether it is for such a call, whatever chance says."""
        if self.dnis is not None and not self.dnis.matches(dnis):
            return False
        given = {(key, str(value)) for key, value in user_data if isinstance(value, str | int)}
        return given.issuperset(self.data)


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """What a route point does by itself."""

    rules: tuple[RouteRule, ...] = ()
    default: str = ""
    """Where a call goes with which no router does anything; empty: nowhere."""


def first_matching(
    rules: Iterable[RouteRule], dnis: str, user_data: KVList, draw: Callable[[], float]
) -> RouteRule | None:
    """Find the rule for a call.

    Args:
        rules: those of the route point, the first one first.
        dnis: the number first dialled.
        user_data: the call's.
        draw: asks chance: gives a number from 0 up to, but not, 1. Asked only where a rule is for a part of
            such calls.

    """
    for rule in rules:
        if rule.is_for(dnis, user_data) and (rule.percent >= ALL or draw() * ALL < rule.percent):
            return rule
    return None
