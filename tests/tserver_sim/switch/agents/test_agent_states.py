"""The table of an agent's states: complete, in the README as it is in the code, and all of it is reached."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import AgentWorkMode
from tests.tserver_sim.acd import (
    AFTER_CALL_WORK,
    AUTO_IN,
    OTHER_QUEUE,
    QUEUE,
    AgentClient,
    acd_server,
    agent_clients,
    set_profile,
    wrap_up,
)
from tests.tserver_sim.in_memory_server import InMemoryServer
from tserver_sim.switch import state
from tserver_sim.switch.operations.agents import agent_states
from tserver_sim.switch.state.agent_states import (
    TRANSITIONS,
    AgentEffect,
    AgentInput,
    AgentPhase,
    AgentTransition,
    table_markdown,
)

IMPOSSIBLE = {
    *((AgentPhase.LOGGED_OUT, each) for each in AgentInput if each is not AgentInput.LOGIN),
    *((phase, AgentInput.LOGIN) for phase in AgentPhase if phase is not AgentPhase.LOGGED_OUT),
    (AgentPhase.NOT_READY, AgentInput.WORK_TIME_OVER),
    (AgentPhase.READY, AgentInput.WORK_TIME_OVER),
}
"""Only who is logged out logs in, and can do nothing else; a work timer runs during after-call work only."""


def test_the_readme_has_the_table_that_agents_follow() -> None:
    readme = Path(state.__file__).parent.parent / "README.md"
    assert table_markdown() in readme.read_text(encoding="utf-8")


def test_each_input_in_each_state_has_a_row_or_is_impossible() -> None:
    every = {(phase, agent_input) for phase in AgentPhase for agent_input in AgentInput}
    assert every - set(TRANSITIONS) == IMPOSSIBLE


def test_each_effect_is_used() -> None:
    used = {effect for transition in TRANSITIONS.values() for effect in transition.effects}
    assert used == set(AgentEffect)


@pytest.mark.parametrize(("row", "transition"), TRANSITIONS.items(), ids=str)
def test_whoever_becomes_ready_starts_to_be_idle_and_whoever_works_has_a_way_back(
    row: tuple[AgentPhase, AgentInput], transition: AgentTransition
) -> None:
    before, to, effects = row[0], transition.to, transition.effects
    if to is AgentPhase.READY and before is not to:
        assert AgentEffect.RESTART_IDLE_TIME in effects
    working = (AgentPhase.WORK_THEN_NOT_READY, AgentPhase.WORK_THEN_READY)
    assert (AgentEffect.SAVE_DETAILS in effects) is (to in working and before not in working)
    if before in working and to not in working:
        assert AgentEffect.STOP_WORK_TIMER in effects


# --- random shifts ------------------------------------------------------------------------------------

AGENTS, CALLERS = ("15000", "15001"), ("15002", "15003")
MODES = (None, AgentWorkMode.AuxWork, AUTO_IN, AFTER_CALL_WORK, AFTER_CALL_WORK)
STEPS = 1200


def play_shifts(random: Random, **knobs: bool) -> list[m.Event]:
    """Play agents who log in and out, change their states and have calls; return all events."""
    server = acd_server(ring_timeout=6)
    set_profile(server, **knobs)
    agents = agent_clients(server, *AGENTS)
    callers = agent_clients(server, *CALLERS)
    for _ in range(STEPS):
        agent, caller = random.choice(agents), random.choice(callers)
        queue, mode = random.choice((None, QUEUE, OTHER_QUEUE)), random.choice(MODES)
        extensions = random.choice((None, None, wrap_up(0), wrap_up(8)))
        stimuli: list[Callable[[], None]] = [
            partial(agent.logs_in, queue, mode, extensions=extensions),
            partial(agent.logs_in, queue, AUTO_IN, extensions=extensions),
            *[partial(agent.ready, AUTO_IN, extensions=extensions)] * 3,
            *[partial(agent.not_ready, mode, extensions=extensions)] * 3,
            partial(caller.asks, m.RequestMakeCall, other_dn=random.choice((*AGENTS, QUEUE, OTHER_QUEUE))),
            *[partial(_use_phone, server, random.choice((agent, agent, caller)), m.RequestAnswerCall)] * 3,
            *[partial(_use_phone, server, random.choice((agent, agent, caller)), m.RequestReleaseCall)] * 2,
            *[partial(server.clock.advance, random.choice((0.5, 3, 9)))] * 2,
        ]
        if random.random() < 0.15:
            stimuli = [partial(agent.logs_out, queue)]
        random.choice(stimuli)()
    return [event for _, event in server.delivered]


def _use_phone(server: InMemoryServer, client: AgentClient, kind: type[m.CallRequest]) -> None:
    for conn_id in list(server.tserver.switch.engine.parties_of(client.client.name))[:1]:
        client.asks(kind, conn_id=conn_id)


def test_random_shifts_reach_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: set[tuple[AgentPhase, AgentInput]] = set()

    class Counted(dict[tuple[AgentPhase, AgentInput], AgentTransition]):
        def __getitem__(self, row: tuple[AgentPhase, AgentInput]) -> AgentTransition:
            reached.add(row)
            return super().__getitem__(row)

    monkeypatch.setattr(agent_states, "TRANSITIONS", Counted(TRANSITIONS))
    for seed in range(20):
        is_odd = seed % 2 == 1
        random = Random(seed)  # noqa: S311 (to be the same again)
        play_shifts(
            random, pending_after_call_work=not is_odd, pending_not_ready=is_odd, wraps_up_every_call=is_odd
        )
    assert set(TRANSITIONS) - reached == set()
