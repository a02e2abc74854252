"""Calls between sites: SELF is the party that stands for the other site.

How a call arrives depends on the operation at the other site; the events there are those of that operation's
model. Source: T-Library Events and Models, inter-site call control.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, Cause, DNRole
from tserver_sim.switch.models.vocabulary import Actor, EventTemplate, Model, Models, Move, Previous


class InterSite(Model):
    """What can happen to a call between sites."""

    ARRIVED = "a call comes from another site"
    TRANSFERRED_HERE = "BRINGER has transferred a call to this site in one step"
    INVITED_HERE = "BRINGER has invited a party of this site to a conference"
    REDIRECTED_HERE = "BRINGER has redirected a ringing call to this site"
    CHANGED_THERE = "another party is now at the other end"
    MOVED_THERE = "the same, and the call has become another one, HOLDER's"


_A = Actor

_COMES = EventTemplate(_A.SELF, m.EventDialing, _A.TARGET)

SITES: Models = {
    InterSite.ARRIVED: (_COMES, EventTemplate(_A.TARGET, Move.ARRIVES, _A.SELF, CallState.Ok)),
    InterSite.TRANSFERRED_HERE: (
        _COMES,
        EventTemplate(
            _A.TARGET,
            Move.ARRIVES,
            _A.SELF,
            CallState.Transferred,
            Cause.SingleStepTransfer,
            third=(_A.BRINGER, DNRole.TransferredBy),
        ),
    ),
    InterSite.INVITED_HERE: (
        _COMES,
        EventTemplate(
            _A.TARGET, Move.ARRIVES, _A.SELF, CallState.Conferenced, third=(_A.BRINGER, DNRole.AddedBy)
        ),
    ),
    InterSite.REDIRECTED_HERE: (
        _COMES,
        EventTemplate(_A.TARGET, Move.ARRIVES, _A.SELF, CallState.Redirected, Cause.Redirect),
    ),
    InterSite.CHANGED_THERE: (
        EventTemplate(
            _A.OTHERS,
            m.EventPartyChanged,
            _A.SELF,
            third=(_A.BRINGER, None),
            previous=Previous.SAME,
            details=("call_state",),
        ),
    ),
    InterSite.MOVED_THERE: (
        EventTemplate(_A.SELF, m.EventPartyChanged, previous=Previous.LEFT, details=("call_state",)),
        EventTemplate(
            _A.NEWCOMERS,
            m.EventPartyChanged,
            _A.SELF,
            third=(_A.BRINGER, None),
            previous=Previous.LEFT,
            details=("call_state",),
        ),
    ),
}
