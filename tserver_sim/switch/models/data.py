"""The data of a call: user data, DNIS and ANI.

Source: T-Library Events and Models, user data: every party gets the whole new list, those at queues and route
points too; ThirdPartyDN is the DN that changed it.
"""

from bridge.tlib import messages as m
from tserver_sim.switch.models.vocabulary import Actor, EventTemplate, Model, Models


class Data(Model):
    """What can change in the data of a call."""

    CHANGED = "the user data have been changed; SELF did it"
    SHARED_CHANGED = "the same, in another call that shares the data; SELF did it in its own call"
    INFO_CHANGED = "DNIS or ANI of the call has been changed; SELF did it"


_A = Actor

DATA: Models = {
    Data.CHANGED: (
        EventTemplate(_A.SELF, m.EventAttachedDataChanged, third=(_A.SELF, None), answers=True),
        EventTemplate(_A.OTHERS, m.EventAttachedDataChanged, third=(_A.SELF, None)),
        EventTemplate(_A.OBSERVER, m.EventAttachedDataChanged, third=(_A.SELF, None)),
    ),
    Data.SHARED_CHANGED: (EventTemplate(_A.EVERYONE, m.EventAttachedDataChanged, third=(_A.SELF, None)),),
    Data.INFO_CHANGED: (
        EventTemplate(_A.SELF, m.EventCallInfoChanged, details=("set_operation",), answers=True),
        EventTemplate(_A.OTHERS, m.EventCallInfoChanged, details=("set_operation",)),
        EventTemplate(_A.OBSERVER, m.EventCallInfoChanged, details=("set_operation",)),
    ),
}
