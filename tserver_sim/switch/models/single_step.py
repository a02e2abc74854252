"""Single-step transfer and conference: a target joins a call without consultation.

Source: T-Library Events and Models, single-step transfer and single-step conference.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, Cause, DNRole
from tserver_sim.switch.models.vocabulary import (
    Actor,
    ComputedThirdParty,
    EventTemplate,
    Model,
    Models,
    Move,
    Previous,
)


class SingleStep(Model):
    """What can happen in a single-step operation."""

    TRANSFERRED = "a party puts another one in its place"
    EXCHANGED = "the same in a conference, at switches with PartyDeleted and PartyAdded for it"
    ANNOUNCED = "TARGET, put in the place of BRINGER, has answered; only now the others get an event"
    RECALLED = "SELF, put in the place of TARGET, does not join; TARGET gets the call back"
    INVITED = "a party invites another one"
    JOINED = "TARGET, whom SELF has invited, is in the call"
    DECLINED = "SELF was invited and does not join"
    WITHDRAWN = "the party that invited SELF has left"


_A = Actor

_REPLACES = EventTemplate(
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
        EventTemplate(
            _A.TARGET,
            Move.ARRIVES,
            _A.PEER,
            CallState.Transferred,
            Cause.SingleStepTransfer,
            third=(_A.SELF, DNRole.TransferredBy),
        ),
        EventTemplate(
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
        EventTemplate(
            _A.TARGET,
            Move.ARRIVES,
            None,
            CallState.Conferenced,
            Cause.SingleStepTransfer,
            third=(_A.SELF, DNRole.TransferredBy),
        ),
        EventTemplate(
            _A.TALKERS,
            m.EventPartyDeleted,
            _A.SELF,
            CallState.Conferenced,
            Cause.SingleStepTransfer,
            third=(_A.SELF, DNRole.DeletedBy),
            other_role=DNRole.DeletedParty,
        ),
        EventTemplate(
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
        EventTemplate(
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
        EventTemplate(_A.SELF, m.EventReleased, _A.PEER, details=("call_state",), answers=True),
        EventTemplate(
            _A.TARGET,
            Move.ARRIVES,
            _A.PEER,
            CallState.Redirected,
            Cause.Redirect,
            third=(_A.SELF, DNRole.Destination),
        ),
        EventTemplate(
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
        EventTemplate(_A.TARGET, Move.ARRIVES, None, CallState.Conferenced, third=(_A.SELF, DNRole.AddedBy)),
    ),
    SingleStep.JOINED: (
        EventTemplate(
            _A.SELF,
            m.EventPartyAdded,
            _A.TARGET,
            CallState.Conferenced,
            third=(_A.SELF, DNRole.AddedBy),
            other_role=DNRole.NewParty,
            answers=True,
        ),
        EventTemplate(
            _A.OTHERS,
            m.EventPartyAdded,
            _A.TARGET,
            CallState.Conferenced,
            third=(_A.SELF, DNRole.AddedBy),
            other_role=DNRole.NewParty,
        ),
    ),
    SingleStep.DECLINED: (
        EventTemplate(
            _A.SELF,
            m.EventReleased,
            None,
            third=ComputedThirdParty.AS_ARRIVED,
            details=("call_state",),
            answers=True,
        ),
    ),
    SingleStep.WITHDRAWN: (
        EventTemplate(_A.SELF, Move.LEAVES, None, CallState.Ok, third=ComputedThirdParty.AS_ARRIVED),
    ),
}
