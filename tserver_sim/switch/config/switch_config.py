"""What a switch is built from. It does not change while the switch lives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.tlib.enums import AddressType
from bridge.tlib.kv import KVList
from tserver_sim.switch.config.profile import SIP_SERVER, SwitchProfile
from tserver_sim.switch.config.route_rules import RoutePlan
from tserver_sim.switch.numbering.dial_plan import Rule
from tserver_sim.switch.numbering.locations import Location
from tserver_sim.switch.numbering.trunks import Outside, TrunkGroup
from tserver_sim.switch.state.phone_behaviour import Behaviour


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """An agent who may log in. Times are in seconds."""

    password: str | None = field(default=None, repr=False)
    """None: none is asked for."""
    queues: tuple[str, ...] = ()
    """Where a login leads that names no queue."""
    wrap_up_time: float = 0.0
    """How long the agent works on after a call that came through a queue."""


@dataclass(frozen=True, slots=True)
class Overflow:
    """Where a call goes that has waited too long."""

    after: float
    to: str


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """How an ACD queue treats its calls. Times are in seconds."""

    no_answer: float | None = None
    """How long an agent's phone rings before the call goes back to the queue; None: as every phone."""
    max_waiting: int | None = None
    """How many calls may wait; None: any number."""
    overflow: Overflow | None = None


@dataclass(frozen=True, slots=True)
class SwitchConfig:
    """A switch, its DNs and its ways. Times are in seconds."""

    location: Location
    dns: Mapping[str, AddressType]
    conn_id_base: int
    """The ConnID before the first."""
    call_uuid_prefix: str
    """The first 26 characters of every CallUUID."""
    extensions: KVList | None = None
    """They ride on every event of a call."""
    ring_timeout: float | None = None
    """How long a phone rings before the switch gives up; None: for ever."""
    agents: Mapping[str, AgentConfig] = field(default_factory=dict)
    """Who may log in, by AgentID; if there is none, everybody may."""
    queues: Mapping[str, QueueConfig] = field(default_factory=dict)
    """How ACD queues treat their calls, by number, where something is said of them."""
    routing: Mapping[str, RoutePlan] = field(default_factory=dict)
    """What route points do by themselves, by number, where something is said of them."""
    routing_timeout: float | None = None
    """After how long without a router a call goes to the default of its route point; None: never."""
    treatment_time: float = 3.0
    """How long something is played to a waiting call that does not say it."""
    virtual_queues: tuple[str, ...] = ()
    """Names to which a router has events told; no call can be sent to them."""
    other_locations: tuple[Location, ...] = ()
    profile: SwitchProfile = SIP_SERVER
    phones: Mapping[str, Behaviour] = field(default_factory=dict)
    """What the phones of DNs do by themselves, until they are told otherwise."""
    dial_plan: tuple[Rule, ...] = ()
    """Where the numbers lead that are no DNs; one without a rule does not exist."""
    trunks: Mapping[str, TrunkGroup] = field(default_factory=dict)
    """The trunk groups by name."""
    outside: tuple[Outside, ...] = ()
    seed: int = 0
    """What chance depends on."""
    access_numbers: tuple[str, ...] = ()
    """The numbers that calls from other sites come to; if there are none, it makes up names."""
