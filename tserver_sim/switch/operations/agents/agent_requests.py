"""Requests of agents: logging in and out, Ready and NotReady.

An agent who is not ready may still be called directly, and place calls. An agent stays logged in when the
client that requested the login disconnects. The states are in `state/agent_states.py`.

Sources: T-Library, TAgentLogin, TAgentLogout, TAgentSetReady, TAgentSetNotReady; T-Library Events and Models,
agent states.
"""

from hmac import compare_digest

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType, AgentWorkMode
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.config.switch_config import AgentConfig
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.operations.agents.agent_states import (
    AgentChange,
    after_call_work,
    apply_agent_input,
)
from tserver_sim.switch.operations.base.checks import Operations, check_size, find_phone
from tserver_sim.switch.state.agent_states import AgentInput, AgentPhase
from tserver_sim.switch.state.switch_data import (
    AgentStateDetails,
    DeferredAgentState,
    Requester,
    SwitchAgent,
    SwitchDN,
)

MAX_AGENT_ID_LENGTH = 255
MAX_WRAP_UP_TIME = 86_400
"""A day, in seconds."""

_READY_MODES = frozenset({AgentWorkMode.Unknown, AgentWorkMode.ManualIn, AgentWorkMode.AutoIn})

# --- logging in ---------------------------------------------------------------------------------------


def login(engine: Engine, request: m.RequestAgentLogin, requester: Requester) -> None:
    """Log an agent in on a DN, or to one more queue (T-Library, TAgentLogin)."""
    device = find_phone(engine, request.this_dn)
    agent_config = _check_identity(engine, request)
    seconds = _wrap_up_time(request)
    queues = _queues(engine, request, agent_config)
    current = device.agent
    if current is not None and current.agent_id == request.agent_id:
        _log_in_to_more_queues(engine, device, current, queues, request, requester)
        return
    if request.agent_id in engine.state.agents:
        raise RefusedError(ErrorCode.AgentIDInUse, f"AgentID: {request.agent_id} is logged in on another DN")
    if current is not None:
        if not engine.profile.replaces_agents:
            raise RefusedError(
                ErrorCode.AgentAlreadyLoggedIn, f"another agent is logged in on {device.number}"
            )
        apply_agent_input(engine, device, current, AgentInput.LOGOUT)
    agent = SwitchAgent(request.agent_id)
    agent.wrap_up = agent_config.wrap_up_time if seconds is None else seconds
    agent.wraps_up_every_call = seconds is not None or engine.profile.wraps_up_every_call
    change = _login_change(request, requester, queues)
    apply_agent_input(engine, device, agent, AgentInput.LOGIN, change)
    initial_input, details = _initial_state(engine, request, agent)
    apply_agent_input(engine, device, agent, initial_input, AgentChange(details))


def _log_in_to_more_queues(
    engine: Engine,
    device: SwitchDN,
    agent: SwitchAgent,
    queues: tuple[str, ...],
    request: m.RequestAgentLogin,
    requester: Requester,
) -> None:
    queues = tuple([queue for queue in queues if queue not in agent.queues])
    if request.this_queue is None or not queues:
        place = request.this_queue or device.number
        raise RefusedError(ErrorCode.AgentAlreadyLoggedIn, f"the agent is logged in already on {place}")
    change = _login_change(request, requester, queues)
    apply_agent_input(engine, device, agent, AgentInput.LOGIN_TO_QUEUE, change)


def _login_change(request: m.RequestAgentLogin, requester: Requester, queues: tuple[str, ...]) -> AgentChange:
    return AgentChange(
        requester=requester, queues=queues, work_mode=request.agent_work_mode, place=request.place
    )


def _initial_state(
    engine: Engine, request: m.RequestAgentLogin, agent: SwitchAgent
) -> tuple[AgentInput, AgentStateDetails]:
    """Return the input that follows a login at once, with the details of the state it leads to."""
    mode = request.agent_work_mode or AgentWorkMode.Unknown
    if mode is AgentWorkMode.AutoIn or (engine.profile.agents_start_ready and mode in _READY_MODES):
        return AgentInput.READY, AgentStateDetails(mode)
    if mode is AgentWorkMode.AfterCallWork:
        return AgentInput.AFTER_CALL_WORK, after_call_work(agent.wrap_up)
    return AgentInput.NOT_READY, AgentStateDetails(mode)


def _check_identity(engine: Engine, request: m.RequestAgentLogin) -> AgentConfig:
    if not 0 < len(request.agent_id) <= MAX_AGENT_ID_LENGTH:
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"AgentID: expected 1 to {MAX_AGENT_ID_LENGTH} characters"
        )
    agents = engine.config.agents
    if not agents:
        return AgentConfig()
    agent_config = agents.get(request.agent_id)
    if agent_config is None:
        raise RefusedError(ErrorCode.WrongAgentID, "AgentID: there is no such agent")
    given = (request.password or "").encode()
    if agent_config.password is not None and not compare_digest(given, agent_config.password.encode()):
        raise RefusedError(ErrorCode.WrongAgentPassword, "Password: it is not this agent's")
    return agent_config


def _queues(engine: Engine, request: m.RequestAgentLogin, agent_config: AgentConfig) -> tuple[str, ...]:
    if request.this_queue is None:
        return agent_config.queues
    queue = engine.state.devices.get(request.this_queue)
    if queue is None or queue.type is not AddressType.Queue or queue.virtual:
        raise RefusedError(ErrorCode.InvalidAttribute, "ThisQueue: not an ACD queue of this switch")
    if queue.out_of_service:
        raise RefusedError(ErrorCode.OutOfService, f"{queue.number} is out of service")
    return (queue.number,)


# --- logging out --------------------------------------------------------------------------------------


def logout(engine: Engine, request: m.RequestAgentLogout, requester: Requester) -> None:
    """Log an agent out of one queue, or of the DN (T-Library, TAgentLogout)."""
    device, agent = _find_agent(engine, request)
    queue = request.this_queue
    change = AgentChange(requester=requester, queue=queue)
    if queue is None or agent.queues == [queue]:
        apply_agent_input(engine, device, agent, AgentInput.LOGOUT, change)
    else:
        change = change._replace(queues=(queue,))
        apply_agent_input(engine, device, agent, AgentInput.LOGOUT_OF_QUEUE, change)


# --- ready and not ready ------------------------------------------------------------------------------


def set_ready(engine: Engine, request: m.RequestAgentReady, requester: Requester) -> None:
    """Make an agent ready (T-Library, TAgentSetReady)."""
    device, agent = _find_agent(engine, request)
    mode = request.agent_work_mode or AgentWorkMode.Unknown
    if mode.is_listed and mode not in _READY_MODES:
        raise RefusedError(ErrorCode.InvalidAttribute, f"AgentWorkMode: nobody is ready in {mode.name}")
    seconds = _wrap_up_time(request)
    if seconds is not None:
        agent.wrap_up, agent.wraps_up_every_call = seconds, True
    details = AgentStateDetails(mode, requester.reasons, _reason_code(request))
    change = AgentChange(details, requester, request.this_queue)
    apply_agent_input(engine, device, agent, AgentInput.READY, change)


def set_not_ready(engine: Engine, request: m.RequestAgentNotReady, requester: Requester) -> None:
    """Make an agent not ready, or begin after-call work (T-Library, TAgentSetNotReady).

    The answer to a request that is deferred to the end of a call is the present state.
    """
    device, agent = _find_agent(engine, request)
    mode = request.agent_work_mode or AgentWorkMode.Unknown
    if mode is AgentWorkMode.ManualIn:
        raise RefusedError(ErrorCode.InvalidAttribute, "AgentWorkMode: ManualIn is for agents who are ready")
    seconds, code = _wrap_up_time(request), _reason_code(request)
    if mode is AgentWorkMode.AfterCallWork:
        agent_input = AgentInput.AFTER_CALL_WORK
        details = after_call_work(agent.wrap_up if seconds is None else seconds, requester.reasons, code)
        is_deferred = engine.profile.pending_after_call_work
    else:
        agent_input = AgentInput.NOT_READY
        details = AgentStateDetails(mode, requester.reasons, code)
        is_deferred = engine.profile.pending_not_ready and agent.phase is AgentPhase.READY
    change = AgentChange(details, requester, request.this_queue)
    if is_deferred and engine.parties_of(device.number):
        deferred = DeferredAgentState(agent_input, details)
        apply_agent_input(engine, device, agent, AgentInput.DEFERRAL, change._replace(deferred=deferred))
    else:
        apply_agent_input(engine, device, agent, agent_input, change)


def _find_agent(
    engine: Engine, request: m.RequestAgentLogout | m.AgentStateRequest
) -> tuple[SwitchDN, SwitchAgent]:
    """Return the DN and the agent of a request.

    Raises:
        RefusedError: no agent is logged in on the DN, or another one, or not to the named queue.

    """
    device = find_phone(engine, request.this_dn)
    agent = device.agent
    if agent is None:
        raise RefusedError(ErrorCode.AgentNotLoggedIn, f"no agent is logged in on {device.number}")
    if request.agent_id is not None and request.agent_id != agent.agent_id:
        raise RefusedError(ErrorCode.WrongAgentID, f"AgentID: another agent is logged in on {device.number}")
    if request.this_queue is not None and request.this_queue not in agent.queues:
        raise RefusedError(ErrorCode.AgentNotLoggedIn, "ThisQueue: the agent is not logged in to it")
    return device, agent


# --- extensions ---------------------------------------------------------------------------------------


def _wrap_up_time(request: m.Request) -> float | None:
    """Return the seconds of work after a call: Extensions `WrapUpTime`."""
    check_size("Extensions", request.extensions)
    value = (request.extensions or KVList()).first("WrapUpTime")
    if value is None:
        return None
    if not isinstance(value, int) or not 0 <= value <= MAX_WRAP_UP_TIME:
        raise RefusedError(
            ErrorCode.InvalidAttribute,
            f"Extensions, WrapUpTime: expected seconds, an integer from 0 to {MAX_WRAP_UP_TIME}",
        )
    return float(value)


def _reason_code(request: m.Request) -> str | int | None:
    """Return `ReasonCode` of the Extensions, else of the Reasons."""
    for pairs in (request.extensions, request.reasons):
        value = (pairs or KVList()).first("ReasonCode")
        if isinstance(value, str | int):
            return value
    return None


AGENTS: Operations = {
    m.RequestAgentLogin: login,
    m.RequestAgentLogout: logout,
    m.RequestAgentReady: set_ready,
    m.RequestAgentNotReady: set_not_ready,
}
