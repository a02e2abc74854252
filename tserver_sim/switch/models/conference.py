"""Conferences: how a consultation becomes one, and how their parties leave.

Joining without consultation is in `single_step`. Source: T-Library Events and Models, consultative
conference; release from a conference.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, Cause, DNRole
from tserver_sim.switch.models.vocabulary import (
    Actor,
    ComputedCallState,
    EventTemplate,
    Model,
    Models,
    Move,
    Previous,
)


class Conference(Model):
    """What can happen to a conference."""

    COMPLETED = "a party retrieves its held call and joins the consulted parties to it"
    COMPLETED_WHILE_TALKING = "the same, when the consultation was on hold and not the main call"
    LEFT = "a party leaves, and others stay"
    REMOVED = "a party removes another one, TARGET, from the call"
    DECLINED = "a party that was called into the call does not join, and others stay"


_A = Actor

_COMPLETED = (
    EventTemplate(
        _A.SELF, m.EventReleased, _A.NEWCOMER, CallState.Conferenced, Cause.Conference, answers=True
    ),
    EventTemplate(_A.HOLDER, m.EventRetrieved, None, CallState.Conferenced, answers=True),
    EventTemplate(
        _A.HOLDER,
        m.EventPartyAdded,
        _A.NEWCOMER,
        CallState.Conferenced,
        third=(_A.SELF, DNRole.AddedBy),
        other_role=DNRole.NewParty,
        each=_A.NEWCOMERS,
        answers=True,
    ),
    EventTemplate(
        _A.HELD_OTHERS,
        m.EventPartyAdded,
        _A.NEWCOMER,
        CallState.Conferenced,
        third=(_A.SELF, DNRole.AddedBy),
        other_role=DNRole.NewParty,
        each=_A.NEWCOMERS,
    ),
    EventTemplate(
        _A.NEWCOMERS,
        m.EventPartyChanged,
        None,
        CallState.Conferenced,
        third=(_A.SELF, DNRole.ConferencedBy),
        previous=Previous.LEFT,
        becomes=DNRole.ConferenceMember,
    ),
)

CONFERENCE: Models = {
    Conference.COMPLETED: _COMPLETED,
    Conference.COMPLETED_WHILE_TALKING: tuple(
        template for template in _COMPLETED if template.event is not m.EventRetrieved
    ),
    Conference.LEFT: (
        EventTemplate(_A.SELF, m.EventReleased, _A.PEER, CallState.Ok, answers=True),
        EventTemplate(
            _A.OTHERS,
            m.EventPartyDeleted,
            _A.SELF,
            ComputedCallState.BY_SIZE,
            third=(_A.SELF, DNRole.DeletedBy),
            other_role=DNRole.DeletedParty,
        ),
    ),
    Conference.REMOVED: (
        EventTemplate(_A.TARGET, Move.LEAVES, None, CallState.Ok, third=(_A.SELF, DNRole.DeletedBy)),
        EventTemplate(
            _A.SELF,
            m.EventPartyDeleted,
            _A.TARGET,
            ComputedCallState.BY_SIZE,
            third=(_A.SELF, DNRole.DeletedBy),
            other_role=DNRole.DeletedParty,
            answers=True,
        ),
        EventTemplate(
            _A.OTHERS,
            m.EventPartyDeleted,
            _A.TARGET,
            ComputedCallState.BY_SIZE,
            third=(_A.SELF, DNRole.DeletedBy),
            other_role=DNRole.DeletedParty,
        ),
    ),
    Conference.DECLINED: (
        EventTemplate(_A.SELF, m.EventReleased, None, details=("call_state",), answers=True),
        EventTemplate(
            _A.OTHERS,
            m.EventPartyDeleted,
            _A.SELF,
            ComputedCallState.BY_SIZE,
            third=(_A.SELF, DNRole.DeletedBy),
            other_role=DNRole.DeletedParty,
        ),
    ),
}
