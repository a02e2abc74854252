"""`userState`: how the agent at a device is, in the words of the API.

Sources: GWS v2, agent states; the ids are published constants. A state of the contact center's own is known
again by its work mode and reason code.
"""

from bridge.voice.gws import resources
from bridge.voice.model.agent_state import AgentState, Presence
from bridge.voice.model.agents import Agents, CustomState
from bridge.voice.model.device import Device

USER_STATES: dict[AgentState, resources.UserState] = {
    AgentState.LOGGED_OUT: resources.LOGGED_OUT,
    AgentState.LOGGED_IN: resources.LOGGED_IN,
    AgentState.NOT_READY: resources.UserState(
        id="900D55CC-2BB0-431F-8BF9-D3525B383BE6", display_name="Not Ready", state="NotReady"
    ),
    AgentState.READY: resources.UserState(
        id="9430250E-0A1B-421F-B372-F29E69366DED", display_name="Ready", state="Ready"
    ),
    AgentState.AFTER_CALL_WORK: resources.UserState(
        id="D3663509-3D82-4DD3-A82E-2EA8EFA02AEF",
        display_name="AfterCallWork",
        state="NotReady",
        work_mode="AfterCallWork",
    ),
    AgentState.AUX_WORK: resources.UserState(
        id="2B36138D-C564-4562-A8CB-3C32D564F296",
        display_name="AuxWork",
        state="NotReady",
        work_mode="AuxWork",
    ),
}
"""`userState` of each agent state that every contact center has."""


def user_state(device: Device, agents: Agents) -> resources.UserState:
    """Say how the agent at a device is."""
    agent_session, presence = device.agent_session, device.presence
    if agent_session is None:
        return resources.LOGGED_OUT
    if presence.agent_state is AgentState.LOGGED_OUT and agent_session.is_logging_in:
        return resources.LOGGED_IN
    usual = USER_STATES[presence.agent_state or AgentState.LOGGED_IN]
    if presence.reason is None:
        return usual
    own = _find_custom_state(presence, usual, agents.states(device.config.contact_center))
    return resources.UserState(
        id=own.id if own else usual.id,
        display_name=own.display_name if own else usual.display_name,
        state=usual.state,
        work_mode=usual.work_mode,
        reason=presence.reason,
    )


def _find_custom_state(
    presence: Presence, usual: resources.UserState, states: tuple[CustomState, ...]
) -> CustomState | None:
    """Find the contact center's own state; a work mode that the switch changed does not hide it."""
    fitting = [each for each in states if (each.state, each.reason) == (usual.state, presence.reason)]
    exact = (each for each in fitting if each.work_mode == usual.work_mode)
    return next(exact, fitting[0] if fitting else None)
