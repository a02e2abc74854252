"""The tables of the voice domain: what an event makes of a call, and what is told of it.

Sources: GWS v2, Calls: state and notificationType; T-Library Events and Models. What is possible on a call
is the table of `capabilities`, what events make of a device that of `presence`.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from bridge.tlib import messages as t
from bridge.tlib.enums import CallType, PartyState


class State(StrEnum):
    """The state of a call at a device."""

    RINGING = "Ringing"
    DIALING = "Dialing"
    ESTABLISHED = "Established"
    HELD = "Held"
    RELEASED = "Released"


class Change(StrEnum):
    """What a notification about a call reports (`notificationType`)."""

    STATUS = "StatusChange"
    PARTICIPANTS = "ParticipantsUpdated"
    USER_DATA = "AttachedDataChanged"
    DTMF = "DtmfSent"
    RECORDING = "CallRecordingStateChange"
    MONITORED_USER_MUTED = "MonitoredUserMutedStateChange"
    ERROR = "Error"


class Recording(StrEnum):
    """How the recording of a call is (`recordingState`)."""

    RECORDING = "Recording"
    PAUSED = "Paused"
    STOPPED = "Stopped"


class Other(Enum):
    """Who the OtherDN of an event is."""

    PEER = "the other party, if there is only one"
    IN_PLACE = "who has come in place of another party"
    ADDED = "who has come into the call"
    DELETED = "who has left the call"
    NOBODY = "nobody: the event tells neither the parties nor the data of the call"


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event does to the call at its DN. None leaves the state or the microphone, or tells nobody."""

    state: State | None
    change: Change | None
    other: Other = Other.PEER
    muted: bool | None = None


EFFECTS: dict[type[t.Event], Effect] = {
    t.EventRinging: Effect(State.RINGING, Change.STATUS),
    t.EventDialing: Effect(State.DIALING, Change.STATUS),
    t.EventNetworkReached: Effect(None, None),  # the call stays Dialing until the network says more
    t.EventDestinationBusy: Effect(None, None),  # the call stays Dialing until it is released
    t.EventEstablished: Effect(State.ESTABLISHED, Change.STATUS),
    t.EventHeld: Effect(State.HELD, Change.STATUS),
    t.EventRetrieved: Effect(State.ESTABLISHED, Change.STATUS),
    t.EventReleased: Effect(State.RELEASED, Change.STATUS),
    t.EventAbandoned: Effect(State.RELEASED, Change.STATUS),
    t.EventPartyChanged: Effect(None, Change.PARTICIPANTS, Other.IN_PLACE),
    t.EventPartyAdded: Effect(None, Change.PARTICIPANTS, Other.ADDED),
    t.EventPartyDeleted: Effect(None, Change.PARTICIPANTS, Other.DELETED),
    t.EventAttachedDataChanged: Effect(None, Change.USER_DATA),
    t.EventDTMFSent: Effect(None, Change.DTMF, Other.NOBODY),
    t.EventMuteOn: Effect(None, Change.STATUS, Other.NOBODY, muted=True),
    t.EventMuteOff: Effect(None, Change.STATUS, Other.NOBODY, muted=False),
}
"""Events that are not here make nothing of a call: those of queues, treatments and listening."""

WITHOUT_EXTENSIONS = (Change.USER_DATA, Change.RECORDING, Change.MONITORED_USER_MUTED)
"""What is told without the Extensions of the event, as in the published samples."""

RECORDING_VALUES: dict[object, Recording] = {
    "ON": Recording.RECORDING,
    "PAUSED": Recording.PAUSED,
    "OFF": Recording.STOPPED,
}
"""`recordingState` for the value of the user data `GSIP_RECORD` (GWS v2, recording operations)."""

GSIP_RECORD: dict[Recording, str] = {state: str(value) for value, state in RECORDING_VALUES.items()}

PARTY_STATES: dict[PartyState, State] = {
    PartyState.Null: State.RELEASED,
    PartyState.Initiated: State.DIALING,
    PartyState.CPDetect: State.DIALING,
    PartyState.Busy: State.DIALING,
    PartyState.Failed: State.DIALING,
    PartyState.Queued: State.RINGING,
    PartyState.Alerting: State.RINGING,
    PartyState.Connected: State.ESTABLISHED,
    PartyState.Held: State.HELD,
}
"""The state of a call for the PartyState of the DN, as snapshots and EventPartyInfo give it."""

CALL_TYPES: dict[CallType | None, str] = {
    CallType.Internal: "Internal",
    CallType.Inbound: "Inbound",
    CallType.Outbound: "Outbound",
    CallType.Consult: "Consult",
}
"""`callType` for AttributeCallType; any other number is `Unknown`."""
