"""One switch with its phones behind one T-Server, put together; still without I/O."""

from bridge.runtime.clock import Clock
from bridge.tlib import messages as m
from bridge.tlib.codec import Codec
from tserver_sim.phones.phones import Phones
from tserver_sim.server.hub import Hub, Identity
from tserver_sim.site import SimSite, SwitchPart
from tserver_sim.switch.engine import Switch
from tserver_sim.switch.ids import IdSource
from tserver_sim.switch.stamps import Stamper


class TServer:
    """A T-Server of the site, as its `hub`, and the `switch` behind it."""

    def __init__(self, part: SwitchPart, site: SimSite, clock: Clock, codec: Codec) -> None:
        stamper = Stamper(clock)
        ids = IdSource(int(part.ids.conn_id_base, 16), part.ids.call_uuid_prefix)
        self.switch = Switch(site.switch_config(part), clock, ids, stamper, self._publish)
        self.hub = Hub(Identity(part.tserver.application, int(clock.now())), self.switch, stamper, codec)
        self._phones = Phones(part.answering_times, clock, self.switch.carry_out)

    def _publish(self, event: m.PartyEvent, requester: object) -> None:
        self.hub.publish(event, requester)
        self._phones.hear(event)
