"""The operations: each checks a request or command, then applies a call model.

One module per family, with one row per request or command; here is the table of all.
"""

from bridge.tlib import messages as m
from tserver_sim.switch.operations.agents.agent_requests import AGENTS
from tserver_sim.switch.operations.agents.supervision import SUPERVISION
from tserver_sim.switch.operations.agents.virtual_queues import VIRTUAL_QUEUES
from tserver_sim.switch.operations.base.checks import Commands, Operations
from tserver_sim.switch.operations.calls.basic import BASIC
from tserver_sim.switch.operations.calls.conference import CONFERENCE
from tserver_sim.switch.operations.calls.consult import CONSULT
from tserver_sim.switch.operations.calls.external_calls import EXTERNAL_CALLS
from tserver_sim.switch.operations.calls.joining import JOINING
from tserver_sim.switch.operations.calls.predictive import PREDICTIVE
from tserver_sim.switch.operations.calls.single_step import SINGLE_STEP
from tserver_sim.switch.operations.calls.user_data import DATA
from tserver_sim.switch.operations.devices.by_request import BY_REQUEST
from tserver_sim.switch.operations.devices.control_commands import CONTROL_COMMANDS
from tserver_sim.switch.operations.devices.dn_features import FEATURES, SERVICE
from tserver_sim.switch.operations.iscc.access_numbers import SITES
from tserver_sim.switch.operations.media.dtmf_and_muting import MEDIA
from tserver_sim.switch.operations.media.treatments import TREATMENTS
from tserver_sim.switch.operations.routing.route_requests import ROUTING

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
    **BY_REQUEST,
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
"""The requests that a client may send about a DN that it has not registered."""

COMMANDS: Commands = {**CONTROL_COMMANDS, **EXTERNAL_CALLS, **SERVICE}
