"""The rules by which the built-in router sends on the calls of a route point.

The rules stand in the site file. The first rule that fits decides; a rule with a percentage applies to that
share of the calls that no earlier rule took.
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
    """A treatment before the call is sent on, and its length in seconds."""

    type: TreatmentType
    seconds: float


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One rule: the calls that it is for, and where they go."""

    to: str
    """The number to which the call is sent."""
    dnis: Pattern | None = None
    """The DNIS values that it is for; None: all."""
    data: tuple[tuple[str, str], ...] = ()
    """Keys and values that the user data must have."""
    percent: float = ALL
    treatment: TimedTreatment | None = None

    def is_for(self, dnis: str, user_data: KVList) -> bool:
        """Return whether the rule is for a call with this DNIS and user data; the percentage is not asked."""
        if self.dnis is not None and not self.dnis.matches(dnis):
            return False
        given = {(key, str(value)) for key, value in user_data if isinstance(value, str | int)}
        return given.issuperset(self.data)


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """What the built-in router does at one route point."""

    rules: tuple[RouteRule, ...] = ()
    default: str = ""
    """Where a call goes that no router has routed; empty: nowhere."""


def first_matching(
    rules: Iterable[RouteRule], dnis: str, user_data: KVList, draw: Callable[[], float]
) -> RouteRule | None:
    """Return the first rule that fits a call.

    Args:
        rules: the rules of the route point, in order.
        dnis: the call's DNIS.
        user_data: the call's user data.
        draw: returns a chance from 0 up to, but not, 1. Called only for a rule with a percentage.

    """
    for rule in rules:
        if rule.is_for(dnis, user_data) and (rule.percent >= ALL or draw() * ALL < rule.percent):
            return rule
    return None
