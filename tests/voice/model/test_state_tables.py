"""The tables of the agent session and of supervisor monitoring: drawn, whole, and run."""

from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from bridge.runtime.state_table import StateTable, StateTransition
from bridge.voice.model import agent_session, monitoring
from bridge.voice.model.agent_session import SESSION_TABLE, SessionState
from bridge.voice.model.monitoring import ARRANGEMENT_TABLE, LEG_TABLE

README = (Path(agent_session.__file__).parents[1] / "README.md").read_text(encoding="utf-8")

TABLES: dict[str, tuple[StateTable[Any, Any, Any], type[Enum], type[Enum], type[Enum]]] = {
    "agent session": (
        SESSION_TABLE,
        SessionState,
        agent_session.SessionInput,
        agent_session.SessionEffect,
    ),
    "arrangement": (
        ARRANGEMENT_TABLE,
        monitoring.ArrangementState,
        monitoring.ArrangementInput,
        monitoring.ArrangementEffect,
    ),
    "leg": (LEG_TABLE, monitoring.LegState, monitoring.LegInput, monitoring.LegEffect),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_readme_draws_the_table_that_runs(name: str) -> None:
    assert TABLES[name][0].markdown() in README


def test_the_readme_has_each_state_of_a_session_and_what_it_means() -> None:
    for state in SessionState:
        marks = ("yes" if state.in_session else "no", "yes" if state.registered else "no")
        assert f"\n| {state.value} | {marks[0]} | {marks[1]} | " in README


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_reached_and_every_input_and_effect_stands_in_the_table(name: str) -> None:
    table, states, inputs, effects = TABLES[name]
    first = next(iter(states))
    assert {first} | {row.to for row in table.transitions if row.to is not None} == set(states)
    unused = {monitoring.LegInput.RINGS}  # a leg that rings stays as it is
    assert {given for row in table.transitions for given in row.inputs} == set(inputs) - unused
    assert {effect for row in table.transitions for effect in row.effects} == set(effects)


class Light(Enum):
    RED = "red"
    GREEN = "green"


class Press(Enum):
    GO = "go"
    STOP = "stop"
    BELL = "bell"


class Action(Enum):
    RING = "ring"


class Lamp:
    def __init__(self) -> None:
        self.state = Light.RED
        self.rung: list[str] = []

    def ring(self, text: str) -> None:
        if text == "broken":
            raise ValueError(text)
        self.rung.append(f"{text} at {self.state.value}")


LIGHTS = StateTable(
    StateTransition((Light.RED,), (Press.GO,), Light.GREEN, (Action.RING,)),
    StateTransition((Light.RED, Light.GREEN), (Press.BELL,), None, (Action.RING, Action.RING)),
)


def test_effects_see_the_next_state_and_what_has_no_row_changes_nothing() -> None:
    lamp = Lamp()
    effects = {Action.RING: lamp.ring}
    LIGHTS.fire(lamp, Press.GO, effects, "go")
    LIGHTS.fire(lamp, Press.STOP, effects, "stop")
    LIGHTS.fire(lamp, Press.BELL, effects, "bell")
    assert lamp.state is Light.GREEN
    assert lamp.rung == ["go at green", "bell at green", "bell at green"]


def test_an_effect_that_fails_leaves_the_state_as_it_was() -> None:
    lamp = Lamp()
    with pytest.raises(ValueError, match="broken"):
        LIGHTS.fire(lamp, Press.GO, {Action.RING: lamp.ring}, "broken")
    assert lamp.state is Light.RED


def test_two_rows_for_the_same_are_refused() -> None:
    row: StateTransition[Light, Press, Action] = StateTransition((Light.RED,), (Press.GO,), Light.GREEN)
    with pytest.raises(ValueError, match="Two rows"):
        StateTable(row, row)


def test_a_table_is_drawn_as_rows() -> None:
    assert LIGHTS.markdown().splitlines() == [
        "| State | Input | Next state | Effects |",
        "|---|---|---|---|",
        "| red | go | green | ring |",
        "| red; green | bell | the same | ring; ring |",
    ]
