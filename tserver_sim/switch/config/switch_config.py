"""The configuration of a switch, which does not change while the switch runs."""

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
    """None: no password is required."""
    queues: tuple[str, ...] = ()
    """The queues of a login that names none."""
    wrap_up_time: float = 0.0
    """The length of after-call work after a call that came through a queue."""


@dataclass(frozen=True, slots=True)
class Overflow:
    """Where a call goes that has waited in a queue too long."""

    after: float
    to: str


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """The settings of an ACD queue. Times are in seconds."""

    no_answer: float | None = None
    """How long an agent's phone rings before the call goes back to the queue; None: `ring_timeout`."""
    max_waiting: int | None = None
    """How many calls may wait; None: any number."""
    overflow: Overflow | None = None


@dataclass(frozen=True, slots=True)
class SwitchConfig:
    """A switch and its DNs. Times are in seconds."""

    location: Location
    dns: Mapping[str, AddressType]
    conn_id_base: int
    """The ConnID before the first."""
    call_uuid_prefix: str
    """The first 26 characters of every CallUUID."""
    extensions: KVList | None = None
    """The Extensions of every event of a call."""
    ring_timeout: float | None = None
    """How long a phone rings before the switch ends the attempt; None: without limit."""
    agents: Mapping[str, AgentConfig] = field(default_factory=dict)
    """The agents who may log in, by AgentID; if there is none, any AgentID may."""
    queues: Mapping[str, QueueConfig] = field(default_factory=dict)
    """The settings of ACD queues by number; a queue without an entry has the defaults."""
    routing: Mapping[str, RoutePlan] = field(default_factory=dict)
    """The plans of the built-in router by route point; a route point without one waits for a client."""
    routing_timeout: float | None = None
    """After how long without a router a call goes to the default of its route point; None: never."""
    treatment_time: float = 3.0
    """The length of a treatment without a DURATION."""
    virtual_queues: tuple[str, ...] = ()
    """DNs that a router distributes events about; no call can be sent to them."""
    other_locations: tuple[Location, ...] = ()
    profile: SwitchProfile = SIP_SERVER
    phones: Mapping[str, Behaviour] = field(default_factory=dict)
    """The behaviour of the phones at DNs, until a command sets another one."""
    dial_plan: tuple[Rule, ...] = ()
    """The rules for numbers that are no DNs; a number without a rule does not exist."""
    trunks: Mapping[str, TrunkGroup] = field(default_factory=dict)
    """The trunk groups by name."""
    outside: tuple[Outside, ...] = ()
    seed: int = 0
    """The seed of chance."""
    access_numbers: tuple[str, ...] = ()
    """The numbers for calls from other sites; if there are none, the switch makes up names."""
