"""The simulator's part of the site file: the switches, their DNs and phones."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from bridge.runtime.sitefile import Loc, expected, read
from bridge.tlib.enums import AddressType
from bridge.tlib.kv import INT_MAX, INT_MIN, KVList
from tserver_sim.switch.engine import SwitchConfig
from tserver_sim.switch.locations import Location

Name = Annotated[
    str,
    Field(pattern=r"^[\w.-]{1,64}$"),
    expected("a name of up to 64 letters, digits, dots, hyphens and underscores"),
]
Digits = Annotated[str, Field(pattern=r"^[0-9]{1,32}$"), expected("a string of up to 32 digits")]
Port = Annotated[int, Field(ge=0, le=65535, strict=True), expected("a port, 0 to 65535")]
ConnIdBase = Annotated[
    str,
    Field(pattern=r"^[0-7][0-9a-f]{12}000$"),
    expected("a string of 16 lower-case hex digits, from 0 to 7 the first and 000 the last"),
]
CallUuidPrefix = Annotated[
    str,
    Field(pattern=r"^[0-9A-V]{25}[048CGKOS]$"),
    expected("a string of 26 digits 0-9 and A-V, the last one of 048CGKOS"),
]
Extension = Annotated[
    StrictStr | Annotated[StrictInt, Field(ge=INT_MIN, le=INT_MAX)], expected("a string or a 32-bit integer")
]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False), expected("seconds, 0 to 86400")]

_DN_TYPES: Mapping[str, AddressType] = {
    "extension": AddressType.DN,
    "route_point": AddressType.RouteDN,
    "acd_queue": AddressType.Queue,
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PhonePart(_Part):
    """A phone that answers by itself."""

    answers_after: Seconds


class DNPart(_Part):
    """A DN. Without `phone` it rings until an agent answers."""

    number: Digits
    type: Literal["extension", "route_point", "acd_queue"] = "extension"
    phone: PhonePart | None = None


class IdsPart(_Part):
    """What the ids of calls start with."""

    call_uuid_prefix: CallUuidPrefix
    conn_id_base: ConnIdBase


class TServerPart(_Part):
    """The T-Server in front of a switch."""

    application: Name
    port: Port
    password: str | None = Field(None, repr=False)


class SwitchPart(_Part):
    """A switch."""

    name: Name
    tserver: TServerPart
    ids: IdsPart
    extensions: dict[str, Extension] = Field(default_factory=dict)
    ring_timeout: Annotated[float, Field(gt=0, le=86_400), expected("seconds, up to 86400")] | None = None
    dns: tuple[DNPart, ...]

    @property
    def location(self) -> Location:
        """What a request may call this switch."""
        return Location(self.name, self.tserver.application)

    @property
    def answering_times(self) -> Mapping[str, float]:
        """After how many seconds each phone answers that does so by itself."""
        return {dn.number: dn.phone.answers_after for dn in self.dns if dn.phone}


class SimSite(_Part):
    """The site file as the simulator sees it."""

    switches: tuple[SwitchPart, ...]
    contact_centers: Any = None
    """Not the simulator's business."""

    def switch_config(self, part: SwitchPart) -> SwitchConfig:
        """Return what one of the switches is built from."""
        return SwitchConfig(
            location=part.location,
            dns={dn.number: _DN_TYPES[dn.type] for dn in part.dns},
            extensions=KVList(part.extensions.items()) or None,
            ring_timeout=part.ring_timeout,
            other_locations=tuple(other.location for other in self.switches if other is not part),
        )


def read_site(path: Path) -> SimSite:
    """Read the simulator's part of a site file.

    Raises:
        SiteFileError: the file cannot be used; the text tells all faults, one per line.

    """
    return read(path, SimSite, _faults)


def _faults(site: SimSite) -> Iterator[tuple[Loc, str]]:
    parts = site.switches
    if not parts:
        yield ("switches",), "expected at least one switch"
    yield from _repeated({("switches", i, "name"): part.name for i, part in enumerate(parts)})
    yield from _repeated(
        {("switches", i, "tserver", "application"): part.tserver.application for i, part in enumerate(parts)}
    )
    yield from _repeated(
        {("switches", i, "tserver", "port"): part.tserver.port or None for i, part in enumerate(parts)}
    )
    yield from _repeated(
        {("switches", i, "ids", "call_uuid_prefix"): p.ids.call_uuid_prefix for i, p in enumerate(parts)}
    )
    for i, part in enumerate(parts):
        yield from _repeated(
            {("switches", i, "dns", j, "number"): dn.number for j, dn in enumerate(part.dns)}
        )
        for j, dn in enumerate(part.dns):
            if dn.phone and dn.type != "extension":
                yield ("switches", i, "dns", j, "phone"), "only an extension has a phone"


def _repeated(values: Mapping[Loc, object]) -> Iterator[tuple[Loc, str]]:
    seen: set[object] = set()
    for loc, value in values.items():
        if value in seen:
            yield loc, f"{value} is given twice"
        if value is not None:
            seen.add(value)
