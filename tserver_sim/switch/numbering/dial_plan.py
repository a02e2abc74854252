"""Which numbers lead where, besides the switch's own DNs.

A rule is for the numbers that fit its pattern; the first that fits decides. It leads out of the switch
through a trunk group, or tells why the number cannot be called, or, with neither, to a DN of the switch.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from bridge.tlib.enums import CallState

PATTERN = r"[0-9XN*#+]+\.?|\."
"""What a pattern may be made of."""

_WILDCARDS = {"X": "[0-9]", "N": "[2-9]", ".": ".+"}


@dataclass(frozen=True)
class Pattern:
    """Numbers that are alike: digits, `X` for any digit, `N` for 2 to 9, at the end `.` for the rest."""

    text: str

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        text = "".join([_WILDCARDS.get(character) or re.escape(character) for character in self.text])
        return re.compile(text, re.ASCII | re.DOTALL)

    def matches(self, number: str) -> bool:
        """Say whether it is one of these numbers. What follows at a `.` is at least one character."""
        return self._expression.fullmatch(number) is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it is for, what becomes of the number, and where it leads."""

    pattern: Pattern
    strip: int = 0
    """How many characters of the number are left out at its beginning."""
    prepend: str = ""
    """What is put before the rest."""
    trunk: str | None = None
    """The trunk group through which the call leaves the switch."""
    failure: CallState | None = None
    """Why the number cannot be called; only without a trunk."""

    def rewrite(self, number: str) -> str:
        """Return the number as it is called in the end."""
        return self.prepend + number[self.strip :]


def rule_for(rules: Iterable[Rule], number: str) -> Rule | None:
    """Find the rule for a number."""
    return next((rule for rule in rules if rule.pattern.matches(number)), None)
