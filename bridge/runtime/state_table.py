"""Run a state machine that is written as a table: state and input lead to a next state and to effects.

A table is data. Its owner gives one function for each effect, fires inputs at a machine (anything that has a
`state`), and keeps no conditions on the state anywhere else. The READMEs draw the tables by `markdown`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

State = TypeVar("State", bound=Enum)
Input = TypeVar("Input", bound=Enum)
Effect = TypeVar("Effect", bound=Enum)


class Machine(Protocol[State]):
    """What has a state."""

    state: State


@dataclass(frozen=True, slots=True)
class StateTransition(Generic[State, Input, Effect]):
    """One row of a table.

    Attributes:
        states: the states that it starts from.
        inputs: the inputs that lead on.
        to: the next state; None to stay in the state.
        effects: what is done then, in this order.

    """

    states: tuple[State, ...]
    inputs: tuple[Input, ...]
    to: State | None
    effects: tuple[Effect, ...] = ()


class StateTable(Generic[State, Input, Effect]):
    """A table of transitions. An input that has no row in a state changes nothing and has no effect.

    Raises:
        ValueError: two rows have the same state and input.

    """

    def __init__(self, *transitions: StateTransition[State, Input, Effect]) -> None:
        self.transitions = transitions
        self._by_state_and_input: dict[tuple[State, Input], StateTransition[State, Input, Effect]] = {}
        for transition in transitions:
            for key in ((state, given) for state in transition.states for given in transition.inputs):
                if key in self._by_state_and_input:
                    raise ValueError(f"Two rows for {key[0]} and {key[1]}")
                self._by_state_and_input[key] = transition

    def fire(
        self,
        machine: Machine[State],
        given: Input,
        effects: Mapping[Effect, Callable[..., None]],
        *arguments: Any,  # noqa: ANN401 (the owner's own; each effect is called with them)
    ) -> None:
        """Move a machine to the next state, then run the effects with `arguments`.

        An effect may fire further inputs. When an effect raises, the machine is back in the state it had, and
        the error goes on to the caller.
        """
        before = machine.state
        transition = self._by_state_and_input.get((before, given))
        if transition is None:
            return
        machine.state = transition.to or before
        try:
            for effect in transition.effects:
                effects[effect](*arguments)
        except Exception:
            machine.state = before
            raise

    def markdown(self) -> str:
        """Return the table as it stands in a README."""
        lines = ["| State | Input | Next state | Effects |", "|---|---|---|---|"]
        lines += [
            f"| {_values(row.states)} | {_values(row.inputs)} | {row.to.value if row.to else 'the same'} | "
            f"{_values(row.effects) or 'none'} |"
            for row in self.transitions
        ]
        return "\n".join(lines)


def _values(members: Iterable[Enum]) -> str:
    return "; ".join(member.value for member in members)
