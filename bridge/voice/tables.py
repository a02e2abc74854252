"""The tables of the voice domain: what an event makes of a call, and what is possible in each state.

Everything that says the same elsewhere (`call.capabilities`, documents, checks) is made from these.
Sources: GWS v2, Calls: state, capabilities and notificationType; T-Library Events and Models. What
events make of a device is the table of `presence`.
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
    ERROR = "Error"


CAPABILITIES: dict[State, tuple[str, ...]] = {
    State.RINGING: ("Answer",),
    State.DIALING: ("Hangup",),
    State.ESTABLISHED: ("Hangup", "SingleStepTransfer"),
    State.HELD: ("Hangup", "SingleStepTransfer"),
    State.RELEASED: (),
}
"""The operations possible on a call in each state. A ringing call has no Hangup, as in the real server."""


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
