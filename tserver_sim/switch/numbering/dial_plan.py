"""The dial plan: where numbers lead that are no DNs of the switch.

A rule is for the numbers that match its pattern; the first that matches decides. It leads out of the switch
through a trunk group, or gives the reason why the number cannot be called, or, with neither, leads to a DN of
the switch.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from bridge.tlib.enums import CallState

PATTERN = r"[0-9XN*#+]+\.?|\."
"""The syntax of a pattern."""

_WILDCARDS = {"X": "[0-9]", "N": "[2-9]", ".": ".+"}


@dataclass(frozen=True)
class Pattern:
    """A set of numbers: digits, `X` for any digit, `N` for 2 to 9, at the end `.` for the rest."""

    text: str

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        text = "".join([_WILDCARDS.get(character) or re.escape(character) for character in self.text])
        return re.compile(text, re.ASCII | re.DOTALL)

    def matches(self, number: str) -> bool:
        """Return whether a number matches. A `.` stands for at least one character."""
        return self._expression.fullmatch(number) is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the numbers that it is for, how it rewrites them, and where it leads."""

    pattern: Pattern
    strip: int = 0
    """How many characters are removed from the beginning."""
    prepend: str = ""
    """What is put before the rest."""
    trunk: str | None = None
    """The trunk group through which the call leaves the switch."""
    failure: CallState | None = None
    """The CallState with which the call fails; only without a trunk."""

    def rewrite(self, number: str) -> str:
        """Return the number as it is called."""
        return self.prepend + number[self.strip :]


def rule_for(rules: Iterable[Rule], number: str) -> Rule | None:
    """Return the first rule that matches a number, if any."""
    return next((rule for rule in rules if rule.pattern.matches(number)), None)
