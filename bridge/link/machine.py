"""The states of one connection to a T-Server that is kept up, without I/O.

`TABLE` is the machine: Automat runs it, the README's table is printed from it. Who owns a machine gives it
the `Effects` and tells it, by the `Inputs`, what has happened.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from automat import TypeMachineBuilder


class State(enum.Enum):
    """Where a connection stands."""

    STOPPED = "stopped"
    CONNECTING = "connecting"
    REGISTERING = "registering"
    UP = "up"
    SWITCH_DOWN = "switch down"
    LOST = "lost"


class Inputs(Protocol):
    """What can happen. Only some of it has a reason; all take one, so that a row of the table is a row."""

    def start(self, reason: str = "") -> None:
        """Somebody wants the connection."""

    def connected(self, reason: str = "") -> None:
        """The connection is there; the T-Server is being told who this client is."""

    def switch_up(self, reason: str = "") -> None:
        """The T-Server says that it has its switch."""

    def switch_down(self, reason: str = "") -> None:
        """The T-Server says that it does not have its switch."""

    def lost(self, reason: str = "") -> None:
        """The connection ended, or could not be had."""

    def retry(self, reason: str = "") -> None:
        """The time between two attempts is over."""

    def stop(self, reason: str = "") -> None:
        """Nobody wants the connection any more."""


class Effects(Protocol):
    """What is to be done about it. Each gets the reason that the input had."""

    def enter(self, state: State) -> None:
        """Remember the state; comes before the effects of a move."""

    def connect(self, reason: str) -> None:
        """Begin an attempt to connect."""

    def came_up(self, reason: str) -> None:
        """Requests can be sent."""

    def went_down(self, reason: str) -> None:
        """Requests cannot be sent, but the connection is there."""

    def was_lost(self, reason: str) -> None:
        """Nothing that was asked can be answered any more."""

    def wait(self, reason: str) -> None:
        """Call `Inputs.retry` after a while."""

    def close(self, reason: str) -> None:
        """Give up the connection, the attempt or the waiting, whichever there is."""


@dataclass(frozen=True, slots=True)
class Row:
    """In `state`, `input` leads to `to` and has the `effects`, in this order."""

    state: State
    input: Callable[[Inputs, str], None]
    to: State
    effects: tuple[Callable[[Effects, str], None], ...] = ()


TABLE = (
    Row(State.STOPPED, Inputs.start, State.CONNECTING, (Effects.connect,)),
    Row(State.CONNECTING, Inputs.connected, State.REGISTERING),
    Row(State.CONNECTING, Inputs.lost, State.LOST, (Effects.was_lost, Effects.wait)),
    Row(State.REGISTERING, Inputs.switch_up, State.UP, (Effects.came_up,)),
    Row(State.REGISTERING, Inputs.switch_down, State.SWITCH_DOWN, (Effects.went_down,)),
    Row(State.REGISTERING, Inputs.lost, State.LOST, (Effects.was_lost, Effects.wait)),
    Row(State.UP, Inputs.switch_down, State.SWITCH_DOWN, (Effects.went_down,)),
    Row(State.UP, Inputs.lost, State.LOST, (Effects.was_lost, Effects.wait)),
    Row(State.SWITCH_DOWN, Inputs.switch_up, State.UP, (Effects.came_up,)),
    Row(State.SWITCH_DOWN, Inputs.lost, State.LOST, (Effects.was_lost, Effects.wait)),
    Row(State.LOST, Inputs.retry, State.CONNECTING, (Effects.connect,)),
    *(Row(state, Inputs.stop, State.STOPPED, (Effects.close,)) for state in State),
)
"""Every move there is. What is not here cannot happen, and raises `automat.NoTransition`."""


def _carry_out(row: Row) -> Callable[[Inputs, Effects, str], None]:
    def move(_inputs: Inputs, effects: Effects, reason: str = "") -> None:
        effects.enter(row.to)
        for effect in row.effects:
            # By name, for the owner's own method.
            getattr(effects, effect.__name__)(reason)

    return move


def _build() -> Callable[[Effects], Inputs]:
    builder = TypeMachineBuilder(Inputs, Effects)  # type: ignore[type-abstract] # Automat's way, of Twisted too
    states = {state: builder.state(state.value) for state in State}
    for row in TABLE:
        states[row.state].upon(row.input).to(states[row.to])(_carry_out(row))
    return builder.build()


machine = _build()
"""Makes a machine, in `State.STOPPED`, that has its effects on what it is given.

An input that comes while another one is being carried out waits until that is done.
"""


def drawn() -> str:
    """Write the table for a README."""
    lines = ["| State | Input | Next state | Effects |", "|---|---|---|---|"]
    lines += [
        f"| {row.state.value} | {row.input.__name__} | {row.to.value} | "
        f"{', '.join(effect.__name__ for effect in row.effects) or 'none'} |"
        for row in TABLE
    ]
    return "\n".join(lines)
