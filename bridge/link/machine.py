"""The states of one connection to a T-Server that is kept up, without I/O.

`TABLE` is the machine: Automat runs it, the README's table is printed from it. Who owns a machine gives it
the `Effects` and tells it, by the `Inputs`, what has happened.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from automat import TypeMachineBuilder


class ConnectionState(enum.Enum):
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

    def enter(self, state: ConnectionState) -> None:
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
class Transition:
    """In `state`, `input` leads to `to` and has the `effects`, in this order."""

    state: ConnectionState
    input: Callable[[Inputs, str], None]
    to: ConnectionState
    effects: tuple[Callable[[Effects, str], None], ...] = ()


TABLE = (
    Transition(ConnectionState.STOPPED, Inputs.start, ConnectionState.CONNECTING, (Effects.connect,)),
    Transition(ConnectionState.CONNECTING, Inputs.connected, ConnectionState.REGISTERING),
    Transition(
        ConnectionState.CONNECTING, Inputs.lost, ConnectionState.LOST, (Effects.was_lost, Effects.wait)
    ),
    Transition(ConnectionState.REGISTERING, Inputs.switch_up, ConnectionState.UP, (Effects.came_up,)),
    Transition(
        ConnectionState.REGISTERING, Inputs.switch_down, ConnectionState.SWITCH_DOWN, (Effects.went_down,)
    ),
    Transition(
        ConnectionState.REGISTERING, Inputs.lost, ConnectionState.LOST, (Effects.was_lost, Effects.wait)
    ),
    Transition(ConnectionState.UP, Inputs.switch_down, ConnectionState.SWITCH_DOWN, (Effects.went_down,)),
    Transition(ConnectionState.UP, Inputs.lost, ConnectionState.LOST, (Effects.was_lost, Effects.wait)),
    Transition(ConnectionState.SWITCH_DOWN, Inputs.switch_up, ConnectionState.UP, (Effects.came_up,)),
    Transition(
        ConnectionState.SWITCH_DOWN, Inputs.lost, ConnectionState.LOST, (Effects.was_lost, Effects.wait)
    ),
    Transition(ConnectionState.LOST, Inputs.retry, ConnectionState.CONNECTING, (Effects.connect,)),
    *(Transition(state, Inputs.stop, ConnectionState.STOPPED, (Effects.close,)) for state in ConnectionState),
)
"""Every move there is. What is not here cannot happen, and raises `automat.NoTransition`."""


def _make_transition(transition: Transition) -> Callable[[Inputs, Effects, str], None]:
    def move(_inputs: Inputs, effects: Effects, reason: str = "") -> None:
        effects.enter(transition.to)
        for effect in transition.effects:
            # By name, for the owner's own method.
            getattr(effects, effect.__name__)(reason)

    return move


def _build_machine() -> Callable[[Effects], Inputs]:
    builder = TypeMachineBuilder(Inputs, Effects)  # type: ignore[type-abstract] # Automat's way, of Twisted too
    states = {state: builder.state(state.value) for state in ConnectionState}
    for transition in TABLE:
        states[transition.state].upon(transition.input).to(states[transition.to])(
            _make_transition(transition)
        )
    return builder.build()


machine = _build_machine()
"""Makes a machine, in `ConnectionState.STOPPED`, that has its effects on what it is given.

An input that comes while another one is being carried out waits until that is done.
"""


def table_markdown() -> str:
    """Write the table for a README."""
    lines = ["| State | Input | Next state | Effects |", "|---|---|---|---|"]
    lines += [
        f"| {transition.state.value} | {transition.input.__name__} | {transition.to.value} | "
        f"{', '.join(effect.__name__ for effect in transition.effects) or 'none'} |"
        for transition in TABLE
    ]
    return "\n".join(lines)
