"""What agents do: ready, not ready, after-call work; and what the calls at their DN change about it.

Source: T-Library Events and Models, agent states; SIP Server deployment, after-call work of agents.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import AgentStatus, AgentWorkMode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.operations.agents.queues import offer_calls_to_agent
from tserver_sim.switch.state.switch_data import (
    NO_REQUESTER,
    Party,
    Requester,
    SwitchAgent,
    SwitchAgentState,
    SwitchCall,
    SwitchDN,
    SwitchTimer,
    TimerKind,
)


def set_agent_state(
    engine: Engine,
    device: SwitchDN,
    agent: SwitchAgent,
    agent_state: SwitchAgentState,
    requester: Requester = NO_REQUESTER,
    queue: str | None = None,
) -> None:
    """Let the agent of a DN do something else, or the same once more, and tell it.

    Args:
        engine: the switch.
        device: the DN.
        agent: who is logged in there.
        agent_state: what the agent does from now on.
        requester: who asked for it.
        queue: the queue that the request named.

    """
    is_after_call_work = agent_state.status is AgentStatus.AfterCallWork
    agent.state_after_work = (agent.state_after_work or agent.agent_state) if is_after_call_work else None
    if agent_state.status is not agent.status:
        agent.since = engine.state.now
    agent.agent_state = agent_state
    agent.pending = None
    _stop_timer(engine, agent)
    publish_agent_state(engine, device, agent, requester, queue)
    if not engine.parties_of(device.number):
        _start_timer(engine, device, agent)
        engine.after(offer_calls_to_agent, engine, device.number)


def publish_agent_state(
    engine: Engine,
    device: SwitchDN,
    agent: SwitchAgent,
    requester: Requester = NO_REQUESTER,
    queue: str | None = None,
) -> None:
    """Tell what the agent of a DN does."""
    agent_state = agent.agent_state
    event = m.EventAgentReady if agent_state.status is AgentStatus.Ready else m.EventAgentNotReady
    code = agent_state.reason_code
    message = event(
        **engine.stamp(),
        reference_id=requester.reference_id,
        reasons=agent_state.reasons,
        extensions=None if code is None else KVList.of(ReasonCode=code),
        this_dn=device.number,
        agent_id=agent.agent_id,
        this_queue=queue,
        agent_work_mode=agent_state.work_mode,
    )
    engine.publish(message, requester)


def remove_agent(engine: Engine, device: SwitchDN, agent: SwitchAgent) -> None:
    """Log the agent of a DN out; nobody is told."""
    for queue in agent.queues:
        engine.state.devices[queue].members.remove(device.number)
    _stop_timer(engine, agent)
    del engine.state.agents[agent.agent_id]
    device.agent = None


# --- what follows from calls --------------------------------------------------------------------------


def note_answered_call(engine: Engine, _call: SwitchCall, party: Party) -> None:
    """Remember whether work follows the call that an agent has now."""
    agent = _agent_at(engine, party)
    if agent is None or party.observing is not None:
        return
    if agent.wrap_up and (party.queue is not None or agent.wraps_up_every_call):
        agent.owes_wrap_up = True


def apply_deferred_agent_state(engine: Engine, _call: SwitchCall, party: Party) -> None:
    """Let an agent who has no call any more do what was put off until then."""
    agent = _agent_at(engine, party)
    if agent is None or engine.parties_of(party.dn):
        return
    device = engine.state.devices[party.dn]
    agent.since = engine.state.now
    owes_wrap_up, agent.owes_wrap_up = agent.owes_wrap_up, False
    if agent.pending is not None:
        set_agent_state(engine, device, agent, agent.pending)
    elif owes_wrap_up and agent.status is AgentStatus.Ready:
        set_agent_state(engine, device, agent, after_call_work_state(agent.wrap_up))
    else:
        _start_timer(engine, device, agent)
        engine.after(offer_calls_to_agent, engine, device.number)


def after_call_work_state(
    seconds: float, reasons: KVList | None = None, reason_code: str | int | None = None
) -> SwitchAgentState:
    """Return what an agent does who works on after a call."""
    return SwitchAgentState(
        AgentStatus.AfterCallWork, AgentWorkMode.AfterCallWork, reasons, reason_code, seconds
    )


def end_after_call_work(engine: Engine, timer: SwitchTimer) -> None:
    """Let the agent do again what was done before the after-call work."""
    device = engine.state.devices[timer.dn]
    if device.agent is not None and device.agent.state_after_work is not None:
        set_agent_state(engine, device, device.agent, device.agent.state_after_work)


def _agent_at(engine: Engine, party: Party) -> SwitchAgent | None:
    device = None if party.leg else engine.state.devices.get(party.dn)
    return None if device is None else device.agent


def _start_timer(engine: Engine, device: SwitchDN, agent: SwitchAgent) -> None:
    """Let after-call work that does not last for ever begin to pass, if it does not already."""
    if agent.agent_state.seconds and not agent.timer:
        agent.timer = engine.start_timer(TimerKind.WRAP_UP, agent.agent_state.seconds, dn=device.number)


def _stop_timer(engine: Engine, agent: SwitchAgent) -> None:
    engine.stop_timer(agent.timer)
    agent.timer = 0
