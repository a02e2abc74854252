"""The tables of calls: the effect of each event on a call, and the notification that follows.

`capabilities` has the table of what is possible on a call, `agent_state` that of the effect of events on a
device. Sources: GWS v2, Calls: state and notificationType; T-Library Events and Models.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from bridge.tlib import messages as t
from bridge.tlib.enums import CallType, PartyState


class CallStatus(StrEnum):
    """The state of a call at a device."""

    RINGING = "Ringing"
    DIALING = "Dialing"
    ESTABLISHED = "Established"
    HELD = "Held"
    RELEASED = "Released"


class NotificationType(StrEnum):
    """What a notification about a call reports (`notificationType`)."""

    STATUS = "StatusChange"
    PARTICIPANTS = "ParticipantsUpdated"
    USER_DATA = "AttachedDataChanged"
    DTMF = "DtmfSent"
    RECORDING = "CallRecordingStateChange"
    MONITORED_USER_MUTED = "MonitoredUserMutedStateChange"
    ERROR = "Error"


class RecordingState(StrEnum):
    """The state of the recording of a call (`recordingState`)."""

    RECORDING = "Recording"
    PAUSED = "Paused"
    STOPPED = "Stopped"


class PartyChange(Enum):
    """The party that the OtherDN of an event names."""

    PEER = "the other party, if there is only one"
    REPLACED = "the party that has replaced another one"
    ADDED = "the party that has joined the call"
    DELETED = "the party that has left the call"
    UNCHANGED = "none: the event has neither the parties nor the data of the call"


@dataclass(frozen=True, slots=True)
class EventEffect:
    """What an event does to the call at its DN.

    Attributes:
        state: the state after it; None for no change.
        notification_type: the notification to send; None for none, unless what clients see has changed.
        other: the party that OtherDN names.
        muted: whether the DN is muted after it; None for no change.

    """

    state: CallStatus | None
    notification_type: NotificationType | None
    other: PartyChange = PartyChange.PEER
    muted: bool | None = None


EFFECTS: dict[type[t.Event], EventEffect] = {
    t.EventRinging: EventEffect(CallStatus.RINGING, NotificationType.STATUS),
    t.EventDialing: EventEffect(CallStatus.DIALING, NotificationType.STATUS),
    t.EventNetworkReached: EventEffect(None, None),  # the call stays Dialing until the network says more
    t.EventDestinationBusy: EventEffect(None, None),  # the call stays Dialing until it is released
    t.EventEstablished: EventEffect(CallStatus.ESTABLISHED, NotificationType.STATUS),
    t.EventHeld: EventEffect(CallStatus.HELD, NotificationType.STATUS),
    t.EventRetrieved: EventEffect(CallStatus.ESTABLISHED, NotificationType.STATUS),
    t.EventReleased: EventEffect(CallStatus.RELEASED, NotificationType.STATUS),
    t.EventAbandoned: EventEffect(CallStatus.RELEASED, NotificationType.STATUS),
    t.EventPartyChanged: EventEffect(None, NotificationType.PARTICIPANTS, PartyChange.REPLACED),
    t.EventPartyAdded: EventEffect(None, NotificationType.PARTICIPANTS, PartyChange.ADDED),
    t.EventPartyDeleted: EventEffect(None, NotificationType.PARTICIPANTS, PartyChange.DELETED),
    t.EventAttachedDataChanged: EventEffect(None, NotificationType.USER_DATA),
    t.EventDTMFSent: EventEffect(None, NotificationType.DTMF, PartyChange.UNCHANGED),
    t.EventMuteOn: EventEffect(None, NotificationType.STATUS, PartyChange.UNCHANGED, muted=True),
    t.EventMuteOff: EventEffect(None, NotificationType.STATUS, PartyChange.UNCHANGED, muted=False),
}
"""Events that are not here do not change a call: those of queues, treatments and monitoring."""

WITHOUT_EXTENSIONS = (
    NotificationType.USER_DATA,
    NotificationType.RECORDING,
    NotificationType.MONITORED_USER_MUTED,
)
"""The notifications that have no `extensions`, as in the published samples."""

RECORDING_VALUES: dict[object, RecordingState] = {
    "ON": RecordingState.RECORDING,
    "PAUSED": RecordingState.PAUSED,
    "OFF": RecordingState.STOPPED,
}
"""`recordingState` for the value of the user data `GSIP_RECORD` (GWS v2, recording operations)."""

GSIP_RECORD: dict[RecordingState, str] = {state: str(value) for value, state in RECORDING_VALUES.items()}

PARTY_STATES: dict[PartyState, CallStatus] = {
    PartyState.Null: CallStatus.RELEASED,
    PartyState.Initiated: CallStatus.DIALING,
    PartyState.CPDetect: CallStatus.DIALING,
    PartyState.Busy: CallStatus.DIALING,
    PartyState.Failed: CallStatus.DIALING,
    PartyState.Queued: CallStatus.RINGING,
    PartyState.Alerting: CallStatus.RINGING,
    PartyState.Connected: CallStatus.ESTABLISHED,
    PartyState.Held: CallStatus.HELD,
}
"""The state of a call for the PartyState of the DN, as snapshots and EventPartyInfo give it."""

CALL_TYPES: dict[CallType | None, str] = {
    CallType.Internal: "Internal",
    CallType.Inbound: "Inbound",
    CallType.Outbound: "Outbound",
    CallType.Consult: "Consult",
}
"""`callType` for AttributeCallType; any other number is `Unknown`."""
