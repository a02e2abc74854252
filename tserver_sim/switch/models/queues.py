"""ACD queues: a waiting call is offered to an agent.

Source: T-Library Events and Models, call to an ACD queue; call overflows to another queue. The events when an
agent does not take the call are this project's choice, after those of a forwarded call.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, Cause, DNRole
from tserver_sim.switch.models.vocabulary import Actor, ComputedThirdParty, EventTemplate, Model, Models, Move


class Acd(Model):
    """What can happen to a call in an ACD queue."""

    OFFERED = "the queue, SELF, offers the call to an agent, TARGET"
    NOT_ANSWERED = "the agent, SELF, does not answer; the call goes back to the queue, TARGET"
    REJECTED = "the agent, SELF, rejects the call; it goes back to the queue, TARGET"
    OVERFLOWED = "the call has waited too long in the queue, SELF, and goes to TARGET"


_A = Actor

QUEUES: Models = {
    Acd.OFFERED: (
        EventTemplate(_A.SELF, m.EventDiverted, _A.PEER, CallState.Ok, third=(_A.TARGET, DNRole.Destination)),
        EventTemplate(
            _A.TARGET, Move.ARRIVES, _A.PEER, CallState.Ok, Cause.ACD, third=ComputedThirdParty.AS_ARRIVED
        ),
    ),
    Acd.NOT_ANSWERED: (
        EventTemplate(
            _A.SELF,
            m.EventReleased,
            _A.PEER,
            CallState.NoAnswer,
            Cause.NoAnswer,
            third=(_A.TARGET, DNRole.Destination),
        ),
        EventTemplate(
            _A.TARGET,
            Move.ARRIVES,
            _A.PEER,
            CallState.Redirected,
            Cause.NoAnswer,
            third=ComputedThirdParty.AS_ARRIVED,
        ),
    ),
    Acd.REJECTED: (
        EventTemplate(
            _A.SELF,
            m.EventReleased,
            _A.PEER,
            CallState.Redirected,
            Cause.Reject,
            third=(_A.TARGET, DNRole.Destination),
            answers=True,
        ),
        EventTemplate(
            _A.TARGET,
            Move.ARRIVES,
            _A.PEER,
            CallState.Redirected,
            Cause.Reject,
            third=ComputedThirdParty.AS_ARRIVED,
        ),
    ),
    Acd.OVERFLOWED: (
        EventTemplate(
            _A.SELF, m.EventDiverted, _A.PEER, CallState.Overflowed, third=(_A.TARGET, DNRole.Destination)
        ),
        EventTemplate(
            _A.TARGET, Move.ARRIVES, _A.PEER, CallState.Overflowed, third=ComputedThirdParty.AS_ARRIVED
        ),
    ),
}
