"""The tables of the voice domain: what an event makes of a call, and what is possible in each state.

Everything that says the same elsewhere (`call.capabilities`, documents, checks) is made from these.
Sources: GWS v2, Calls: state, capabilities and notificationType; T-Library Events and Models.
"""

from dataclasses import dataclass
from enum import StrEnum

from bridge.tlib import messages as t
from bridge.tlib.enums import CallType


class State(StrEnum):
    """The state of a call at a device."""

    RINGING = "Ringing"
    DIALING = "Dialing"
    ESTABLISHED = "Established"
    RELEASED = "Released"


class Change(StrEnum):
    """What a notification about a call reports (`notificationType`)."""

    STATUS = "StatusChange"
    PARTICIPANTS = "ParticipantsUpdated"
    ERROR = "Error"


CAPABILITIES: dict[State, tuple[str, ...]] = {
    State.RINGING: ("Answer",),
    State.DIALING: ("Hangup",),
    State.ESTABLISHED: ("Hangup", "SingleStepTransfer"),
    State.RELEASED: (),
}
"""The operations possible on a call in each state. A ringing call has no Hangup, as in the real server."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event does to the call at its DN. None leaves the state, or tells nobody."""

    state: State | None
    change: Change | None


EFFECTS: dict[type[t.CallEvent], Effect] = {
    t.EventRinging: Effect(State.RINGING, Change.STATUS),
    t.EventDialing: Effect(State.DIALING, Change.STATUS),
    t.EventEstablished: Effect(State.ESTABLISHED, Change.STATUS),
    t.EventReleased: Effect(State.RELEASED, Change.STATUS),
    t.EventAbandoned: Effect(State.RELEASED, Change.STATUS),
    t.EventPartyChanged: Effect(None, Change.PARTICIPANTS),
    t.EventDestinationBusy: Effect(None, None),  # the call stays Dialing until it is released
}

CALL_TYPES: dict[CallType, str] = {
    CallType.Internal: "Internal",
    CallType.Inbound: "Inbound",
    CallType.Outbound: "Outbound",
    CallType.Consult: "Consult",
}
"""`callType` for AttributeCallType; any other number is `Unknown`."""
