"""What agents do: ready, not ready, after-call work; and what the calls at their DN change about it.

Source: T-Library Events and Models, agent states; SIP Server deployment, after-call work of agents.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import AgentStatus, AgentWorkMode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.operations.agents.queues import serve_agent
from tserver_sim.switch.state.switch_data import (
    NOBODY,
    Agent,
    Asked,
    Call,
    Device,
    Party,
    Standing,
    Timer,
    TimerKind,
)


def take_up(
    engine: Engine,
    device: Device,
    agent: Agent,
    standing: Standing,
    asked: Asked = NOBODY,
    queue: str | None = None,
) -> None:
    """Let the agent of a DN do something else, or the same once more, and tell it.

    Args:
        engine: the switch.
        device: the DN.
        agent: who is logged in there.
        standing: what the agent does from now on.
        asked: who asked for it.
        queue: the queue that the request named.

    """
    works_on = standing.status is AgentStatus.AfterCallWork
    agent.resumes = (agent.resumes or agent.standing) if works_on else None
    if standing.status is not agent.status:
        agent.since = engine.state.now
    agent.standing = standing
    agent.pending = None
    _stop_timer(engine, agent)
    tell_standing(engine, device, agent, asked, queue)
    if not engine.parties_of(device.number):
        _start_timer(engine, device, agent)
        engine.after(serve_agent, engine, device.number)


def tell_standing(
    engine: Engine, device: Device, agent: Agent, asked: Asked = NOBODY, queue: str | None = None
) -> None:
    """Tell what the agent of a DN does."""
    standing = agent.standing
    event = m.EventAgentReady if standing.status is AgentStatus.Ready else m.EventAgentNotReady
    code = standing.reason_code
    told = event(
        **engine.stamp(),
        reference_id=asked.reference_id,
        reasons=standing.reasons,
        extensions=None if code is None else KVList.of(ReasonCode=code),
        this_dn=device.number,
        agent_id=agent.agent_id,
        this_queue=queue,
        agent_work_mode=standing.work_mode,
    )
    engine.publish(told, asked)


def forget(engine: Engine, device: Device, agent: Agent) -> None:
    """Log the agent of a DN out; nobody is told."""
    for queue in agent.queues:
        engine.state.devices[queue].members.remove(device.number)
    _stop_timer(engine, agent)
    del engine.state.agents[agent.agent_id]
    device.agent = None


# --- what follows from calls --------------------------------------------------------------------------


def call_answered(engine: Engine, _call: Call, party: Party) -> None:
    """Remember whether work follows the call that an agent has now."""
    agent = _agent_at(engine, party)
    if agent is None or party.observing is not None:
        return
    if agent.wrap_up and (party.queue is not None or agent.wraps_up_every_call):
        agent.owes_wrap_up = True


def call_ended(engine: Engine, _call: Call, party: Party) -> None:
    """Let an agent who has no call any more do what was put off until then."""
    agent = _agent_at(engine, party)
    if agent is None or engine.parties_of(party.dn):
        return
    device = engine.state.devices[party.dn]
    agent.since = engine.state.now
    owes_wrap_up, agent.owes_wrap_up = agent.owes_wrap_up, False
    if agent.pending is not None:
        take_up(engine, device, agent, agent.pending)
    elif owes_wrap_up and agent.status is AgentStatus.Ready:
        take_up(engine, device, agent, after_call_work(agent.wrap_up))
    else:
        _start_timer(engine, device, agent)
        engine.after(serve_agent, engine, device.number)


def after_call_work(
    seconds: float, reasons: KVList | None = None, reason_code: str | int | None = None
) -> Standing:
    """Return what an agent does who works on after a call."""
    return Standing(AgentStatus.AfterCallWork, AgentWorkMode.AfterCallWork, reasons, reason_code, seconds)


def worked_long_enough(engine: Engine, timer: Timer) -> None:
    """Let the agent do again what was done before the after-call work."""
    device = engine.state.devices[timer.dn]
    if device.agent is not None and device.agent.resumes is not None:
        take_up(engine, device, device.agent, device.agent.resumes)


def _agent_at(engine: Engine, party: Party) -> Agent | None:
    device = None if party.leg else engine.state.devices.get(party.dn)
    return None if device is None else device.agent


def _start_timer(engine: Engine, device: Device, agent: Agent) -> None:
    """Let after-call work that does not last for ever begin to pass, if it does not already."""
    if agent.standing.seconds and not agent.timer:
        agent.timer = engine.start_timer(TimerKind.WRAP_UP, agent.standing.seconds, dn=device.number)


def _stop_timer(engine: Engine, agent: Agent) -> None:
    engine.stop_timer(agent.timer)
    agent.timer = 0
