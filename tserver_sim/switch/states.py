"""How a party of a call moves from state to state: every legal step, and no other.

A party changes its state exactly when an event tells so, so the event is the step.
Source: T-Library Events and Models, state of a party at a DN.
"""

from collections.abc import Mapping
from enum import IntEnum

from bridge.tlib import messages as m


class PartyState(IntEnum):
    """Where a party stands in its call. The values are those of `ps-N` in an EventRegistered."""

    NULL = 0x0
    """Not on the call: not yet, or no longer."""
    DIALING = 0x1
    ALERTING = 0xA
    CONNECTED = 0xC
    FAILED = 0xF
    """Hears that the destination cannot be reached."""


TRANSITIONS: Mapping[tuple[PartyState, type[m.PartyEvent]], PartyState] = {
    (PartyState.NULL, m.EventDialing): PartyState.DIALING,
    (PartyState.NULL, m.EventRinging): PartyState.ALERTING,
    (PartyState.DIALING, m.EventEstablished): PartyState.CONNECTED,
    (PartyState.DIALING, m.EventDestinationBusy): PartyState.FAILED,
    (PartyState.DIALING, m.EventReleased): PartyState.NULL,
    (PartyState.ALERTING, m.EventEstablished): PartyState.CONNECTED,
    (PartyState.ALERTING, m.EventReleased): PartyState.NULL,
    (PartyState.ALERTING, m.EventAbandoned): PartyState.NULL,
    (PartyState.CONNECTED, m.EventPartyChanged): PartyState.CONNECTED,
    (PartyState.CONNECTED, m.EventReleased): PartyState.NULL,
    (PartyState.FAILED, m.EventReleased): PartyState.NULL,
}

OCCUPYING = frozenset({PartyState.DIALING, PartyState.ALERTING, PartyState.CONNECTED})
"""While an extension has a party in one of these, it neither takes nor places another call."""
