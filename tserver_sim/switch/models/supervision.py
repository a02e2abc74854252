"""Supervisors who listen in to calls.

The supervisor is an observer: its coming and going changes nothing for the others, and keeps no call alive.
Which parties get events about it depends on the monitoring mode; the operations cast them as WITNESSES.

Source: T-Library Events and Models, call monitoring; SIP Server, MonitorMode.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, DNRole
from tserver_sim.switch.models.vocabulary import Actor, ComputedCallState, EventTemplate, Model, Models


class CallSupervision(Model):
    """What can happen while a supervisor listens in."""

    JOINED = "a supervisor comes into the call of the agent; its phone answers by itself"
    NOTICED = "parties of the call learn of a supervisor who has been there already"
    LEFT = "the supervisor leaves, or has no party left to listen to"


_A = Actor

_NOTICED = EventTemplate(
    _A.WITNESSES,
    m.EventPartyAdded,
    _A.OBSERVER,
    CallState.Conferenced,
    third=(_A.OBSERVER, DNRole.AddedBy),
)

SUPERVISION: Models = {
    CallSupervision.JOINED: (
        EventTemplate(_A.OBSERVER, m.EventRinging, _A.WATCHED, CallState.Ok),
        EventTemplate(_A.OBSERVER, m.EventEstablished, _A.WATCHED, CallState.Ok),
        _NOTICED,
    ),
    CallSupervision.NOTICED: (_NOTICED,),
    CallSupervision.LEFT: (
        EventTemplate(_A.OBSERVER, m.EventReleased, _A.WATCHED, CallState.Ok, answers=True),
        EventTemplate(
            _A.WITNESSES,
            m.EventPartyDeleted,
            _A.OBSERVER,
            ComputedCallState.BY_SIZE,
            third=(_A.OBSERVER, DNRole.DeletedBy),
        ),
    ),
}
