"""The states of one connection to a T-Server, as a table, without I/O.

Automat runs `TABLE`, and the README's table is printed from it. The owner of a machine implements `Effects`
and calls the `Inputs`. Automat and not `bridge.runtime.state_table`, because an effect here may lead to the
next input at once (an attempt that connects or fails immediately): Automat keeps it until the effects of the
first one are done.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from automat import TypeMachineBuilder


class ConnectionState(enum.Enum):
    """The state of a connection."""

    STOPPED = "stopped"
    CONNECTING = "connecting"
    REGISTERING = "registering"
    UP = "up"
    SWITCH_DOWN = "switch down"
    LOST = "lost"


class Inputs(Protocol):
    """The inputs. Only some have a reason; all take one, so that the table can treat them alike."""

    def start(self, reason: str = "") -> None:
        """Connect."""

    def connected(self, reason: str = "") -> None:
        """The connection is made; RequestRegisterClient is being sent."""

    def switch_up(self, reason: str = "") -> None:
        """EventLinkConnected: the T-Server has its switch."""

    def switch_down(self, reason: str = "") -> None:
        """EventLinkDisconnected: the T-Server does not have its switch."""

    def lost(self, reason: str = "") -> None:
        """The connection ended, or the attempt failed."""

    def retry(self, reason: str = "") -> None:
        """The time between two attempts is over."""

    def stop(self, reason: str = "") -> None:
        """Close the connection for good."""


class Effects(Protocol):
    """The effects. Each gets the reason of the input."""

    def enter(self, state: ConnectionState) -> None:
        """Record the state; called before the effects of a transition."""

    def connect(self, reason: str) -> None:
        """Begin an attempt to connect."""

    def came_up(self, reason: str) -> None:
        """Notify that requests can be sent."""

    def went_down(self, reason: str) -> None:
        """Notify that requests cannot be sent, though the connection is there."""

    def was_lost(self, reason: str) -> None:
        """Fail all requests and notify that the connection is lost."""

    def wait(self, reason: str) -> None:
        """Call `Inputs.retry` after the back-off."""

    def close(self, reason: str) -> None:
        """Close the connection, or cancel the attempt or the waiting."""


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
"""All transitions. Any other input raises `automat.NoTransition`."""


def _make_transition(transition: Transition) -> Callable[[Inputs, Effects, str], None]:
    def transit(_inputs: Inputs, effects: Effects, reason: str = "") -> None:
        effects.enter(transition.to)
        for effect in transition.effects:
            # By name, to call the method of the implementation.
            getattr(effects, effect.__name__)(reason)

    return transit


def _build_machine() -> Callable[[Effects], Inputs]:
    builder = TypeMachineBuilder(Inputs, Effects)  # type: ignore[type-abstract] # Automat's way, of Twisted too
    states = {state: builder.state(state.value) for state in ConnectionState}
    for transition in TABLE:
        states[transition.state].upon(transition.input).to(states[transition.to])(
            _make_transition(transition)
        )
    return builder.build()


machine = _build_machine()
"""Makes a machine in `ConnectionState.STOPPED` for an implementation of `Effects`."""


def table_markdown() -> str:
    """Return the table as it stands in the README."""
    lines = ["| State | Input | Next state | Effects |", "|---|---|---|---|"]
    lines += [
        f"| {transition.state.value} | {transition.input.__name__} | {transition.to.value} | "
        f"{', '.join(effect.__name__ for effect in transition.effects) or 'none'} |"
        for transition in TABLE
    ]
    return "\n".join(lines)
