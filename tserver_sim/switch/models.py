"""What happens on the switch, and what is told to whom: the call models.

A model is a list of lines, in the order in which they are told. To change a variant (the order, the
third party, the cause ...), change its line here; nothing else decides it.
Source: T-Library Events and Models, simple call model and single-step transfer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, Cause, DNRole
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.states import PartyState


class Actor(Enum):
    """The parts in a model. Who plays them depends on the call."""

    SELF = "the party that asks, or whose phone it is about"
    PEER = "the party it has the call with"
    TARGET = "the party that is dialled or transferred to"
    BRINGER = "the party that transferred the call to SELF"


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a model."""

    to: Actor
    """Whose party the event is about; it is told at that party's DN."""
    event: type[m.PartyEvent]
    other: Actor
    """Who is OtherDN."""
    call_state: CallState | None = None
    cause: Cause | None = None
    third: tuple[Actor, DNRole] | None = None
    """Who is ThirdPartyDN, and with which role."""
    answers: bool = False
    """Whether it answers the request: it carries the request's ReferenceID and Reasons."""
    same_conn_id: bool = False
    """Whether it carries a PreviousConnID, equal to the ConnID."""


class Model(Enum):
    """What can happen. Each has its lines in `MODELS`."""

    CALLED = "a call is placed to a free extension"
    CALLED_BUSY = "a call is placed to a busy extension"
    CALLED_NOBODY = "a call is placed to a number that does not exist"
    ANSWERED = "the called party answers"
    TRANSFERRED = "a party puts another one in its place, without consultation"
    TRANSFER_ANSWERED = "the party that the call was transferred to answers"
    HUNG_UP = "one of two talking parties leaves"
    GIVEN_UP = "the waiting party leaves while the other phone still rings"
    REJECTED = "the ringing party does not want the call"
    NOT_ANSWERED = "the phone rang too long; SELF is the one that rings"
    CLEARED = "a party leaves a call that reached nobody"


SELF, PEER, TARGET, BRINGER = Actor

MODELS: Mapping[Model, tuple[Line, ...]] = {
    Model.CALLED: (
        Line(SELF, m.EventDialing, TARGET, answers=True),
        Line(TARGET, m.EventRinging, SELF, CallState.Ok),
    ),
    Model.CALLED_BUSY: (
        Line(SELF, m.EventDialing, TARGET, answers=True),
        Line(SELF, m.EventDestinationBusy, TARGET, CallState.Busy),
    ),
    Model.CALLED_NOBODY: (
        Line(SELF, m.EventDialing, TARGET, answers=True),
        Line(SELF, m.EventDestinationBusy, TARGET, CallState.SitInvalidNum),
    ),
    Model.ANSWERED: (
        Line(SELF, m.EventEstablished, PEER, CallState.Ok, answers=True),
        Line(PEER, m.EventEstablished, SELF, CallState.Ok),
    ),
    Model.TRANSFERRED: (
        Line(
            SELF,
            m.EventReleased,
            PEER,
            CallState.Transferred,
            Cause.SingleStepTransfer,
            third=(TARGET, DNRole.Destination),
            answers=True,
        ),
        Line(
            TARGET,
            m.EventRinging,
            PEER,
            CallState.Transferred,
            Cause.SingleStepTransfer,
            third=(SELF, DNRole.TransferredBy),
        ),
        Line(
            PEER,
            m.EventPartyChanged,
            TARGET,
            CallState.Transferred,
            Cause.SingleStepTransfer,
            third=(SELF, DNRole.TransferredBy),
            same_conn_id=True,
        ),
    ),
    Model.TRANSFER_ANSWERED: (
        Line(
            SELF,
            m.EventEstablished,
            PEER,
            CallState.Transferred,
            third=(BRINGER, DNRole.TransferredBy),
            answers=True,
        ),
    ),
    Model.HUNG_UP: (
        Line(SELF, m.EventReleased, PEER, CallState.Ok, answers=True),
        Line(PEER, m.EventReleased, SELF, CallState.Ok),
    ),
    Model.GIVEN_UP: (
        Line(SELF, m.EventReleased, PEER, CallState.Ok, answers=True),
        Line(PEER, m.EventAbandoned, SELF, CallState.Ok),
    ),
    Model.REJECTED: (
        Line(SELF, m.EventReleased, PEER, CallState.Ok, answers=True),
        Line(PEER, m.EventReleased, SELF, CallState.Ok, Cause.Reject),
    ),
    Model.NOT_ANSWERED: (
        Line(PEER, m.EventReleased, SELF, CallState.NoAnswer),
        Line(SELF, m.EventReleased, PEER, CallState.NoAnswer),
    ),
    Model.CLEARED: (Line(SELF, m.EventReleased, PEER, CallState.Ok, answers=True),),
}

_NULL, _DIALING, _ALERTING, _CONNECTED, _FAILED = PartyState

CHOICE: Mapping[tuple[type[m.CallRequest], PartyState, PartyState], Model] = {
    (m.RequestAnswerCall, _ALERTING, _DIALING): Model.ANSWERED,
    (m.RequestAnswerCall, _ALERTING, _CONNECTED): Model.TRANSFER_ANSWERED,
    (m.RequestReleaseCall, _CONNECTED, _CONNECTED): Model.HUNG_UP,
    (m.RequestReleaseCall, _CONNECTED, _ALERTING): Model.GIVEN_UP,
    (m.RequestReleaseCall, _DIALING, _ALERTING): Model.GIVEN_UP,
    (m.RequestReleaseCall, _ALERTING, _DIALING): Model.REJECTED,
    (m.RequestReleaseCall, _ALERTING, _CONNECTED): Model.REJECTED,
    (m.RequestReleaseCall, _FAILED, _NULL): Model.CLEARED,
    (m.RequestSingleStepTransfer, _CONNECTED, _CONNECTED): Model.TRANSFERRED,
}
"""Which model a request starts, by the states of the party that asks and of its peer."""

OTHERWISE: Mapping[type[m.CallRequest], tuple[ErrorCode, str]] = {
    m.RequestAnswerCall: (ErrorCode.NothingToAnswer, "the call does not ring here"),
    m.RequestReleaseCall: (ErrorCode.CallInWrongState, "the call cannot be released now"),
    m.RequestSingleStepTransfer: (ErrorCode.CallInWrongState, "both parties must be talking"),
}
"""How a request is refused in states that have no model for it."""
