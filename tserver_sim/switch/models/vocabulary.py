"""The vocabulary of the call models.

A model is a list of lines, in the order of their events; each line is one event for one actor, or for each of
a group. Which parties play the actors depends on the call; the operation that applies the model casts them
(`tserver_sim/switch/operations`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType, CallState, Cause, DNRole
from tserver_sim.switch.state.party_states import CallPartyState


class _Quick(Enum):
    """An enumeration whose members are keys on the hot path: hashed by identity, ten times as fast."""

    __hash__ = object.__hash__


class Model(_Quick):
    """What can happen. Each family of models has an enumeration of its own, derived from this one."""


class Actor(_Quick):
    """The parts in a model: a party, or all parties of a kind."""

    SELF = "the party that requests it, or whose phone it is about"
    PEER = "the one party that SELF has the call with; none when there are more"
    OTHERS = "all parties of SELF's call but SELF and observers"
    TALKERS = "those of OTHERS that are connected, or hold the call"
    CALLERS = "those of OTHERS that wait for an answer"
    EVERYONE = "all parties of SELF's call"
    TARGET = "the party that is dialled, transferred or routed to"
    HOLDER = "the party of SELF's DN in its held call"
    HELD_PEER = "the one party that HOLDER has the held call with; none when there are more"
    HELD_OTHERS = "all parties of the held call but HOLDER"
    NEWCOMERS = "the parties of one call that join another"
    NEWCOMER = "the one party that joins; none when there are more"
    QUEUE = "the queue or route point that the call leaves"
    OBSERVER = "the supervisor who listens in"
    BRINGER = "the party that brought TARGET to the call; it may have left since"
    WATCHED = "the monitored agent"
    WITNESSES = "those of OTHERS that learn of the supervisor"


class Move(Enum):
    """Steps whose event depends on the party."""

    ARRIVES = "the call comes to a DN: see ARRIVALS"
    LEAVES = "a party has to leave because another did: see LEAVINGS"


class ComputedCallState(Enum):
    """CallStates that depend on the call."""

    AS_ARRIVED = "as when the call came to this party"
    BY_SIZE = "Conferenced while more than two parties remain, else Ok"


class ComputedRole(Enum):
    """Roles that depend on the call."""

    BY_SIZE = "ConferenceMember in a call of more than two parties, else the role that the party had"


class Previous(Enum):
    """The value of PreviousConnID. In a consult call the default is the main call's ConnID."""

    SAME = "the call's own ConnID"
    LEFT = "the ConnID of the call that the party comes from: the line moves it to HOLDER's call"


class ComputedThirdParty(Enum):
    """Third parties that depend on the call."""

    AS_ARRIVED = "the party that brought the call to this one, as in its first event"


EventKind: TypeAlias = type[m.TelephonyEvent]


@dataclass(frozen=True, slots=True)
class EventTemplate:
    """One event of a model."""

    to: Actor
    """The actor whose party the event is about: ThisDN."""
    event: EventKind | Move
    other: Actor | None = None
    """The actor that is OtherDN."""
    call_state: CallState | ComputedCallState | None = None
    cause: Cause | None = None
    third: tuple[Actor, DNRole | None] | ComputedThirdParty | None = None
    """The actor that is ThirdPartyDN, and its role; None: the role that it has in the call."""
    answers: bool = False
    """Whether it answers the request: it carries the request's ReferenceID and Reasons."""
    previous: Previous | None = None
    other_role: DNRole | None = None
    """OtherDNRole, where it is not the role of that party in the call."""
    becomes: DNRole | ComputedRole | None = None
    """The role that the party has from this event on."""
    details: tuple[str, ...] = ()
    """Further attributes, whose values the operation gives."""
    each: Actor | None = None
    """The actor for each of whose parties the line is repeated; that party plays NEWCOMER."""
    has_third_party: bool = True
    """Whether the event carries ThirdPartyDN; if not, it is only stored."""
    renumbers: bool = False
    """Whether DNIS becomes the number of the party to which the line brings the call."""


Models: TypeAlias = Mapping[Model, tuple[EventTemplate, ...]]

ARRIVALS: Mapping[AddressType, tuple[EventKind, ...]] = MappingProxyType(
    {
        AddressType.DN: (m.EventRinging,),
        AddressType.Position: (m.EventRinging,),
        AddressType.Trunk: (m.EventRinging,),
        AddressType.Queue: (m.EventQueued,),
        AddressType.RouteDN: (m.EventQueued, m.EventRouteRequest),
    }
)
"""The events of a call that comes to an address. At a trunk there is no event, but a signal outwards."""

LEAVINGS: Mapping[CallPartyState, EventKind] = MappingProxyType(
    {
        CallPartyState.DIALING: m.EventReleased,
        CallPartyState.ALERTING: m.EventAbandoned,
        CallPartyState.QUEUED: m.EventAbandoned,
        CallPartyState.CONNECTED: m.EventReleased,
        CallPartyState.HELD: m.EventReleased,
        CallPartyState.FAILED: m.EventReleased,
    }
)
"""The event of a party that leaves. EventAbandoned follows EventRinging or EventQueued only (T-Library Events
and Models)."""
