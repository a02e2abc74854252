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
    """A DN. Without `phone` it rings until an agent answers."""

    number: Digits
    type: Literal["extension", "route_point", "acd_queue"] = "extension"
    phone: PhonePart | None = None
    queue: QueuePart | None = None
    routing: RoutingPart | None = None


class IdsPart(SitePart):
    """What the ids of calls start with."""

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
    """Seconds without a router after which a call goes to the default of its route point."""
    treatment_time: Seconds = 3.0
    """Seconds that something is played to a waiting call, where nothing is said."""
    dns: tuple[DNPart, ...]
    virtual_queues: tuple[Name, ...] = ()
    """Names to which a router has events of calls told."""
    trunks: tuple[TrunkPart, ...] = ()
    dial_plan: tuple[RulePart, ...] = ()
    """Where numbers lead that are no DNs; the first rule that fits decides."""
    outside: tuple[OutsidePart, ...] = ()
    """What people outside do with calls; the first entry that fits decides."""
    profile: Profile = ProfilePart()
    """Which of the ways of real switches it has."""
    access_numbers: tuple[Digits, ...] = ()
    """The numbers that calls from other sites come to; without, the switch makes up names."""
    seed: Seed = 0
    """What chance depends on."""
    agents: tuple[AgentPart, ...] = ()

    def with_paths_relative_to(self, folder: Path) -> "SwitchPart":
        """Let relative paths begin in a folder."""
        tserver = self.tserver.model_copy(update={"tls": self.tserver.tls.with_paths_relative_to(folder)})
        return self.model_copy(update={"tserver": tserver})

    @property
    def location(self) -> Location:
        """What a request may call this switch."""
        return Location(self.name, self.tserver.application)

    @property
    def phones(self) -> Mapping[str, Behaviour]:
        """What the phones do by themselves, by DN."""
        return {dn.number: dn.phone.behaviour for dn in self.dns if dn.phone}
