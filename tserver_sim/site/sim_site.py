"""The whole site file as the simulator reads it, and the configuration of a switch made from it."""

from pathlib import Path
from typing import Any

from bridge.tlib.kv import KVList
from tserver_sim.site.switches import DN_TYPES, SwitchPart
from tserver_sim.site.values import SitePart
from tserver_sim.switch.config.switch_config import SwitchConfig


class SimSite(SitePart):
    """The site file as the simulator reads it."""

    switches: tuple[SwitchPart, ...]
    contact_centers: Any = None
    """Read by the bridge only."""
    gws: Any = None
    """Read by the bridge only."""

    def with_paths_relative_to(self, folder: Path) -> "SimSite":
        """Return a copy in which relative paths are relative to a folder."""
        return self.model_copy(
            update={"switches": tuple(part.with_paths_relative_to(folder) for part in self.switches)}
        )

    def switch_config(self, part: SwitchPart) -> SwitchConfig:
        """Return the configuration of one of the switches."""
        return SwitchConfig(
            location=part.location,
            dns={dn.number: DN_TYPES[dn.type] for dn in part.dns},
            conn_id_base=int(part.ids.conn_id_base, 16),
            call_uuid_prefix=part.ids.call_uuid_prefix,
            extensions=KVList(part.extensions.items()) or None,
            ring_timeout=part.ring_timeout,
            phones=part.phones,
            dial_plan=tuple(rule.rule for rule in part.dial_plan),
            trunks={trunk.name: trunk.group for trunk in part.trunks},
            outside=tuple(entry.outside for entry in part.outside),
            seed=part.seed,
            access_numbers=part.access_numbers,
            profile=part.profile.profile,
            agents={agent.id: agent.config for agent in part.agents},
            queues={dn.number: dn.queue.config for dn in part.dns if dn.queue},
            routing={dn.number: dn.routing.plan for dn in part.dns if dn.routing},
            routing_timeout=part.routing_timeout,
            treatment_time=part.treatment_time,
            virtual_queues=part.virtual_queues,
            other_locations=tuple(other.location for other in self.switches if other is not part),
        )
