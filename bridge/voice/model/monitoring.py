"""What a supervisor has arranged to listen in to, and the words for it on either side.

Sources: GWS v2, Supervisor monitoring; SIP Server, MonitorMode and MonitorScope; T-Library,
TMonitorNextCall.
"""

from dataclasses import dataclass
from enum import StrEnum

from bridge.tlib.enums import MonitorNextCallType


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
    """An arrangement of a supervisor.

    Attributes:
        number: the DN that is monitored.
        state: how.
        mode: which calls.
        scope: what.
        is_arranged: whether the T-Server has agreed; until then it has been asked.

    """

    number: str
    state: MonitoringState
    mode: Mode = Mode.ALL_CALLS
    scope: Scope = Scope.CALL
    is_arranged: bool = False


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
