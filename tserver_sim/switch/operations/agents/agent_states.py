"""The effects of an agent's transitions, and the inputs that calls and timers give.

The table is `state/agent_states.py`; requests of clients give the other inputs (`agent_requests.py`).
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from bridge.tlib import messages as m
from bridge.tlib.enums import AgentWorkMode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.operations.agents.queues import offer_calls_to_agent
from tserver_sim.switch.operations.agents.supervision import cancel_monitoring_at_logout
from tserver_sim.switch.state.agent_states import TRANSITIONS, AgentEffect, AgentInput, AgentPhase
from tserver_sim.switch.state.switch_data import (
    NO_REQUESTER,
    AgentStateDetails,
    DeferredAgentState,
    Party,
    Requester,
    SwitchAgent,
    SwitchCall,
    SwitchDN,
    SwitchTimer,
    TimerKind,
)


class AgentChange(NamedTuple):
    """The data that come with an input; each effect reads what it needs."""

    details: AgentStateDetails = AgentStateDetails()
    """Of a change of state: the details of the new one."""
    requester: Requester = NO_REQUESTER
    queue: str | None = None
    """The queue that the request named."""
    queues: tuple[str, ...] = ()
    """Of a login, the queues to join; of a logout from one of several queues, the queue to leave."""
    work_mode: AgentWorkMode | None = None
    """Of a login: the AgentWorkMode of the request."""
    place: str | None = None
    """Of a login: the Place of the request."""
    deferred: DeferredAgentState | None = None
    """Of a deferral: the change that waits."""


_NO_DATA = AgentChange()


def apply_agent_input(
    engine: Engine,
    device: SwitchDN,
    agent: SwitchAgent,
    agent_input: AgentInput,
    change: AgentChange = _NO_DATA,
) -> None:
    """Move an agent to the next state, and carry out the effects of the transition.

    Args:
        engine: the switch.
        device: the agent's DN.
        agent: the agent who is logged in there, or logs in.
        agent_input: what happens.
        change: the data that come with it.

    Raises:
        KeyError: the input cannot come in this state; the caller has not checked it.

    """
    transition = TRANSITIONS[agent.phase, agent_input]
    agent.phase = transition.to
    for effect in transition.effects:
        _EFFECTS[effect](engine, device, agent, change)


# --- inputs from calls and timers ---------------------------------------------------------------------


def note_answered_call(engine: Engine, _call: SwitchCall, party: Party) -> None:
    """Mark after-call work as due when an agent is connected to a call that it follows."""
    device = _find_agent_device(engine, party)
    if device is None or device.agent is None or party.observing is not None:
        return
    agent = device.agent
    if agent.wrap_up and (party.queue is not None or agent.wraps_up_every_call):
        apply_agent_input(engine, device, agent, AgentInput.CALL_BEFORE_WORK)


def apply_deferred_agent_state(engine: Engine, _call: SwitchCall, party: Party) -> None:
    """After an agent's last call, apply the deferred change of state, or begin the work that is due.

    A deferred change replaces the work that is due.
    """
    device = _find_agent_device(engine, party)
    if device is None or device.agent is None or engine.parties_of(device.number):
        return
    agent = device.agent
    is_work_due, agent.is_work_due = agent.is_work_due, False
    if agent.deferred is not None:
        deferred = agent.deferred
        apply_agent_input(engine, device, agent, deferred.input, AgentChange(deferred.details))
    elif is_work_due and agent.phase is AgentPhase.READY:
        change = AgentChange(after_call_work(agent.wrap_up))
        apply_agent_input(engine, device, agent, AgentInput.AFTER_CALL_WORK, change)
    else:
        apply_agent_input(engine, device, agent, AgentInput.CALLS_ENDED)


def end_after_call_work(engine: Engine, timer: SwitchTimer) -> None:
    """Return the agent of the timer's DN to the state before the after-call work."""
    device = engine.state.devices[timer.dn]
    if device.agent is not None:
        apply_agent_input(engine, device, device.agent, AgentInput.WORK_TIME_OVER)


def after_call_work(
    seconds: float, reasons: KVList | None = None, reason_code: str | int | None = None
) -> AgentStateDetails:
    """Return the details of after-call work of so many seconds (0: without an end)."""
    return AgentStateDetails(AgentWorkMode.AfterCallWork, reasons, reason_code, seconds)


def _find_agent_device(engine: Engine, party: Party) -> SwitchDN | None:
    return None if party.leg else engine.state.devices.get(party.dn)


# --- effects ------------------------------------------------------------------------------------------


def _add_agent(engine: Engine, device: SwitchDN, agent: SwitchAgent, _change: AgentChange) -> None:
    device.agent = agent
    engine.state.agents[agent.agent_id] = device.number


def _remove_agent(engine: Engine, device: SwitchDN, agent: SwitchAgent, change: AgentChange) -> None:
    for queue in agent.queues:
        engine.state.devices[queue].members.remove(device.number)
    del engine.state.agents[agent.agent_id]
    device.agent = None
    _publish_logout(engine, m.EventAgentLogout, device, agent, change)


def _join_queues(engine: Engine, device: SwitchDN, agent: SwitchAgent, change: AgentChange) -> None:
    """Publish an EventAgentLogin for each queue, or one without a queue if there is none."""
    for queue in change.queues:
        agent.queues.append(queue)
        engine.state.devices[queue].members.append(device.number)
    for this_queue in change.queues or (None,):
        event = m.EventAgentLogin(
            **engine.stamp(),
            reference_id=change.requester.reference_id,
            reasons=change.requester.reasons,
            this_dn=device.number,
            agent_id=agent.agent_id,
            this_queue=this_queue,
            agent_work_mode=change.work_mode,
            place=change.place,
        )
        engine.publish(event, change.requester)


def _leave_queues(engine: Engine, device: SwitchDN, agent: SwitchAgent, change: AgentChange) -> None:
    for queue in change.queues:
        agent.queues.remove(queue)
        engine.state.devices[queue].members.remove(device.number)
    _publish_logout(engine, m.EventQueueLogout, device, agent, change)


def _publish_logout(
    engine: Engine,
    event: type[m.EventAgentLogout | m.EventQueueLogout],
    device: SwitchDN,
    agent: SwitchAgent,
    change: AgentChange,
) -> None:
    message = event(
        **engine.stamp(),
        reference_id=change.requester.reference_id,
        reasons=change.requester.reasons,
        this_dn=device.number,
        agent_id=agent.agent_id,
        this_queue=change.queue,
    )
    engine.publish(message, change.requester)


def _cancel_monitoring(engine: Engine, device: SwitchDN, _agent: SwitchAgent, _change: AgentChange) -> None:
    cancel_monitoring_at_logout(engine, device)


def _save_details(_engine: Engine, _device: SwitchDN, agent: SwitchAgent, _change: AgentChange) -> None:
    agent.details_after_work = agent.details


def _set_details(_engine: Engine, _device: SwitchDN, agent: SwitchAgent, change: AgentChange) -> None:
    agent.details = change.details


def _restore_details(_engine: Engine, _device: SwitchDN, agent: SwitchAgent, _change: AgentChange) -> None:
    agent.details = agent.details_after_work


def _drop_deferred(_engine: Engine, _device: SwitchDN, agent: SwitchAgent, _change: AgentChange) -> None:
    agent.deferred = None


def _defer(_engine: Engine, _device: SwitchDN, agent: SwitchAgent, change: AgentChange) -> None:
    agent.deferred = change.deferred


def _mark_work_due(_engine: Engine, _device: SwitchDN, agent: SwitchAgent, _change: AgentChange) -> None:
    agent.is_work_due = True


def _restart_idle_time(engine: Engine, _device: SwitchDN, agent: SwitchAgent, _change: AgentChange) -> None:
    agent.idle_since = engine.state.now


def _start_work_timer(engine: Engine, device: SwitchDN, agent: SwitchAgent, _change: AgentChange) -> None:
    """Start the timer of work with an end, unless it runs; during a call it starts when the call ends."""
    if agent.details.seconds and not agent.timer and not engine.parties_of(device.number):
        agent.timer = engine.start_timer(TimerKind.WRAP_UP, agent.details.seconds, dn=device.number)


def _stop_work_timer(engine: Engine, _device: SwitchDN, agent: SwitchAgent, _change: AgentChange) -> None:
    engine.stop_timer(agent.timer)
    agent.timer = 0


def _publish_ready(engine: Engine, device: SwitchDN, agent: SwitchAgent, change: AgentChange) -> None:
    _publish_state(engine, m.EventAgentReady, device, agent, change)


def _publish_not_ready(engine: Engine, device: SwitchDN, agent: SwitchAgent, change: AgentChange) -> None:
    _publish_state(engine, m.EventAgentNotReady, device, agent, change)


def _publish_state(
    engine: Engine,
    event: type[m.EventAgentReady | m.EventAgentNotReady],
    device: SwitchDN,
    agent: SwitchAgent,
    change: AgentChange,
) -> None:
    details = agent.details
    code = details.reason_code
    message = event(
        **engine.stamp(),
        reference_id=change.requester.reference_id,
        reasons=details.reasons,
        extensions=None if code is None else KVList.of(ReasonCode=code),
        this_dn=device.number,
        agent_id=agent.agent_id,
        this_queue=change.queue,
        agent_work_mode=details.work_mode,
    )
    engine.publish(message, change.requester)


def _offer_calls(engine: Engine, device: SwitchDN, _agent: SwitchAgent, _change: AgentChange) -> None:
    if not engine.parties_of(device.number):
        engine.defer(offer_calls_to_agent, engine, device.number)


_EFFECTS: Mapping[AgentEffect, Callable[[Engine, SwitchDN, SwitchAgent, AgentChange], None]] = {
    AgentEffect.ADD_AGENT: _add_agent,
    AgentEffect.REMOVE_AGENT: _remove_agent,
    AgentEffect.JOIN_QUEUES: _join_queues,
    AgentEffect.LEAVE_QUEUES: _leave_queues,
    AgentEffect.CANCEL_MONITORING: _cancel_monitoring,
    AgentEffect.SAVE_DETAILS: _save_details,
    AgentEffect.SET_DETAILS: _set_details,
    AgentEffect.RESTORE_DETAILS: _restore_details,
    AgentEffect.DROP_DEFERRED: _drop_deferred,
    AgentEffect.DEFER: _defer,
    AgentEffect.MARK_WORK_DUE: _mark_work_due,
    AgentEffect.RESTART_IDLE_TIME: _restart_idle_time,
    AgentEffect.START_WORK_TIMER: _start_work_timer,
    AgentEffect.STOP_WORK_TIMER: _stop_work_timer,
    AgentEffect.PUBLISH_READY: _publish_ready,
    AgentEffect.PUBLISH_NOT_READY: _publish_not_ready,
    AgentEffect.OFFER_CALLS: _offer_calls,
}
