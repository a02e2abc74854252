"""The call models: which party gets which event when something happens, one table per family.

To change a variant (the order, the third party, the cause ...), change its line; nothing else decides it.
Where real switches differ, a profile (`config/profile.py`) rewrites lines of these tables.
"""

from collections.abc import Mapping

from tserver_sim.switch.models.basic import BASIC
from tserver_sim.switch.models.conference import CONFERENCE
from tserver_sim.switch.models.consult import CONSULT
from tserver_sim.switch.models.data import DATA
from tserver_sim.switch.models.inter_site import SITES
from tserver_sim.switch.models.media import MEDIA
from tserver_sim.switch.models.predictive import PREDICTIVE
from tserver_sim.switch.models.queues import QUEUES
from tserver_sim.switch.models.routing import ROUTING
from tserver_sim.switch.models.single_step import SINGLE_STEP
from tserver_sim.switch.models.supervision import SUPERVISION
from tserver_sim.switch.models.treatments import TREATMENTS
from tserver_sim.switch.models.vocabulary import EventTemplate, Model

MODELS: Mapping[Model, tuple[EventTemplate, ...]] = {
    **BASIC,
    **CONSULT,
    **CONFERENCE,
    **SINGLE_STEP,
    **QUEUES,
    **ROUTING,
    **TREATMENTS,
    **PREDICTIVE,
    **DATA,
    **MEDIA,
    **SUPERVISION,
    **SITES,
}
