"""Predictive calls: the switch calls a destination for a queue or route point, and an agent joins later.

SELF is the called party, except where a line says otherwise; the queue is among CALLERS until the answer.
Source: T-Library Events and Models, predictive call; T-Library, TMakePredictiveCall.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, Cause
from tserver_sim.switch.models.vocabulary import Actor, ComputedCallState, EventTemplate, Model, Models, Move


class Predictive(Model):
    """What can happen to a predictive call."""

    UNREACHABLE = "the queue, SELF, calls a destination that cannot be reached"
    ANSWERED = "the called party answers, and waits in the queue from now on"
    MACHINE = "an answering machine answers, and is not connected to an agent"
    FAX = "a fax machine answers"


_A = Actor

PREDICTIVE: Models = {
    Predictive.UNREACHABLE: (
        EventTemplate(_A.SELF, m.EventDialing, _A.TARGET, answers=True),
        EventTemplate(_A.SELF, m.EventReleased, _A.TARGET, details=("call_state",)),
    ),
    Predictive.ANSWERED: (
        EventTemplate(_A.SELF, m.EventEstablished, _A.PEER, ComputedCallState.AS_ARRIVED, answers=True),
        EventTemplate(_A.CALLERS, Move.ARRIVES, _A.SELF, details=("call_state",)),
    ),
    Predictive.MACHINE: (
        EventTemplate(
            _A.SELF, m.EventReleased, _A.PEER, CallState.AnsweringMachineDetected, Cause.AMDetected
        ),
        EventTemplate(
            _A.CALLERS, m.EventReleased, _A.SELF, CallState.AnsweringMachineDetected, Cause.AMDetected
        ),
    ),
    Predictive.FAX: (
        EventTemplate(_A.SELF, m.EventReleased, _A.PEER, CallState.FaxDetected, Cause.FaxDetected),
        EventTemplate(_A.CALLERS, m.EventReleased, _A.SELF, CallState.FaxDetected, Cause.FaxDetected),
    ),
}
