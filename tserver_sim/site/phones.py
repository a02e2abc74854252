"""Phones in the site file and in the control API: what they do with calls by themselves."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from bridge.runtime.sitefile import expected, unexpected
from tserver_sim.site.values import Seconds, SitePart
from tserver_sim.switch.state.phone_behaviour import (
    Answers,
    Behaviour,
    Busy,
    Choice,
    Detected,
    Invalid,
    Manner,
    Mix,
    Rejects,
    Rings,
)

OnlyTrue = Annotated[Literal[True], expected("true, or no such key")]
DetectedKind = Annotated[Literal["machine", "fax"], expected("machine or fax")]
Weight = Annotated[float, Field(gt=0, le=1_000_000), expected("a number above 0, up to 1000000")]


T = TypeVar("T")


def _not_empty(parts: tuple[T, ...]) -> tuple[T, ...]:
    if not parts:
        raise unexpected("a list with at least one entry")
    return parts


class MannerPart(SitePart):
    """What a phone does with one call: exactly one manner, and when it hangs up."""

    answers_after: Seconds | None = None
    rejects_after: Seconds | None = None
    never: OnlyTrue | None = None
    """It rings until it is answered by a request or by the control API."""
    busy: OnlyTrue | None = None
    hangs_up_after: Seconds | None = None
    """Seconds of talking after which the phone hangs up."""

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        given = tuple(self._given_manners())
        talks = given in ((), ("answers_after",), ("never",))
        if len(given) > 1 or (not given and self.hangs_up_after is None):
            known = ", ".join(name for name in type(self).model_fields if name not in _NOT_MANNERS)
            raise unexpected(f"exactly one of {known}")
        if self.hangs_up_after is not None and not talks:
            raise unexpected(f"a phone that talks; one with {given[0]} has no use for hangs_up_after")
        return self

    def _given_manners(self) -> Iterator[str]:
        for name in type(self).model_fields:
            if name not in _NOT_MANNERS and getattr(self, name) is not None:
                yield name

    @property
    def manner(self) -> Manner:
        """The same as the switch knows it."""
        if self.answers_after is not None:
            return Answers(self.answers_after, self.hangs_up_after)
        if self.rejects_after is not None:
            return Rejects(self.rejects_after)
        return Busy() if self.busy else Rings(self.hangs_up_after)


_NOT_MANNERS = ("hangs_up_after", "weight", "detected")


class ChoicePart(MannerPart):
    """One of the manners of a mix."""

    weight: Weight


class PhonePart(MannerPart):
    """What a phone does with its calls."""

    mix: Annotated[tuple[ChoicePart, ...], AfterValidator(_not_empty)] | None = None
    """One of these is chosen at random for each call, by weight."""

    @property
    def behaviour(self) -> Behaviour:
        """The behaviour in the configuration of the switch."""
        return self.manner if self.mix is None else _mix(self.mix)


class OutsideMannerPart(MannerPart):
    """What an external party does with one call."""

    invalid: OnlyTrue | None = None
    """The number does not exist."""
    detected: DetectedKind | None = None
    """What a predictive call detects when it is answered."""

    @model_validator(mode="after")
    def _check_detected(self) -> Self:
        if self.detected is not None and self.answers_after is None:
            raise unexpected("answers_after beside detected")
        return self

    @property
    def manner(self) -> Manner:
        """The same as the switch knows it."""
        if self.answers_after is not None and self.detected is not None:
            return Answers(self.answers_after, self.hangs_up_after, Detected(self.detected))
        return Invalid() if self.invalid else super().manner


class OutsideChoicePart(OutsideMannerPart):
    """One of the manners of a mix."""

    weight: Weight


class OutsidePhonePart(OutsideMannerPart):
    """What an external party does with calls."""

    mix: Annotated[tuple[OutsideChoicePart, ...], AfterValidator(_not_empty)] | None = None
    """One of these is chosen at random for each call, by weight."""

    @property
    def behaviour(self) -> Behaviour:
        """The behaviour in the configuration of the switch."""
        return self.manner if self.mix is None else _mix(self.mix)


def _mix(parts: tuple[ChoicePart, ...] | tuple[OutsideChoicePart, ...]) -> Mix:
    return Mix(tuple([Choice(part.weight, part.manner) for part in parts]))


def phone_part_of(behaviour: Behaviour) -> PhonePart:
    """Return the behaviour of a phone in the form of the site file."""
    if isinstance(behaviour, Mix):
        choices = [
            ChoicePart(weight=choice.weight, **_keys_of(choice.manner)) for choice in behaviour.choices
        ]
        return PhonePart(mix=tuple(choices))
    return PhonePart(**_keys_of(behaviour))


def _keys_of(manner: Manner) -> dict[str, Any]:
    match manner:
        case Answers(after, hangs_up_after):
            return {"answers_after": after, "hangs_up_after": hangs_up_after}
        case Rejects(after):
            return {"rejects_after": after}
        case Rings(hangs_up_after):
            return {"never": True, "hangs_up_after": hangs_up_after}
        case Busy():
            return {"busy": True}
        case Invalid():
            raise AssertionError("no phone of the switch has an invalid number")
