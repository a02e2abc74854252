"""Treatments: what a call at a route point hears, or is asked for.

Source: T-Library Events and Models, treatments; T-Library, TApplyTreatment.
"""

from bridge.tlib import messages as m
from tserver_sim.switch.models.vocabulary import Actor, EventTemplate, Model, Models


class CallTreatment(Model):
    """What can happen to a treatment; SELF is the route point."""

    APPLIED = "a treatment has begun"
    NOT_APPLIED = "a treatment cannot begin"
    ENDED = "a treatment is over"
    ENDED_WITH_DIGITS = "a treatment that collects digits is over"


_A = Actor

TREATMENTS: Models = {
    CallTreatment.APPLIED: (
        EventTemplate(_A.SELF, m.EventTreatmentApplied, _A.PEER, details=("treatment_type",), answers=True),
    ),
    CallTreatment.NOT_APPLIED: (
        EventTemplate(
            _A.SELF,
            m.EventTreatmentNotApplied,
            _A.PEER,
            details=("treatment_type", "error_code"),
            answers=True,
        ),
    ),
    CallTreatment.ENDED: (EventTemplate(_A.SELF, m.EventTreatmentEnd, _A.PEER, details=("treatment_type",)),),
    CallTreatment.ENDED_WITH_DIGITS: (
        EventTemplate(
            _A.SELF,
            m.EventTreatmentEnd,
            _A.PEER,
            details=("treatment_type", "collected_digits", "last_digit"),
        ),
    ),
}
