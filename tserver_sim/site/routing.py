"""Route points in the site file: rules of the built-in router, and where calls go by default."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StrictInt, StrictStr

from bridge.runtime.sitefile import expected
from bridge.tlib.enums import TreatmentType
from tserver_sim.site.numbers import Dialled, PatternText
from tserver_sim.site.values import Duration, SitePart
from tserver_sim.switch.config.route_rules import ALL, RoutePlan, RouteRule, TimedTreatment
from tserver_sim.switch.numbering.dial_plan import Pattern

Percent = Annotated[float, Field(gt=0, le=100), expected("a percentage above 0, up to 100")]
Key = Annotated[str, Field(min_length=1, max_length=255), expected("a key of 1 to 255 characters")]

_TREATMENTS: Mapping[str, TreatmentType] = {
    "music": TreatmentType.Music,
    "ring_back": TreatmentType.RingBack,
    "silence": TreatmentType.Silence,
    "announcement": TreatmentType.PlayAnnouncement,
    "ivr": TreatmentType.IVR,
}


class TreatmentPart(SitePart):
    """What a call hears before it is sent on."""

    type: Annotated[
        Literal["music", "ring_back", "silence", "announcement", "ivr"],
        expected(f"one of {', '.join(_TREATMENTS)}"),
    ]
    seconds: Duration

    @property
    def treatment(self) -> TimedTreatment:
        """The same as the switch knows it."""
        return TimedTreatment(_TREATMENTS[self.type], self.seconds)


class RouteRulePart(SitePart):
    """A rule: for which calls, and where they go."""

    to: Dialled
    dnis: PatternText | None = None
    data: dict[Key, StrictStr | StrictInt] = Field(default_factory=dict)
    percent: Percent = ALL
    treatment: TreatmentPart | None = None

    @property
    def rule(self) -> RouteRule:
        """The same as the switch knows it."""
        return RouteRule(
            to=self.to,
            dnis=None if self.dnis is None else Pattern(self.dnis),
            data=tuple((key, str(value)) for key, value in self.data.items()),
            percent=self.percent,
            treatment=None if self.treatment is None else self.treatment.treatment,
        )


class RoutingPart(SitePart):
    """What a route point does by itself."""

    rules: tuple[RouteRulePart, ...] = ()
    default: Dialled | None = None

    @property
    def plan(self) -> RoutePlan:
        """The same as the switch knows it."""
        return RoutePlan(tuple(part.rule for part in self.rules), self.default or "")
