"""Numbers in the site file: the dial plan, trunks, and external parties."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bridge.runtime.sitefile import expected, unexpected
from bridge.tlib.enums import CallState
from tserver_sim.site.phones import OutsidePhonePart
from tserver_sim.site.values import Name, SitePart
from tserver_sim.switch.numbering.dial_plan import PATTERN, Pattern, Rule
from tserver_sim.switch.numbering.trunks import Outside, TrunkGroup

_DIALLED = r"^[0-9*#+]{1,32}$"

Dialled = Annotated[str, Field(pattern=_DIALLED), expected("a string of up to 32 digits, *, # and +")]
PatternText = Annotated[
    str,
    Field(pattern=rf"^({PATTERN})$", max_length=64),
    expected("a string of digits, X for any digit, N for 2 to 9, and at the end . for what follows"),
]
DigitCount = Annotated[int, Field(ge=0, le=32, strict=True), expected("a number of digits, 0 to 32")]
LineCount = Annotated[int, Field(ge=0, le=100_000, strict=True), expected("a number of lines, 0 to 100000")]
InvalidReason = Annotated[
    Literal[
        "SitInvalidNum",
        "SitVacant",
        "SitIntercept",
        "SitUnknown",
        "SitNoCircuit",
        "SitReorder",
        "Busy",
        "AllTrunksBusy",
    ],
    expected(
        "one of SitInvalidNum, SitVacant, SitIntercept, SitUnknown, SitNoCircuit, SitReorder, Busy, "
        "AllTrunksBusy"
    ),
]


class TrunkPart(SitePart):
    """A trunk group."""

    name: Name
    lines: LineCount
    answer_supervision: bool = True

    @property
    def group(self) -> TrunkGroup:
        """The trunk group in the configuration of the switch."""
        return TrunkGroup(self.name, self.lines, self.answer_supervision)


class _NumberMatch(SitePart):
    prefix: Dialled | None = None
    pattern: PatternText | None = None

    @property
    def number_pattern(self) -> Pattern:
        """The numbers that it applies to."""
        return Pattern(f"{self.prefix}." if self.prefix is not None else self.pattern or "")


class RulePart(_NumberMatch):
    """A rule of the dial plan."""

    strip: DigitCount = 0
    prepend: Dialled | Literal[""] = ""
    trunk: Name | None = None
    invalid: InvalidReason | None = None

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        if (self.prefix is None) is (self.pattern is None):
            raise unexpected("either prefix or pattern")
        if self.trunk is not None and self.invalid is not None:
            raise unexpected("either trunk or invalid, or neither for a DN of the switch")
        return self

    @property
    def rule(self) -> Rule:
        """The rule in the configuration of the switch."""
        failure = None if self.invalid is None else CallState[self.invalid]
        return Rule(self.number_pattern, self.strip, self.prepend, self.trunk, failure)


class OutsidePart(_NumberMatch):
    """What the external parties with certain numbers do with calls."""

    number: Dialled | None = None
    phone: OutsidePhonePart

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        if [self.number, self.prefix, self.pattern].count(None) != 2:  # noqa: PLR2004 (all but one)
            raise unexpected("exactly one of number, prefix, pattern")
        return self

    @property
    def outside(self) -> Outside:
        """The entry in the configuration of the switch."""
        return Outside(Pattern(self.number) if self.number else self.number_pattern, self.phone.behaviour)
