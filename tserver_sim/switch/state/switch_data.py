"""Everything that a switch remembers, as plain data.

There are no references that cannot be written down and nothing that acts by itself, so the whole of it can
be sent to the other member of a pair, compared, or read out. A call is found by its ConnID, a party by its
call and DN; what is derived from this (who has which calls, which timer is next) is the engine's.
"""

from enum import Enum

import msgspec

from bridge.tlib.enums import (
    AddressType,
    AgentStatus,
    AgentWorkMode,
    CallState,
    CallType,
    DNRole,
    ForwardMode,
    MonitorNextCallType,
    TreatmentType,
)
from bridge.tlib.kv import KVList
from tserver_sim.switch.iscc.messages import DataVersion, History
from tserver_sim.switch.state.agent_states import AgentInput, AgentPhase
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.phone_behaviour import Behaviour, Manner
from tserver_sim.switch.state.remote_legs import AccessNumber, RemoteLeg, Reservation, Transaction
from tserver_sim.switch.state.requesters import NO_REQUESTER, Requester, ThirdParty


class Collecting(msgspec.Struct, eq=False):
    """Digits that a party waits for, and those that have come."""

    requester: Requester
    wanted: int
    terminators: str
    digits: str = ""
    timer: int = 0
    """The timer that ends the wait."""


class Treatment(msgspec.Struct, eq=False):
    """What a call hears or does at a route point, and the digits that it has been given."""

    type: TreatmentType
    timer: int = 0
    """The timer that ends it."""
    wanted: int = 0
    """How many digits end it; 0: it does not wait for any."""
    terminators: str = ""
    """Digits of which one ends it, too."""
    between: float = 0.0
    """Seconds after a digit until no more is waited for."""
    until: float = 0.0
    """When no more is waited for in any case, in seconds since 1970-01-01T00:00:00Z."""
    digits: str = ""


class MonitorMode(Enum):
    """Who notices the supervisor: the values of the extension of that name (SIP Server)."""

    MUTE = "mute"
    """Nobody, unless the supervisor speaks up; then everybody."""
    NORMAL = "normal"
    """The same by another name."""
    CONNECT = "connect"
    """Everybody, from the start."""
    COACH = "coach"
    """The agent alone."""


class MonitorScope(Enum):
    """What the supervisor follows: the values of the extension of that name (SIP Server)."""

    CALL = "call"
    AGENT = "agent"


class Observation(msgspec.Struct, eq=False):
    """How a supervisor listens in to a call."""

    monitored: str
    """The DN whose call it was when it began."""
    mode: MonitorMode
    scope: MonitorScope
    known_to: list[str] = []
    """The DNs that have been told of the supervisor."""


class NextCallMonitoring(msgspec.Struct, frozen=True):
    """What a supervisor wants to listen in to."""

    dn: str
    """The agent's."""
    type: MonitorNextCallType
    mode: MonitorMode
    scope: MonitorScope


class CallRecordingState(Enum):
    """Whether a call is being recorded: the values of the extension `RecordingState`, which is our own."""

    OFF = "off"
    ON = "on"
    PAUSED = "paused"


class Party(msgspec.Struct, eq=False):
    """One DN in one call."""

    dn: str
    role: DNRole
    address: AddressType = AddressType.DN
    """What the DN is. At a trunk it is no DN of this switch, and hears nothing."""
    state: CallPartyState = CallPartyState.NULL
    leg: int = 0
    """The leg that leads to it, when it is outside of this switch."""
    trunk: str = ""
    """The trunk group through which it is reached, when it is behind one."""
    outside_number: str = ""
    """Its number behind the trunk: as it was sent out, or as it was given by one who calls in. Of a party at
    another site: the access number."""
    site: str = ""
    """The switch at which it is, when that is another one."""
    queue: str | None = None
    """The queue or route point through which the call came: ThisQueue."""
    queue_position: int = 0
    """The call's place in the line of the ACD queue where it waits, or that gave it to this agent."""
    call_state: CallState = CallState.Ok
    """The CallState with which the call came to it."""
    third: ThirdParty | None = None
    """Who brought the call to it."""
    muted: bool = False
    deaf: bool = False
    collecting: Collecting | None = None
    """The digits that it waits for."""
    observing: Observation | None = None
    """How it listens in, if that is all it does here; its role is that of an observer then."""
    treatment: Treatment | None = None
    """Of a route point: what is done with the call now."""
    onward: str = ""
    """Of a route point: where the built-in router sends the call when that is over."""
    default_route: str = ""
    """Of a route point: where the call goes that no router takes care of, as a router has set it."""
    hops: int = 0
    """How often the built-in router has sent the call on, without a pause, until it came here."""
    timer: int = 0
    """The timer that ends its ringing or waiting."""
    manner: Manner | None = None
    """What its phone does with this call; None: not yet known."""
    phone_timer: int = 0
    """The timer of what its phone does next."""
    waiting: Requester | None = None
    """The request that is answered when this party answers; until then it is only invited to the call."""
    unannounced: bool = False
    """Whether the others are told of it only when it answers."""

    @property
    def is_announced(self) -> bool:
        """Whether the other parties have been told of it."""
        return self.waiting is None and not self.unannounced


class Sharing(Enum):
    """How a consult call shares the user data of its main call: the values of ConsultUserData.

    Source: T-Library, TInitiateTransfer, the extension and the option of that name.
    """

    SEPARATE = "separate"
    """Not at all."""
    INHERITED = "inherited"
    """It begins with a copy; what it has of its own is brought to the main call when they are joined."""
    JOINT = "joint"
    """Both calls have the same data for as long as somebody is on both."""


class SwitchCall(msgspec.Struct, eq=False):
    """A call, from its first party to its last."""

    conn_id: int
    call_id: int
    call_uuid: str
    dnis: str
    """The number first dialled; a transfer does not change it."""
    type: CallType
    user_data: KVList = KVList()
    ani: str | None = None
    parent: int = 0
    """Of a consult call: the ConnID of the call that it is about."""
    sharing: Sharing | None = None
    """Of a consult call: how it shares the data of its main call."""
    inherited: KVList = KVList()
    """Of a consult call: the data that it got from its main call when it began."""
    recording: CallRecordingState = CallRecordingState.OFF
    history: History | None = None
    """Where it has been, when it came from another site or was changed there."""
    elsewhere: int = 0
    """Its ConnID at the site that it came from, when that is in use here; then it has one of its own."""
    spread: KVList = KVList()
    """The user data that other sites have, or are being told."""
    mark: DataVersion = DataVersion()
    """Which version of them that is."""
    parties: list[Party] = []

    def party(self, dn: str) -> Party | None:
        """Find the party of a DN."""
        return next((party for party in self.parties if party.dn == dn), None)


class TimerKind(Enum):
    """What falls due; the handlers are in the operations."""

    SEEK = "another site has not said by which number it is reached"
    ACCESS = "an access number of another site has not been called"
    RESERVATION = "an access number that another site was given has not been called"
    SETUP = "a call has not arrived at another site"
    DIGITS = "digits have been waited for long enough"
    RESERVED = "an agent is no longer reserved"
    RING = "a phone has rung long enough"
    PHONE = "a phone does by itself what it has to do"
    WRAP_UP = "an agent's work after a call is over"
    OVERFLOW = "a call has waited in a queue too long"
    ROUTER = "no router has done anything with a call at a route point"
    TREATMENT = "a treatment is over"
    PREDICTIVE = "somebody who is called for a queue has not answered"


class SwitchTimer(msgspec.Struct, frozen=True):
    """Something that falls due, in seconds since 1970-01-01T00:00:00Z, for a party, a DN or a call."""

    due: float
    kind: TimerKind
    conn_id: int = 0
    dn: str = ""
    leg: int = 0
    """The leg of the party, if it is outside of the switch."""
    key: str = ""
    """What it is about between sites."""


class AgentStateDetails(msgspec.Struct, frozen=True):
    """The details of an agent's state."""

    work_mode: AgentWorkMode = AgentWorkMode.Unknown
    reasons: KVList | None = None
    """The Reasons of the request that led to the state."""
    reason_code: str | int | None = None
    seconds: float = 0.0
    """How long after-call work lasts; 0: until the agent requests another state."""


class DeferredAgentState(msgspec.Struct, frozen=True):
    """A change of an agent's state that waits for the end of the agent's last call."""

    input: AgentInput
    details: AgentStateDetails


class SwitchAgent(msgspec.Struct, eq=False):
    """An agent who is logged in on a DN, or logs in now."""

    agent_id: str
    phase: AgentPhase = AgentPhase.LOGGED_OUT
    details: AgentStateDetails = AgentStateDetails()
    details_after_work: AgentStateDetails = AgentStateDetails()
    """The details of the state to which after-call work returns; meaningful during that work only."""
    deferred: DeferredAgentState | None = None
    queues: list[str] = []
    idle_since: float = 0.0
    """When the agent became ready, or the last call ended: the agent with the earliest time gets the call."""
    wrap_up: float = 0.0
    """The seconds of work after a call; 0: none."""
    wraps_up_every_call: bool = False
    """Whether work also follows calls that came through no queue."""
    is_work_due: bool = False
    """Whether after-call work follows when the calls that the agent has now have ended."""
    timer: int = 0
    """The timer that ends after-call work."""

    @property
    def status(self) -> AgentStatus:
        """The AgentStatus of the state."""
        return self.phase.status


class Forward(msgspec.Struct, frozen=True):
    """Where the calls of a DN go, and when."""

    mode: ForwardMode
    target: str


class SwitchDN(msgspec.Struct, eq=False):
    """A DN of this switch."""

    number: str
    type: AddressType
    agent: SwitchAgent | None = None
    dnd: bool = False
    forward: Forward | None = None
    message_waiting: bool = False
    out_of_service: bool = False
    virtual: bool = False
    """Whether it is a name for events only: a virtual queue, which no call can be sent to."""
    monitoring: NextCallMonitoring | None = None
    """Of a supervisor: whose calls are to be listened in to."""
    monitored_by: tuple[str, ...] = ()
    """Of an agent: the DNs of the supervisors whose `monitoring` it is."""
    reserved_until: float = 0.0
    """Until then no queue gives a call to the agent."""
    off_hook: bool = False
    """Followed only where the profile tells hook events."""
    waiting: list[tuple[int, int]] = []
    """Of an ACD queue: who waits, the first in the line first; the place in the line and the ConnID."""
    members: list[str] = []
    """Of an ACD queue: the DNs whose agents are logged in to it."""
    phone: Behaviour | None = None
    """What its phone does by itself; None: it rings until somebody answers."""


class ExternalLeg(msgspec.Struct, eq=False):
    """A way from a call to a party outside of the switch."""

    trunk: str
    """The trunk group of which it takes a line; empty: none."""
    conn_id: int
    """The call that it belongs to."""
    remote: RemoteLeg | None = None
    """The other end, if it leads to another site."""


class SwitchData(msgspec.Struct, eq=False):
    """All of it."""

    devices: dict[str, SwitchDN] = {}
    calls: dict[int, SwitchCall] = {}
    """Every call with a party, by ConnID."""
    agents: dict[str, str] = {}
    """AgentID -> the DN on which the agent is logged in."""
    legs: dict[int, ExternalLeg] = {}
    remote_legs: dict[str, int] = {}
    """The legs to other sites, by what both sites call them."""
    sites: list[str] = []
    """The switches of other sites that can be reached."""
    transactions: dict[int, Transaction] = {}
    """Requests that wait for other sites, by XReferenceID."""
    accesses: dict[str, AccessNumber] = {}
    """Access numbers that lead to other sites, by `SITE/NUMBER`."""
    reservations: dict[str, Reservation] = {}
    """Access numbers that were given to other sites."""
    lines_in_use: dict[str, int] = {}
    """Trunk group -> lines that are taken; a group with none is left out."""
    timers: dict[int, SwitchTimer] = {}
    now: float = 0.0
    sequence: int = 0
    """The EventSequenceNumber last used."""
    call_count: int = 0
    timer_count: int = 0
    queue_position_count: int = 0
    """How many places in the lines of ACD queues were given out."""
    leg_count: int = 0
    xref_count: int = 0
    access_count: int = 0
    """How many access numbers were given out."""
    data_clock: int = 0
    """The highest count of user data that was seen, here or from another site."""
    chance_count: int = 0
    """How often chance was asked; with the seed it decides what chance says next."""


__all__ = ["NO_REQUESTER", "Party", "Requester", "SwitchCall", "SwitchDN", "SwitchData", "ThirdParty"]
