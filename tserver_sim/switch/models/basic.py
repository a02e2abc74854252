"""Simple calls: placing, answering, refusing, ending, holding, redirecting.

Source: T-Library Events and Models, simple call model and its failures; hold and retrieve; redirection.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, Cause, DNRole
from tserver_sim.switch.models.vocabulary import Actor, Line, Model, Models, Move, Previous, Qualifier, Third


class Basic(Model):
    """What can happen to a simple call."""

    PLACED = "a call is placed to somebody who can be reached"
    NETWORK_REACHED = "a call has left the switch through a trunk; SELF is the party outside"
    UNREACHABLE = "a call is placed to somebody who is busy or does not exist"
    BECAME_UNREACHABLE = "while a call was on its way it became clear that SELF cannot be reached"
    LOST = "the same, but nobody waits for an answer: the one who was passed on to SELF loses the call"
    ARRIVED = "a call comes in from outside"
    ANSWERED = "the called party answers"
    HUNG_UP = "a party leaves, and nobody is left to talk to"
    REJECTED = "the ringing party does not want the call, and nobody is left to talk to"
    NOT_ANSWERED = "the phone rang too long; SELF is the one that rings"
    HELD = "a party puts the call on hold"
    RETRIEVED = "a party takes the call back from hold"
    CLEARED = "a party ends the call for everybody"
    FORSAKEN = "only queues and route points are left in a call"
    REDIRECTED = "the ringing party sends the call elsewhere"
    FORWARDED = "the phone rang too long and is forwarded; SELF is the one that rings"


_A = Actor

BASIC: Models = {
    Basic.PLACED: (
        Line(_A.SELF, m.EventDialing, _A.TARGET, answers=True),
        Line(_A.TARGET, Move.ARRIVES, _A.SELF, CallState.Ok),
    ),
    Basic.NETWORK_REACHED: (Line(_A.CALLERS, m.EventNetworkReached, _A.SELF),),
    Basic.UNREACHABLE: (
        Line(_A.SELF, m.EventDialing, _A.TARGET, answers=True),
        Line(_A.SELF, m.EventDestinationBusy, _A.TARGET, details=("call_state",)),
    ),
    Basic.BECAME_UNREACHABLE: (
        Line(_A.SELF, m.EventReleased, _A.PEER, details=("call_state",)),
        Line(_A.CALLERS, m.EventDestinationBusy, _A.SELF, details=("call_state",)),
    ),
    Basic.LOST: (
        Line(_A.SELF, m.EventReleased, _A.PEER, details=("call_state",)),
        Line(_A.OTHERS, m.EventReleased, _A.SELF, details=("call_state",)),
    ),
    Basic.ARRIVED: (
        Line(_A.SELF, m.EventDialing, _A.TARGET),
        Line(_A.TARGET, Move.ARRIVES, _A.SELF, CallState.Ok),
    ),
    Basic.ANSWERED: (
        Line(
            _A.SELF, m.EventEstablished, _A.PEER, Qualifier.AS_ARRIVED, third=Third.AS_ARRIVED, answers=True
        ),
        Line(_A.CALLERS, m.EventEstablished, _A.SELF, CallState.Ok),
    ),
    Basic.HUNG_UP: (
        Line(_A.SELF, m.EventReleased, _A.PEER, CallState.Ok, answers=True),
        Line(_A.OTHERS, Move.LEAVES, _A.SELF, CallState.Ok),
    ),
    Basic.REJECTED: (
        Line(_A.SELF, m.EventReleased, _A.PEER, CallState.Ok, answers=True),
        Line(_A.OTHERS, m.EventReleased, _A.SELF, CallState.Ok, Cause.Reject),
    ),
    Basic.NOT_ANSWERED: (
        Line(_A.OTHERS, m.EventReleased, _A.SELF, CallState.NoAnswer),
        Line(_A.SELF, m.EventReleased, _A.PEER, CallState.NoAnswer),
    ),
    Basic.HELD: (Line(_A.SELF, m.EventHeld, _A.PEER, answers=True),),
    Basic.RETRIEVED: (Line(_A.SELF, m.EventRetrieved, _A.PEER, CallState.Ok, answers=True),),
    Basic.CLEARED: (
        Line(_A.SELF, m.EventReleased, _A.PEER, CallState.Ok, answers=True),
        Line(_A.OTHERS, Move.LEAVES, _A.SELF, CallState.Ok),
    ),
    Basic.FORSAKEN: (Line(_A.EVERYONE, Move.LEAVES, None, CallState.Ok),),
    Basic.REDIRECTED: (
        Line(
            _A.SELF,
            m.EventReleased,
            _A.PEER,
            CallState.Redirected,
            Cause.Redirect,
            third=(_A.TARGET, DNRole.Destination),
            answers=True,
        ),
        Line(
            _A.TARGET,
            Move.ARRIVES,
            _A.PEER,
            CallState.Redirected,
            Cause.Redirect,
            third=Third.AS_ARRIVED,
        ),
        Line(
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
        Line(
            _A.SELF,
            m.EventReleased,
            _A.PEER,
            CallState.Forwarded,
            Cause.Forward,
            third=(_A.TARGET, DNRole.Destination),
        ),
        Line(
            _A.TARGET,
            Move.ARRIVES,
            _A.PEER,
            CallState.Forwarded,
            Cause.Forward,
            third=Third.AS_ARRIVED,
        ),
        Line(
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
