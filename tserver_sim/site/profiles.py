"""The profile of a switch in the site file: the name of one, or one with single knobs turned."""

from dataclasses import Field as Knob
from dataclasses import fields, replace
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, create_model

from bridge.runtime.sitefile import expected
from tserver_sim.site.values import SitePart
from tserver_sim.switch.config.profile import PROFILES, SIP_SERVER, SwitchProfile

ProfileName = Annotated[
    str, Field(pattern=f"^({'|'.join(PROFILES)})$"), expected(f"one of {', '.join(PROFILES)}")
]


class _BasePart(SitePart):
    base: ProfileName = SIP_SERVER.name
    """The profile that has all knobs which are not named."""

    @property
    def profile(self) -> SwitchProfile:
        """The profile as the switch knows it."""
        turned = {name: getattr(self, name) for name in self.model_fields_set - {"base"}}
        return replace(PROFILES[self.base], **turned)


def _value_of(knob: "Knob[Any]") -> Any:  # noqa: ANN401 (a type for pydantic)
    """Return the type of a knob in the site file: true or false, or one of the values of its enum."""
    if isinstance(knob.default, Enum):
        kind = type(knob.default)
        return Annotated[kind, expected(f"one of {', '.join(member.value for member in kind)}")]
    return Annotated[bool, Field(strict=True), expected("true or false")]


if TYPE_CHECKING:
    ProfilePart = _BasePart
else:  # the knobs stand in `SwitchProfile` alone
    ProfilePart = create_model(
        "ProfilePart",
        __base__=_BasePart,
        **{
            knob.name: (_value_of(knob), knob.default)
            for knob in fields(SwitchProfile)
            if knob.name != "name"
        },
    )


def _from_name(given: object) -> object:
    return {"base": given} if isinstance(given, str) else given


Profile = Annotated[ProfilePart, BeforeValidator(_from_name)]
"""`profile: acd-switch`, or `profile: {base: acd-switch, recalls: false}`."""
