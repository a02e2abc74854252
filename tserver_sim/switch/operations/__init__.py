"""Requests and commands: each checks, casts and tells its model. One module per family, one table of all."""

from bridge.tlib import messages as m
from tserver_sim.switch.operations.agents import AGENTS
from tserver_sim.switch.operations.basic import BASIC
from tserver_sim.switch.operations.by_hand import BY_HAND
from tserver_sim.switch.operations.common import Commands, Operations
from tserver_sim.switch.operations.conference import CONFERENCE
from tserver_sim.switch.operations.consult import CONSULT
from tserver_sim.switch.operations.data import DATA
from tserver_sim.switch.operations.features import FEATURES, SERVICE
from tserver_sim.switch.operations.joining import JOINING
from tserver_sim.switch.operations.media import MEDIA
from tserver_sim.switch.operations.outside import OUTSIDE
from tserver_sim.switch.operations.predictive import PREDICTIVE
from tserver_sim.switch.operations.routing import ROUTING
from tserver_sim.switch.operations.single_step import SINGLE_STEP
from tserver_sim.switch.operations.sites import SITES
from tserver_sim.switch.operations.special import SPECIAL
from tserver_sim.switch.operations.supervision import SUPERVISION
from tserver_sim.switch.operations.treatments import TREATMENTS
from tserver_sim.switch.operations.virtual_queues import VIRTUAL_QUEUES

OPERATIONS: Operations = {
    **BASIC,
    **AGENTS,
    **FEATURES,
    **CONSULT,
    **JOINING,
    **CONFERENCE,
    **SINGLE_STEP,
    **DATA,
    **MEDIA,
    **SUPERVISION,
    **SPECIAL,
    **VIRTUAL_QUEUES,
    **ROUTING,
    **TREATMENTS,
    **PREDICTIVE,
    **SITES,
}

OPEN_TO_ALL: frozenset[type[m.Request]] = frozenset(
    {
        m.RequestDistributeUserEvent,
        m.RequestDistributeEvent,
        m.RequestSendReturnReceipt,
        m.RequestReserveAgent,
    }
)
"""What a client may ask about a DN that it has not registered."""

COMMANDS: Commands = {**BY_HAND, **OUTSIDE, **SERVICE}
