"""Agents at ACD queues: a server with queues, and clients that send the requests of agents."""

from dataclasses import replace
from typing import Any

from bridge.tlib import messages as m
from bridge.tlib.enums import AgentWorkMode
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import Client, InMemoryServer

AUTO_IN = AgentWorkMode.AutoIn
AFTER_CALL_WORK = AgentWorkMode.AfterCallWork
QUEUE, OTHER_QUEUE = "15600", "15601"


def acd_server(queue: dict[str, Any] | None = None, **switch: Any) -> InMemoryServer:
    """Five extensions and two queues; `queue` are the keys of the first, `switch` those of the switch."""
    dns: list[dict[str, Any]] = [{"number": str(number)} for number in range(15000, 15005)]
    dns += [
        {"number": "15500", "type": "route_point"},
        {"number": QUEUE, "type": "acd_queue", "queue": queue},
        {"number": OTHER_QUEUE, "type": "acd_queue"},
    ]
    return InMemoryServer(**{"dns": dns, **switch})


def set_profile(server: InMemoryServer, **knobs: Any) -> None:
    """Change knobs of the switch's profile."""
    engine = server.tserver.switch.engine
    engine.profile = replace(engine.profile, **knobs)


class AgentClient:
    """Sends the requests of an agent at the DN of a client, with the client's next ReferenceID."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def asks(self, kind: type[m.DNRequest], **attributes: Any) -> None:
        self.client.asks(
            kind(**{"this_dn": self.client.name, "reference_id": self.client.next_reference(), **attributes})
        )

    def logs_in(self, queue: str | None = None, mode: AgentWorkMode | None = None, **attributes: Any) -> None:
        """Log in as the agent whose ID is A and the last two digits of the DN."""
        asked = {"agent_id": agent_id(self.client.name), "this_queue": queue, "agent_work_mode": mode}
        self.asks(m.RequestAgentLogin, **{**asked, **attributes})

    def logs_out(self, queue: str | None = None, **attributes: Any) -> None:
        self.asks(m.RequestAgentLogout, this_queue=queue, **attributes)

    def ready(self, mode: AgentWorkMode | None = None, **attributes: Any) -> None:
        self.asks(m.RequestAgentReady, agent_work_mode=mode, **attributes)

    def not_ready(self, mode: AgentWorkMode | None = None, **attributes: Any) -> None:
        self.asks(m.RequestAgentNotReady, agent_work_mode=mode, **attributes)


def agent_id(dn: str) -> str:
    return f"A{dn[-2:]}"


def wrap_up(seconds: int) -> KVList:
    return KVList.of(WrapUpTime=seconds)


def agent_clients(server: InMemoryServer, *dns: str) -> list[AgentClient]:
    return [AgentClient(client) for client in server.agents(*dns)]


def ready_agents(
    server: InMemoryServer, *dns: str, queue: str = QUEUE, **attributes: Any
) -> list[AgentClient]:
    """Return agents who are logged in to a queue and ready, the longest idle one first."""
    agents = agent_clients(server, *dns)
    for agent in agents:
        agent.logs_in(queue, AUTO_IN, **attributes)
        server.clock.advance(0.25)
    server.delivered.clear()
    return agents


def at_queue(server: InMemoryServer, *dns: str, queue: str = QUEUE) -> list[Client]:
    """Return clients of extensions, and one that has registered the queue."""
    clients = server.agents(*dns)
    server.client(queue, queue)
    return clients


def ringing_lines(server: InMemoryServer) -> list[str]:
    """Return who received EventRinging since the last call, and for which call."""
    return [" ".join(line.split()[i] for i in (0, 3)) for line in server.ladder() if " Ringing " in line]


def waiting(server: InMemoryServer, queue: str = QUEUE) -> list[int]:
    """Return the numbers of the calls that wait, in the order of the queue."""
    return [conn_id & 0xFFF for _, conn_id in server.tserver.switch.state.devices[queue].waiting]
