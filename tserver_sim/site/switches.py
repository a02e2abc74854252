"""Switches and their DNs in the site file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bridge.runtime.sitefile import expected
from bridge.tlib.enums import AddressType
from tserver_sim.site.agents import AgentPart, QueuePart
from tserver_sim.site.numbers import OutsidePart, RulePart, TrunkPart
from tserver_sim.site.phones import PhonePart
from tserver_sim.site.profiles import Profile, ProfilePart
from tserver_sim.site.routing import RoutingPart
from tserver_sim.site.tservers import TServerPart
from tserver_sim.site.values import Digits, Duration, Extension, Name, Seconds, Seed, SitePart
from tserver_sim.switch.numbering.locations import Location
from tserver_sim.switch.state.phone_behaviour import Behaviour

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

DN_TYPES: Mapping[str, AddressType] = {
    "extension": AddressType.DN,
    "route_point": AddressType.RouteDN,
    "acd_queue": AddressType.Queue,
}


class DNPart(SitePart):
    """A DN. Without `phone`, calls ring until they are answered by a request."""

    number: Digits
    type: Literal["extension", "route_point", "acd_queue"] = "extension"
    phone: PhonePart | None = None
    queue: QueuePart | None = None
    routing: RoutingPart | None = None


class IdsPart(SitePart):
    """The beginnings of CallUUIDs and ConnIDs."""

    call_uuid_prefix: CallUuidPrefix
    conn_id_base: ConnIdBase


class SwitchPart(SitePart):
    """A switch."""

    name: Name
    tserver: TServerPart
    ids: IdsPart
    extensions: dict[str, Extension] = Field(default_factory=dict)
    ring_timeout: Duration | None = None
    routing_timeout: Duration | None = None
    """Seconds after which an unrouted call goes to the default destination of its route point."""
    treatment_time: Seconds = 3.0
    """How many seconds a treatment lasts that has no duration of its own."""
    dns: tuple[DNPart, ...]
    virtual_queues: tuple[Name, ...] = ()
    """Virtual queues: names at which a router has events distributed."""
    trunks: tuple[TrunkPart, ...] = ()
    dial_plan: tuple[RulePart, ...] = ()
    """The destinations of numbers that are not DNs; the first matching rule applies."""
    outside: tuple[OutsidePart, ...] = ()
    """What external parties do with calls; the first matching entry applies."""
    profile: Profile = ProfilePart()
    """The kind of switch that is simulated, with the knobs that this switch turns."""
    access_numbers: tuple[Digits, ...] = ()
    """The numbers that receive calls from other sites; if empty, the switch makes up names."""
    seed: Seed = 0
    """The seed of random choices."""
    agents: tuple[AgentPart, ...] = ()

    def with_paths_relative_to(self, folder: Path) -> "SwitchPart":
        """Return a copy in which relative paths are relative to a folder."""
        tserver = self.tserver.model_copy(update={"tls": self.tserver.tls.with_paths_relative_to(folder)})
        return self.model_copy(update={"tserver": tserver})

    @property
    def location(self) -> Location:
        """The names by which a request may address this switch."""
        return Location(self.name, self.tserver.application)

    @property
    def phones(self) -> Mapping[str, Behaviour]:
        """The behaviour of the phones, by DN."""
        return {dn.number: dn.phone.behaviour for dn in self.dns if dn.phone}
