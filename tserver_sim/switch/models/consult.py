"""Two calls of one DN: a consultation beside a held call, alternating, and the transfer.

SELF is the DN's party in the active call, HOLDER its party in the call that survives a transfer; of a
consultation that is the main call, whichever of the two is on hold. Source: T-Library Events and Models, two-
step transfer, mute transfer, alternate and reconnect.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, DNRole
from tserver_sim.switch.models.basic import BASIC, Basic
from tserver_sim.switch.models.vocabulary import Actor, ComputedRole, EventTemplate, Model, Models, Previous


class Consult(Model):
    """What can happen to two calls of one DN."""

    STARTED = "a party puts its call on hold and calls a destination that can be reached"
    UNREACHABLE = "a party puts its call on hold and calls a destination that is busy or does not exist"
    ALTERNATED = "a party holds one call and retrieves the other"
    RECONNECTED = "a party that has just left one call retrieves the other"
    TRANSFERRED = "a party leaves two calls, whose other parties are joined"


_A = Actor

_HOLDS = EventTemplate(_A.HOLDER, m.EventHeld, _A.HELD_PEER, answers=True)

CONSULT: Models = {
    Consult.STARTED: (_HOLDS, *BASIC[Basic.PLACED]),
    Consult.UNREACHABLE: (_HOLDS, *BASIC[Basic.UNREACHABLE]),
    Consult.ALTERNATED: (
        EventTemplate(_A.SELF, m.EventHeld, _A.PEER, answers=True),
        EventTemplate(_A.HOLDER, m.EventRetrieved, _A.HELD_PEER, CallState.Ok, answers=True),
    ),
    Consult.RECONNECTED: (
        EventTemplate(_A.HOLDER, m.EventRetrieved, _A.HELD_PEER, CallState.Ok, answers=True),
    ),
    Consult.TRANSFERRED: (
        EventTemplate(_A.SELF, m.EventReleased, _A.NEWCOMER, CallState.Transferred, answers=True),
        EventTemplate(
            _A.HOLDER,
            m.EventReleased,
            _A.HELD_PEER,
            CallState.Transferred,
            third=(_A.NEWCOMER, DNRole.Destination),
            answers=True,
        ),
        EventTemplate(
            _A.NEWCOMERS,
            m.EventPartyChanged,
            _A.HELD_PEER,
            CallState.Transferred,
            third=(_A.SELF, DNRole.TransferredBy),
            previous=Previous.LEFT,
            becomes=ComputedRole.BY_SIZE,
        ),
        EventTemplate(
            _A.HELD_OTHERS,
            m.EventPartyChanged,
            _A.NEWCOMER,
            CallState.Transferred,
            third=(_A.SELF, DNRole.TransferredBy),
            previous=Previous.SAME,
        ),
    ),
}
