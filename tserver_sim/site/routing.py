"""Route points in the site file: the rules of the built-in router, and the default destination."""

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
    """What is played to a call before it is routed."""

    type: Annotated[
        Literal["music", "ring_back", "silence", "announcement", "ivr"],
        expected(f"one of {', '.join(_TREATMENTS)}"),
    ]
    seconds: Duration

    @property
    def treatment(self) -> TimedTreatment:
        """The treatment in the configuration of the switch."""
        return TimedTreatment(_TREATMENTS[self.type], self.seconds)


class RouteRulePart(SitePart):
    """A rule: the calls that it applies to, and their destination."""

    to: Dialled
    dnis: PatternText | None = None
    data: dict[Key, StrictStr | StrictInt] = Field(default_factory=dict)
    percent: Percent = ALL
    treatment: TreatmentPart | None = None

    @property
    def rule(self) -> RouteRule:
        """The rule in the configuration of the switch."""
        return RouteRule(
            to=self.to,
            dnis=None if self.dnis is None else Pattern(self.dnis),
            data=tuple((key, str(value)) for key, value in self.data.items()),
            percent=self.percent,
            treatment=None if self.treatment is None else self.treatment.treatment,
        )


class RoutingPart(SitePart):
    """How calls at a route point are routed without a router."""

    rules: tuple[RouteRulePart, ...] = ()
    default: Dialled | None = None

    @property
    def plan(self) -> RoutePlan:
        """The plan in the configuration of the switch."""
        return RoutePlan(tuple(part.rule for part in self.rules), self.default or "")
