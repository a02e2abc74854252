"""The simulator's part of the site file: switches, T-Servers, DNs, phones, numbers, agents, routing."""

from tserver_sim.site.agents import AgentPart, QueuePart
from tserver_sim.site.loader import read_site
from tserver_sim.site.phones import PhonePart
from tserver_sim.site.sim_site import SimSite
from tserver_sim.site.switches import DNPart, IdsPart, SwitchPart
from tserver_sim.site.tservers import TServerPart

__all__ = [
    "AgentPart",
    "DNPart",
    "IdsPart",
    "PhonePart",
    "QueuePart",
    "SimSite",
    "SwitchPart",
    "TServerPart",
    "read_site",
]
