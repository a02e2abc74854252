"""The states of a party in a call: every legal transition, and no other.

A party changes its state exactly when an event is published about it, so the event is the input. Source:
T-Library Events and Models, state of a party at a DN.
"""

from collections.abc import Mapping
from enum import IntEnum

from bridge.tlib import messages as m


class CallPartyState(IntEnum):
    """The state of a party in its call. The values are those of `ps-N` in an EventRegistered."""

    NULL = 0x0
    """Not on the call: not yet, or no longer."""
    DIALING = 0x1
    QUEUED = 0x9
    """The call waits at this queue or route point."""
    ALERTING = 0xA
    CONNECTED = 0xC
    HELD = 0xE
    """The party has put the call on hold."""
    FAILED = 0xF
    """The party hears that the destination cannot be reached."""


_NULL, _DIALING, _QUEUED, _ALERTING, _CONNECTED, _HELD, _FAILED = CallPartyState

_STEPS: Mapping[type[m.TelephonyEvent], Mapping[CallPartyState, CallPartyState]] = {
    m.EventDialing: {_NULL: _DIALING},
    m.EventRinging: {_NULL: _ALERTING},
    m.EventQueued: {_NULL: _QUEUED, _DIALING: _QUEUED},
    m.EventRouteRequest: {_NULL: _QUEUED, _DIALING: _QUEUED, _QUEUED: _QUEUED},
    m.EventNetworkReached: {_DIALING: _DIALING, _CONNECTED: _CONNECTED},
    m.EventDestinationBusy: {_DIALING: _FAILED, _CONNECTED: _FAILED},
    m.EventEstablished: {_DIALING: _CONNECTED, _ALERTING: _CONNECTED, _QUEUED: _CONNECTED},
    m.EventHeld: {_CONNECTED: _HELD},
    m.EventRetrieved: {_HELD: _CONNECTED},
    m.EventRouteUsed: {_QUEUED: _QUEUED},
    m.EventDiverted: {_QUEUED: _NULL},
    m.EventAbandoned: {_ALERTING: _NULL, _QUEUED: _NULL},
    m.EventReleased: dict.fromkeys((_DIALING, _QUEUED, _ALERTING, _CONNECTED, _HELD, _FAILED), _NULL),
}

_STEADY: tuple[type[m.TelephonyEvent], ...] = (
    m.EventPartyChanged,
    m.EventPartyAdded,
    m.EventPartyDeleted,
    m.EventAttachedDataChanged,
    m.EventDTMFSent,
    m.EventDigitsCollected,
    m.EventTreatmentApplied,
    m.EventTreatmentNotApplied,
    m.EventTreatmentEnd,
    m.EventTreatmentRequired,
    m.EventMuteOn,
    m.EventMuteOff,
    m.EventListenDisconnected,
    m.EventListenReconnected,
    m.EventCallInfoChanged,
)
"""Events that change what a party knows of its call, not its state."""

TRANSITIONS: Mapping[tuple[CallPartyState, type[m.TelephonyEvent]], CallPartyState] = {
    (before, event): after for event, steps in _STEPS.items() for before, after in steps.items()
} | {(state, event): state for event in _STEADY for state in CallPartyState if state is not _NULL}

OCCUPYING = frozenset({_DIALING, _ALERTING, _CONNECTED})
"""While an extension has a party in one of these states, it neither takes nor places another call."""

TALKING = frozenset({_CONNECTED, _HELD})
"""The states of a party that has been connected."""
