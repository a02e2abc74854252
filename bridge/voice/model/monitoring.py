"""Supervisor monitoring as tables: what a supervisor has arranged to listen in to, and the legs.

Sources: GWS v2, Supervisor monitoring; SIP Server, MonitorMode and MonitorScope; T-Library,
TMonitorNextCall and TCancelMonitoring. The keys of a snapshot are those of this project's T-Server
(`bridge/tlib/README.md`, Snapshots): the vendor documents none.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from bridge.runtime.state_table import StateTable, StateTransition
from bridge.tlib.enums import MonitorNextCallType
from bridge.tlib.kv import KVList


class MonitoringState(StrEnum):
    """How a supervisor listens in."""

    LISTEN_IN = "ListenIn"
    COACH = "Coach"
    BARGE_IN = "BargeIn"


class Scope(StrEnum):
    """What is listened in to: the call, wherever it goes, or the agent."""

    CALL = "Call"
    AGENT = "Agent"


class Mode(StrEnum):
    """Which calls are listened in to."""

    ALL_CALLS = "AllCalls"
    NEXT_CALL = "NextCall"


@dataclass(frozen=True, slots=True)
class MonitoringArrangement:
    """What a supervisor listens in to.

    Attributes:
        number: the DN that is monitored.
        state: how.
        mode: which calls.
        scope: what.

    """

    number: str
    state: MonitoringState = MonitoringState.LISTEN_IN
    mode: Mode = Mode.ALL_CALLS
    scope: Scope = Scope.CALL


# --- the words of the T-Server ----------------------------------------------------------------------

MONITOR_MODES = {
    MonitoringState.LISTEN_IN: "mute",
    MonitoringState.COACH: "coach",
    MonitoringState.BARGE_IN: "connect",
}
"""`MonitorMode` in Extensions."""

MONITORS = {mode: monitor for monitor, mode in MONITOR_MODES.items()} | {"normal": MonitoringState.LISTEN_IN}

MONITOR_SCOPES = {Scope.CALL: "call", Scope.AGENT: "agent"}
"""`MonitorScope` in Extensions."""

SCOPES = {scope: name for name, scope in MONITOR_SCOPES.items()}

CALL_TYPES = {
    Mode.ALL_CALLS: MonitorNextCallType.AllCalls,
    Mode.NEXT_CALL: MonitorNextCallType.OneCall,
}
"""MonitorNextCallType."""

MODES = {call_type: mode for mode, call_type in CALL_TYPES.items()}


def read_arrangement(
    number: str,
    call_type: MonitorNextCallType | int | None,
    extensions: KVList | None,
    requested: MonitoringArrangement | None = None,
) -> MonitoringArrangement:
    """Read an arrangement as a T-Server writes it; what it does not say is as `requested`."""
    usual = requested or MonitoringArrangement(number)
    reported = extensions or KVList()
    return MonitoringArrangement(
        number,
        MONITORS.get(str(reported.first("MonitorMode")), usual.state),
        usual.mode if call_type is None else MODES.get(MonitorNextCallType(call_type), usual.mode),
        SCOPES.get(str(reported.first("MonitorScope")), usual.scope),
    )


# --- the arrangement --------------------------------------------------------------------------------


class ArrangementState(Enum):
    """How far the arrangement of a supervisor is."""

    NONE = "none"
    REQUESTED = "requested"
    ARRANGED = "arranged"
    CANCELLING = "cancelling"


class ArrangementInput(Enum):
    """What can happen to an arrangement."""

    REQUEST = "ListenIn, Coach, BargeIn"
    CANCEL = "CancelSupervisorMonitoring"
    END = "EndContactCenterSession"
    AGREED = "EventMonitoringNextCall"
    CANCELLED = "EventMonitoringCancelled"
    REQUEST_FAILED = "request failed"
    CANCEL_FAILED = "cancel failed"
    CANCEL_POINTLESS = "cancel failed with 459, nothing is arranged"
    NEXT_CALL_OVER = "leg over after NextCall"
    SNAPSHOT_HELD = "EventRegistered with an arrangement"
    SNAPSHOT_NONE = "EventRegistered without one"


class ArrangementEffect(Enum):
    """What is to be done."""

    SEND_REQUEST = "RequestMonitorNextCall"
    SEND_CANCEL = "RequestCancelMonitoring"
    RECORD = "record"
    FORGET = "forget"
    NOTIFY = "notify"


_A, _I, _E = ArrangementState, ArrangementInput, ArrangementEffect

ARRANGEMENT_TABLE = StateTable(
    StateTransition((_A.NONE,), (_I.REQUEST,), _A.REQUESTED, (_E.SEND_REQUEST, _E.RECORD)),
    StateTransition((_A.REQUESTED,), (_I.REQUEST_FAILED,), _A.NONE, (_E.FORGET,)),
    StateTransition((_A.NONE, _A.REQUESTED, _A.ARRANGED), (_I.AGREED,), _A.ARRANGED, (_E.RECORD, _E.NOTIFY)),
    StateTransition((_A.ARRANGED,), (_I.CANCEL,), _A.CANCELLING, (_E.SEND_CANCEL,)),
    StateTransition((_A.CANCELLING,), (_I.CANCEL_FAILED,), _A.ARRANGED),
    StateTransition((_A.CANCELLING,), (_I.CANCEL_POINTLESS,), _A.NONE, (_E.FORGET, _E.NOTIFY)),
    StateTransition(
        (_A.ARRANGED, _A.CANCELLING), (_I.CANCELLED, _I.NEXT_CALL_OVER), _A.NONE, (_E.FORGET, _E.NOTIFY)
    ),
    # What EventRegistered says is told with the registration itself.
    StateTransition((_A.NONE, _A.REQUESTED, _A.ARRANGED), (_I.SNAPSHOT_HELD,), _A.ARRANGED, (_E.RECORD,)),
    StateTransition((_A.ARRANGED, _A.CANCELLING), (_I.SNAPSHOT_NONE,), _A.NONE, (_E.FORGET,)),
    StateTransition((_A.REQUESTED, _A.ARRANGED), (_I.END,), _A.NONE, (_E.SEND_CANCEL, _E.FORGET)),
    StateTransition((_A.CANCELLING,), (_I.END,), _A.NONE, (_E.FORGET,)),
)
"""Every move there is. EventMonitoringCancelled that comes before the answer to a request is an old one's."""


@dataclass(slots=True)
class SupervisorArrangement:
    """The arrangement at a supervisor's device.

    Attributes:
        state: how far it is.
        arrangement: what is listened in to; None when there is nothing.

    """

    state: ArrangementState = ArrangementState.NONE
    arrangement: MonitoringArrangement | None = None

    @property
    def shown(self) -> MonitoringArrangement | None:
        """The arrangement that the T-Server has agreed to and not ended."""
        is_agreed = self.state in (ArrangementState.ARRANGED, ArrangementState.CANCELLING)
        return self.arrangement if is_agreed else None


def read_snapshot(extensions: KVList | None) -> tuple[ArrangementInput, MonitoringArrangement | None] | None:
    """Return the input that a snapshot is, and the arrangement that it tells of; None without the key."""
    reported = extensions or KVList()
    number = reported.first("monitor-dn")
    if not isinstance(number, str):
        return None
    if not number:
        return ArrangementInput.SNAPSHOT_NONE, None
    call_type = reported.first("MonitorNextCallType")
    arrangement = read_arrangement(number, call_type if isinstance(call_type, int) else None, reported)
    return ArrangementInput.SNAPSHOT_HELD, arrangement


# --- the leg ----------------------------------------------------------------------------------------


class LegState(Enum):
    """How a supervisor's leg of a call is; the last four are what the watched user knows."""

    RINGING = "ringing"
    LISTENING_IN = "listening in"
    COACHING = "coaching"
    BARGED_IN = "barged in"
    OVER = "over"


class LegInput(Enum):
    """What the events at the supervisor's DN have made of the leg."""

    RINGS = "Ringing"
    LISTENS_IN = "mode ListenIn: as arranged, EventMuteOn, or 4024 mute"
    COACHES = "mode Coach: as arranged, or 4024 coach"
    BARGES_IN = "mode BargeIn: as arranged, EventMuteOff, or 4024 connect"
    ENDED = "EventReleased, or out of sight"


class LegEffect(Enum):
    """What is to be done."""

    SHOW_WATCHED = "notify the watched user of the mode"
    HIDE_WATCHED = "notify the watched user of the end"
    END_NEXT_CALL = "end the arrangement after NextCall"


_CONNECTED = (LegState.LISTENING_IN, LegState.COACHING, LegState.BARGED_IN)
_STARTED = (LegState.RINGING, *_CONNECTED)

LEG_TABLE = StateTable(
    StateTransition(_STARTED, (LegInput.LISTENS_IN,), LegState.LISTENING_IN, (LegEffect.SHOW_WATCHED,)),
    StateTransition(_STARTED, (LegInput.COACHES,), LegState.COACHING, (LegEffect.SHOW_WATCHED,)),
    StateTransition(_STARTED, (LegInput.BARGES_IN,), LegState.BARGED_IN, (LegEffect.SHOW_WATCHED,)),
    StateTransition(
        _STARTED, (LegInput.ENDED,), LegState.OVER, (LegEffect.HIDE_WATCHED, LegEffect.END_NEXT_CALL)
    ),
)
"""Every move there is. The mode of a leg that rings is shown to the supervisor only."""

LEG_INPUTS = {
    MonitoringState.LISTEN_IN: LegInput.LISTENS_IN,
    MonitoringState.COACH: LegInput.COACHES,
    MonitoringState.BARGE_IN: LegInput.BARGES_IN,
}


@dataclass(slots=True)
class SupervisorLeg:
    """A supervisor's leg of a call.

    Attributes:
        monitored_dn: the DN that is watched.
        state: how the leg is.

    """

    monitored_dn: str
    state: LegState = LegState.RINGING
