"""Agents and ACD queues in the site file."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from bridge.runtime.sitefile import Loc, expected
from tserver_sim.site.values import Digits, Duration, Seconds, SitePart
from tserver_sim.switch.config.switch_config import AgentConfig, Overflow, QueueConfig

AgentId = Annotated[
    str, Field(min_length=1, max_length=255), expected("an AgentID, a string of 1 to 255 characters")
]
CallCount = Annotated[int, Field(ge=1, le=100_000, strict=True), expected("a number from 1 to 100000")]


class AgentPart(SitePart):
    """An agent who may log in. If any agent is listed, only listed agents may log in."""

    id: AgentId
    password: str | None = Field(None, repr=False)
    queues: tuple[Digits, ...] = ()
    wrap_up_time: Seconds = 0.0

    @property
    def config(self) -> AgentConfig:
        """The agent in the configuration of the switch."""
        return AgentConfig(self.password, self.queues, self.wrap_up_time)


class OverflowPart(SitePart):
    """Where a call goes after it has waited too long."""

    after: Duration
    to: Digits


class QueuePart(SitePart):
    """How an ACD queue treats its calls."""

    no_answer: Duration | None = None
    max_waiting: CallCount | None = None
    overflow: OverflowPart | None = None

    @property
    def config(self) -> QueueConfig:
        """The queue in the configuration of the switch."""
        overflow = None if self.overflow is None else Overflow(self.overflow.after, self.overflow.to)
        return QueueConfig(self.no_answer, self.max_waiting, overflow)


def find_agent_errors(agents: tuple[AgentPart, ...], queues: set[str], at: Loc) -> Iterator[tuple[Loc, str]]:
    """Yield the agents' queues that are not queues of the switch, or are given twice."""
    for i, agent in enumerate(agents):
        for j, queue in enumerate(agent.queues):
            if queue not in queues:
                yield (*at, "agents", i, "queues", j), f"{queue} is not an ACD queue of this switch"
            elif queue in agent.queues[:j]:
                yield (*at, "agents", i, "queues", j), f"{queue} is given twice"
