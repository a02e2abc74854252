"""The plan of a treatment: how long it lasts, and which digits it collects.

The keys of TreatmentParms that count are DURATION and, for digits, MAX_DIGITS, TERM_DIGITS, START_TIMEOUT,
DIGIT_TIMEOUT and TOTAL_TIMEOUT, all times in seconds; DEST for the default route. Others are accepted and
have no effect, because there is no sound here.
"""

import re
from dataclasses import dataclass

from bridge.tlib.enums import TreatmentType
from bridge.tlib.kv import KVList
from tserver_sim.switch.operations.media.dtmf_digits import MAX_DIGITS, TONES

DESTINATION = "DEST"
"""The key of the number that SetDefaultRoute sets."""

MAX_SECONDS = 86_400

_FIRST_DIGIT, _NEXT_DIGIT = 10, 5
"""Default seconds to wait for a digit."""

_WHOLE = re.compile("[0-9]{1,9}")

_T = TreatmentType

UNTIL_REPLACED = frozenset({_T.Music, _T.RingBack, _T.Silence, _T.Busy, _T.FastBusy})
"""Without a DURATION they last until another treatment begins, or the call leaves."""
_PLAYED_FIRST = frozenset({_T.PlayAnnouncementAndDigits, _T.TextToSpeechAndDigits})
_FOR_DIGITS = _PLAYED_FIRST | {_T.CollectDigits, _T.VerifyDigits}


class TreatmentParmsError(ValueError):
    """TreatmentParms with which the treatment is impossible; the text says why."""


@dataclass(frozen=True, slots=True)
class DigitPlan:
    """Which digits are collected."""

    wanted: int
    """The number of digits that ends the treatment."""
    terminators: str
    """Digits of which one ends the treatment, too."""
    between: float
    """Seconds to wait after each digit."""
    total: float
    """Seconds after which the collection ends in any case."""


@dataclass(frozen=True, slots=True)
class TreatmentPlan:
    """The end of a treatment."""

    seconds: float | None
    """How long it lasts; None: until another one begins, or the call leaves."""
    digits: DigitPlan | None = None


def plan_treatment(kind: TreatmentType, parms: KVList, default: float) -> TreatmentPlan:
    """Return the plan of a treatment.

    Args:
        kind: the type of the treatment.
        parms: the TreatmentParms.
        default: the seconds of a treatment without a DURATION.

    Raises:
        TreatmentParmsError: the treatment is impossible with them.

    """
    if kind in UNTIL_REPLACED and parms.first("DURATION") is None:
        return TreatmentPlan(None)
    played = _number(parms, "DURATION", default, MAX_SECONDS)
    if kind not in _FOR_DIGITS:
        return TreatmentPlan(played)
    plan = DigitPlan(
        wanted=_wanted(parms),
        terminators=_terminators(parms),
        between=_number(parms, "DIGIT_TIMEOUT", _NEXT_DIGIT, MAX_SECONDS),
        total=_number(parms, "TOTAL_TIMEOUT", MAX_SECONDS, MAX_SECONDS),
    )
    first = _number(parms, "START_TIMEOUT", _FIRST_DIGIT, MAX_SECONDS)
    return TreatmentPlan(min(first + (played if kind in _PLAYED_FIRST else 0), plan.total), plan)


def _number(parms: KVList, key: str, default: float, most: int) -> float:
    """Return a number that may be given as text."""
    value = parms.first(key)
    if value is None:
        return float(default)
    number = int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value
    if not isinstance(number, int) or not 0 <= number <= most:
        raise TreatmentParmsError(f"{key}: expected a number from 0 to {most}")
    return float(number)


def _wanted(parms: KVList) -> int:
    wanted = int(_number(parms, "MAX_DIGITS", 1, MAX_DIGITS))
    if not wanted:
        raise TreatmentParmsError("MAX_DIGITS: expected at least one")
    return wanted


def _terminators(parms: KVList) -> str:
    value = parms.first("TERM_DIGITS")
    if value is None:
        return "#"
    text = str(value).upper()
    if not TONES.issuperset(text):
        raise TreatmentParmsError("TERM_DIGITS: expected digits, *, # and A to D")
    return text
