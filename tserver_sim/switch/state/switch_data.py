"""The state of a switch, as plain data.

It holds no references and nothing that acts by itself, so all of it can be sent to the other member of a
pair, compared, or read. A call is found by its ConnID, a party by its call and DN; what is derived from this
(the calls of a DN, the next timer) is in the engine's ledger.
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
    """Digits that a client collects from a party (T-Library, TCollectDigits)."""

    requester: Requester
    wanted: int
    terminators: str
    digits: str = ""
    timer: int = 0
    """The timer that ends the collection."""


class Treatment(msgspec.Struct, eq=False):
    """The treatment of a call at a route point, and the digits that it has collected."""

    type: TreatmentType
    timer: int = 0
    """The timer that ends it, or the wait for digits."""
    wanted: int = 0
    """How many digits end it; 0: it collects none."""
    terminators: str = ""
    """Digits of which one ends it, too."""
    between: float = 0.0
    """Seconds to wait after each digit."""
    until: float = 0.0
    """The end of the collection in any case, in seconds since 1970-01-01T00:00:00Z."""
    digits: str = ""


class MonitorMode(Enum):
    """Which parties learn of the supervisor: the values of the extension of that name (SIP Server)."""

    MUTE = "mute"
    """None while the supervisor is muted; then all."""
    NORMAL = "normal"
    """The same as MUTE."""
    CONNECT = "connect"
    """All, from the start."""
    COACH = "coach"
    """The agent alone."""


class MonitorScope(Enum):
    """What the supervisor follows: the values of the extension of that name (SIP Server)."""

    CALL = "call"
    AGENT = "agent"


class Observation(msgspec.Struct, eq=False):
    """The way in which a supervisor listens in to a call."""

    monitored: str
    """The agent's DN, as the listening began."""
    mode: MonitorMode
    scope: MonitorScope
    known_to: list[str] = []
    """The DNs that have had events about the supervisor."""


class NextCallMonitoring(msgspec.Struct, frozen=True):
    """A monitoring that a supervisor has arranged (T-Library, TMonitorNextCall)."""

    dn: str
    """The agent's DN."""
    type: MonitorNextCallType
    mode: MonitorMode
    scope: MonitorScope


class CallRecordingState(Enum):
    """The recording of a call: the values of the extension `RecordingState`, which is our own."""

    OFF = "off"
    ON = "on"
    PAUSED = "paused"


class Party(msgspec.Struct, eq=False):
    """One DN in one call."""

    dn: str
    role: DNRole
    address: AddressType = AddressType.DN
    """The type of the DN. A party at a trunk is no DN of this switch and gets no events."""
    state: CallPartyState = CallPartyState.NULL
    leg: int = 0
    """The leg that leads to it, when it is outside of this switch; else 0."""
    trunk: str = ""
    """The trunk group through which it is reached, if any."""
    outside_number: str = ""
    """Its number behind the trunk: as dialled, or as a caller gave it. Of a party at another site: the access
    number."""
    site: str = ""
    """The switch where it is, when that is another one."""
    queue: str | None = None
    """The queue or route point through which the call came: ThisQueue."""
    queue_position: int = 0
    """The call's position in the ACD queue where it waits, or that offered it to this agent."""
    call_state: CallState = CallState.Ok
    """The CallState with which the call came to it."""
    third: ThirdParty | None = None
    """The third party that brought the call to it."""
    muted: bool = False
    deaf: bool = False
    collecting: Collecting | None = None
    """The digits that are collected from it."""
    observing: Observation | None = None
    """How it listens in, if it is an observer."""
    treatment: Treatment | None = None
    """Of a route point: the call's present treatment."""
    onward: str = ""
    """Of a route point: where the built-in router sends the call after the treatment."""
    default_route: str = ""
    """Of a route point: where the call goes that no router routes, as a router has set it."""
    hops: int = 0
    """How often the built-in router has sent the call on, without a pause, until it came here."""
    timer: int = 0
    """The timer that limits ringing or waiting."""
    manner: Manner | None = None
    """What its phone does with this call; None: not yet chosen."""
    phone_timer: int = 0
    """The timer of the next action of its phone."""
    invited_by: Requester | None = None
    """The request that invited this party; it is answered when the party answers."""
    unannounced: bool = False
    """Whether the other parties get events about it only when it answers."""

    @property
    def is_announced(self) -> bool:
        """Whether the other parties have had events about it."""
        return self.invited_by is None and not self.unannounced


class Sharing(Enum):
    """How a consult call shares the user data of its main call: the values of ConsultUserData.

    Source: T-Library, TInitiateTransfer, the extension and the option of that name.
    """

    SEPARATE = "separate"
    """The consult call has user data of its own."""
    INHERITED = "inherited"
    """The consult call begins with a copy; its own pairs go to the main call when the two are joined."""
    JOINT = "joint"
    """Both calls have the same data for as long as a DN is on both."""


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
    """Of a consult call: the ConnID of its main call."""
    sharing: Sharing | None = None
    """Of a consult call: how it shares the data of its main call."""
    inherited: KVList = KVList()
    """Of a consult call: the data that it copied from its main call."""
    recording: CallRecordingState = CallRecordingState.OFF
    history: History | None = None
    """The sites through which it has come; None: it was never transferred between sites."""
    elsewhere: int = 0
    """Its ConnID at the site that it came from, when that was in use here and it got another."""
    sent_data: KVList = KVList()
    """The user data that were last sent to other sites, or came from them."""
    mark: DataVersion = DataVersion()
    """The version of those data."""
    parties: list[Party] = []

    def party(self, dn: str) -> Party | None:
        """Return the party of a DN, if it is on the call."""
        return next((party for party in self.parties if party.dn == dn), None)


class TimerKind(Enum):
    """The kinds of timers; the handlers are in the operations."""

    SEEK = "another site has not answered a Seek"
    ACCESS = "an access number of another site has not been called"
    RESERVATION = "an access number that was given to another site has not been called"
    SETUP = "a call has not arrived at another site"
    DIGITS = "the time to collect digits is over"
    RESERVED = "an agent is no longer reserved"
    RING = "a phone has rung long enough"
    PHONE = "the next action of a phone is due"
    WRAP_UP = "an agent's after-call work is over"
    OVERFLOW = "a call has waited in a queue too long"
    ROUTER = "no router has acted on a call at a route point"
    TREATMENT = "a treatment is over"
    PREDICTIVE = "the called party of a predictive call has not answered"


class SwitchTimer(msgspec.Struct, frozen=True):
    """A timer of a party, a DN or a call; `due` is in seconds since 1970-01-01T00:00:00Z."""

    due: float
    kind: TimerKind
    conn_id: int = 0
    dn: str = ""
    leg: int = 0
    """The leg of the party, if it is outside of the switch."""
    key: str = ""
    """Of a timer of ISCC: the access number, or the name of the leg."""


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
    """Whether it is a virtual queue: a name for distributed events, which no call can be sent to."""
    monitoring: NextCallMonitoring | None = None
    """Of a supervisor: the arranged monitoring."""
    monitored_by: tuple[str, ...] = ()
    """Of an agent: the DNs of the supervisors whose `monitoring` it is."""
    reserved_until: float = 0.0
    """Until then no queue offers a call to the agent, in seconds since 1970-01-01T00:00:00Z."""
    off_hook: bool = False
    """Kept up only where the profile has hook events."""
    waiting: list[tuple[int, int]] = []
    """Of an ACD queue: the waiting calls, the first in the queue first: position and ConnID."""
    members: list[str] = []
    """Of an ACD queue: the DNs whose agents are logged in to it."""
    phone: Behaviour | None = None
    """The behaviour of its phone; None: it rings until a request or command answers."""


class ExternalLeg(msgspec.Struct, eq=False):
    """A leg of a call to a party outside of the switch."""

    trunk: str
    """The trunk group of which it takes a line; empty: none."""
    conn_id: int
    """The call that it belongs to."""
    remote: RemoteLeg | None = None
    """The other end, if it leads to another site."""


class SwitchData(msgspec.Struct, eq=False):
    """The whole state of a switch."""

    devices: dict[str, SwitchDN] = {}
    calls: dict[int, SwitchCall] = {}
    """Every call with a party, by ConnID."""
    agents: dict[str, str] = {}
    """AgentID -> the DN on which the agent is logged in."""
    legs: dict[int, ExternalLeg] = {}
    remote_legs: dict[str, int] = {}
    """The legs to other sites, by their name at both sites."""
    sites: list[str] = []
    """The switches of other sites that can be reached."""
    transactions: dict[int, Transaction] = {}
    """Requests that wait for other sites, by XReferenceID."""
    accesses: dict[str, AccessNumber] = {}
    """Access numbers that lead to other sites, by `SITE/NUMBER`."""
    reservations: dict[str, Reservation] = {}
    """Access numbers that were given to other sites."""
    lines_in_use: dict[str, int] = {}
    """Trunk group -> lines in use; a group with none has no entry."""
    timers: dict[int, SwitchTimer] = {}
    now: float = 0.0
    sequence: int = 0
    """The EventSequenceNumber last used."""
    call_count: int = 0
    timer_count: int = 0
    queue_position_count: int = 0
    """How many positions in ACD queues were given out."""
    leg_count: int = 0
    xref_count: int = 0
    access_count: int = 0
    """How many access numbers were given out."""
    data_clock: int = 0
    """The highest count of a `DataVersion` here, own or from another site."""
    chance_count: int = 0
    """How many chances were drawn; with the seed it decides the next one."""


__all__ = ["NO_REQUESTER", "Party", "Requester", "SwitchCall", "SwitchDN", "SwitchData", "ThirdParty"]
