"""Single-step transfer and conference: somebody comes into a call without consultation.

Source: T-Library Events and Models, single-step transfer and single-step conference.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, Cause, DNRole
from tserver_sim.switch.models.vocabulary import Actor, Line, Model, Models, Move, Previous, Third


class SingleStep(Model):
    """What can happen in a single step."""

    TRANSFERRED = "a party puts another one in its place"
    EXCHANGED = "the same in a conference, at switches that tell it as a leaving and a coming"
    ANNOUNCED = "TARGET, put in the place of BRINGER, has answered; only now the others are told"
    RECALLED = "SELF, put in the place of TARGET, does not come; TARGET gets the call back"
    INVITED = "a party has somebody called who is to join"
    JOINED = "TARGET, whom SELF has invited, is in the call"
    DECLINED = "SELF was invited and does not come"
    WITHDRAWN = "who invited SELF has gone"


_A = Actor

_REPLACES = Line(
    _A.SELF,
    m.EventReleased,
    _A.PEER,
    CallState.Transferred,
    Cause.SingleStepTransfer,
    third=(_A.TARGET, DNRole.Destination),
    answers=True,
)

SINGLE_STEP: Models = {
    SingleStep.TRANSFERRED: (
        _REPLACES,
        Line(
            _A.TARGET,
            Move.ARRIVES,
            _A.PEER,
            CallState.Transferred,
            Cause.SingleStepTransfer,
            third=(_A.SELF, DNRole.TransferredBy),
        ),
        Line(
            _A.TALKERS,
            m.EventPartyChanged,
            _A.TARGET,
            CallState.Transferred,
            Cause.SingleStepTransfer,
            third=(_A.SELF, DNRole.TransferredBy),
            previous=Previous.SAME,
        ),
    ),
    SingleStep.EXCHANGED: (
        _REPLACES,
        Line(
            _A.TARGET,
            Move.ARRIVES,
            None,
            CallState.Conferenced,
            Cause.SingleStepTransfer,
            third=(_A.SELF, DNRole.TransferredBy),
        ),
        Line(
            _A.TALKERS,
            m.EventPartyDeleted,
            _A.SELF,
            CallState.Conferenced,
            Cause.SingleStepTransfer,
            third=(_A.SELF, DNRole.DeletedBy),
            other_role=DNRole.DeletedParty,
        ),
        Line(
            _A.TALKERS,
            m.EventPartyAdded,
            _A.TARGET,
            CallState.Conferenced,
            Cause.SingleStepTransfer,
            third=(_A.SELF, DNRole.AddedBy),
            other_role=DNRole.NewParty,
        ),
    ),
    SingleStep.ANNOUNCED: (
        Line(
            _A.TALKERS,
            m.EventPartyChanged,
            _A.TARGET,
            CallState.Transferred,
            Cause.SingleStepTransfer,
            third=(_A.BRINGER, DNRole.TransferredBy),
            previous=Previous.SAME,
        ),
    ),
    SingleStep.RECALLED: (
        Line(_A.SELF, m.EventReleased, _A.PEER, details=("call_state",), answers=True),
        Line(
            _A.TARGET,
            Move.ARRIVES,
            _A.PEER,
            CallState.Redirected,
            Cause.Redirect,
            third=(_A.SELF, DNRole.Destination),
        ),
        Line(
            _A.TALKERS,
            m.EventPartyChanged,
            _A.TARGET,
            CallState.Redirected,
            Cause.Redirect,
            third=(_A.SELF, DNRole.Destination),
            previous=Previous.SAME,
        ),
    ),
    SingleStep.INVITED: (
        Line(_A.TARGET, Move.ARRIVES, None, CallState.Conferenced, third=(_A.SELF, DNRole.AddedBy)),
    ),
    SingleStep.JOINED: (
        Line(
            _A.SELF,
            m.EventPartyAdded,
            _A.TARGET,
            CallState.Conferenced,
            third=(_A.SELF, DNRole.AddedBy),
            other_role=DNRole.NewParty,
            answers=True,
        ),
        Line(
            _A.OTHERS,
            m.EventPartyAdded,
            _A.TARGET,
            CallState.Conferenced,
            third=(_A.SELF, DNRole.AddedBy),
            other_role=DNRole.NewParty,
        ),
    ),
    SingleStep.DECLINED: (
        Line(
            _A.SELF,
            m.EventReleased,
            None,
            third=Third.AS_ARRIVED,
            details=("call_state",),
            answers=True,
        ),
    ),
    SingleStep.WITHDRAWN: (Line(_A.SELF, Move.LEAVES, None, CallState.Ok, third=Third.AS_ARRIVED),),
}
