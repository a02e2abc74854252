"""Treatments: what a call hears or does while it waits at a route point.

Source: T-Library Events and Models, treatments; T-Library, TApplyTreatment.
"""

from bridge.tlib import messages as m
from tserver_sim.switch.models.vocabulary import Actor, Line, Model, Models


class Treating(Model):
    """What can happen; SELF is the route point."""

    APPLIED = "a treatment has begun"
    NOT_APPLIED = "a treatment cannot begin"
    ENDED = "a treatment is over"
    ENDED_WITH_DIGITS = "a treatment that waits for digits is over"


_A = Actor

TREATMENTS: Models = {
    Treating.APPLIED: (
        Line(_A.SELF, m.EventTreatmentApplied, _A.PEER, details=("treatment_type",), answers=True),
    ),
    Treating.NOT_APPLIED: (
        Line(
            _A.SELF,
            m.EventTreatmentNotApplied,
            _A.PEER,
            details=("treatment_type", "error_code"),
            answers=True,
        ),
    ),
    Treating.ENDED: (Line(_A.SELF, m.EventTreatmentEnd, _A.PEER, details=("treatment_type",)),),
    Treating.ENDED_WITH_DIGITS: (
        Line(
            _A.SELF,
            m.EventTreatmentEnd,
            _A.PEER,
            details=("treatment_type", "collected_digits", "last_digit"),
        ),
    ),
}
