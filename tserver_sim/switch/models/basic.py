"""Simple calls: placing, answering, rejecting, ending, holding, redirecting.

Source: T-Library Events and Models, simple call model and its failures; hold and retrieve; redirection.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, Cause, DNRole
from tserver_sim.switch.models.vocabulary import (
    Actor,
    ComputedCallState,
    ComputedThirdParty,
    EventTemplate,
    Model,
    Models,
    Move,
    Previous,
)


class Basic(Model):
    """What can happen to a simple call."""

    PLACED = "a call is placed to a destination that can be reached"
    NETWORK_REACHED = "a call has left the switch through a trunk; SELF is the party outside"
    UNREACHABLE = "a call is placed to a destination that is busy or does not exist"
    BECAME_UNREACHABLE = "a call was on its way, and SELF cannot be reached after all"
    LOST = "the same, but no caller waits for an answer: the party that was passed on to SELF loses the call"
    ARRIVED = "a call comes in from outside"
    ANSWERED = "the called party answers"
    HUNG_UP = "a party leaves, and no two parties remain that can talk"
    REJECTED = "the ringing party rejects the call, and no two parties remain that can talk"
    NOT_ANSWERED = "the phone rang too long; SELF is the one that rings"
    HELD = "a party puts the call on hold"
    RETRIEVED = "a party retrieves the call from hold"
    CLEARED = "a party releases all parties of the call"
    FORSAKEN = "only queues and route points are left in a call"
    REDIRECTED = "the ringing party redirects the call"
    FORWARDED = "the phone rang too long and is forwarded; SELF is the one that rings"


_A = Actor

BASIC: Models = {
    Basic.PLACED: (
        EventTemplate(_A.SELF, m.EventDialing, _A.TARGET, answers=True),
        EventTemplate(_A.TARGET, Move.ARRIVES, _A.SELF, CallState.Ok),
    ),
    Basic.NETWORK_REACHED: (EventTemplate(_A.CALLERS, m.EventNetworkReached, _A.SELF),),
    Basic.UNREACHABLE: (
        EventTemplate(_A.SELF, m.EventDialing, _A.TARGET, answers=True),
        EventTemplate(_A.SELF, m.EventDestinationBusy, _A.TARGET, details=("call_state",)),
    ),
    Basic.BECAME_UNREACHABLE: (
        EventTemplate(_A.SELF, m.EventReleased, _A.PEER, details=("call_state",)),
        EventTemplate(_A.CALLERS, m.EventDestinationBusy, _A.SELF, details=("call_state",)),
    ),
    Basic.LOST: (
        EventTemplate(_A.SELF, m.EventReleased, _A.PEER, details=("call_state",)),
        EventTemplate(_A.OTHERS, m.EventReleased, _A.SELF, details=("call_state",)),
    ),
    Basic.ARRIVED: (
        EventTemplate(_A.SELF, m.EventDialing, _A.TARGET),
        EventTemplate(_A.TARGET, Move.ARRIVES, _A.SELF, CallState.Ok),
    ),
    Basic.ANSWERED: (
        EventTemplate(
            _A.SELF,
            m.EventEstablished,
            _A.PEER,
            ComputedCallState.AS_ARRIVED,
            third=ComputedThirdParty.AS_ARRIVED,
            answers=True,
        ),
        EventTemplate(_A.CALLERS, m.EventEstablished, _A.SELF, CallState.Ok),
    ),
    Basic.HUNG_UP: (
        EventTemplate(_A.SELF, m.EventReleased, _A.PEER, CallState.Ok, answers=True),
        EventTemplate(_A.OTHERS, Move.LEAVES, _A.SELF, CallState.Ok),
    ),
    Basic.REJECTED: (
        EventTemplate(_A.SELF, m.EventReleased, _A.PEER, CallState.Ok, answers=True),
        EventTemplate(_A.OTHERS, m.EventReleased, _A.SELF, CallState.Ok, Cause.Reject),
    ),
    Basic.NOT_ANSWERED: (
        EventTemplate(_A.OTHERS, m.EventReleased, _A.SELF, CallState.NoAnswer),
        EventTemplate(_A.SELF, m.EventReleased, _A.PEER, CallState.NoAnswer),
    ),
    Basic.HELD: (EventTemplate(_A.SELF, m.EventHeld, _A.PEER, answers=True),),
    Basic.RETRIEVED: (EventTemplate(_A.SELF, m.EventRetrieved, _A.PEER, CallState.Ok, answers=True),),
    Basic.CLEARED: (
        EventTemplate(_A.SELF, m.EventReleased, _A.PEER, CallState.Ok, answers=True),
        EventTemplate(_A.OTHERS, Move.LEAVES, _A.SELF, CallState.Ok),
    ),
    Basic.FORSAKEN: (EventTemplate(_A.EVERYONE, Move.LEAVES, None, CallState.Ok),),
    Basic.REDIRECTED: (
        EventTemplate(
            _A.SELF,
            m.EventReleased,
            _A.PEER,
            CallState.Redirected,
            Cause.Redirect,
            third=(_A.TARGET, DNRole.Destination),
            answers=True,
        ),
        EventTemplate(
            _A.TARGET,
            Move.ARRIVES,
            _A.PEER,
            CallState.Redirected,
            Cause.Redirect,
            third=ComputedThirdParty.AS_ARRIVED,
        ),
        EventTemplate(
            _A.TALKERS,
            m.EventPartyChanged,
            _A.TARGET,
            CallState.Redirected,
            Cause.Redirect,
            third=(_A.SELF, DNRole.TransferredBy),
            previous=Previous.SAME,
        ),
    ),
    Basic.FORWARDED: (
        EventTemplate(
            _A.SELF,
            m.EventReleased,
            _A.PEER,
            CallState.Forwarded,
            Cause.Forward,
            third=(_A.TARGET, DNRole.Destination),
        ),
        EventTemplate(
            _A.TARGET,
            Move.ARRIVES,
            _A.PEER,
            CallState.Forwarded,
            Cause.Forward,
            third=ComputedThirdParty.AS_ARRIVED,
        ),
        EventTemplate(
            _A.TALKERS,
            m.EventPartyChanged,
            _A.TARGET,
            CallState.Forwarded,
            Cause.Forward,
            third=(_A.SELF, DNRole.TransferredBy),
            previous=Previous.SAME,
        ),
    ),
}
