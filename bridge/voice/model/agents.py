"""Agents, places and custom agent states: plain values, and the collection of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_NO_LOGINS: Final[Mapping[str, "tuple[SwitchLogin, ...]"]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SwitchLogin:
    """The login of an agent at a switch.

    Attributes:
        code: the AgentID.
        queue: the ACD queue to log in to; None for none.
        password: what the switch asks of the agent; empty if nothing.

    """

    code: str
    queue: str | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Agent:
    """A user, as far as telephones are concerned.

    Attributes:
        user_id: the id of the user.
        contact_center: the tenant.
        logins: by the name of the switch; the first of a switch is used.
        place: the name of the user's default place; None for the user's own devices.
        is_supervisor: whether the user may use the operations for supervisors.
        features: the features of the contact center.

    """

    user_id: str
    contact_center: str
    logins: Mapping[str, tuple[SwitchLogin, ...]] = field(default_factory=lambda: _NO_LOGINS)
    place: str | None = None
    is_supervisor: bool = False
    features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AgentPlace:
    """A set of devices that an agent may work at. The name is unique in the contact center."""

    name: str
    contact_center: str
    device_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomState:
    """An agent state that a contact center defines.

    Attributes:
        id: for clients.
        operation_name: what a client posts to get into it.
        display_name: for people.
        state: `Ready` or `NotReady`.
        work_mode: `AuxWork` or `AfterCallWork`; None for neither.
        reason: the reason code that T-Servers are given and give back; None for none.

    """

    id: str
    operation_name: str
    display_name: str
    state: str
    work_mode: str | None = None
    reason: str | None = None


class Agents:
    """All agents, places and custom states."""

    def __init__(self) -> None:
        self._agents: dict[str, Agent] = {}
        self._places: dict[tuple[str, str], AgentPlace] = {}
        self._states: dict[str, tuple[CustomState, ...]] = {}

    def add_or_update_agent(self, agent: Agent) -> None:
        """Add or update an agent. An active session continues."""
        self._agents[agent.user_id] = agent

    def remove_agent(self, user_id: str) -> None:
        """Remove an agent."""
        self._agents.pop(user_id, None)

    def add_or_update_place(self, place: AgentPlace) -> None:
        """Add or update a place."""
        self._places[place.contact_center, place.name] = place

    def add_or_update_states(self, contact_center: str, states: Iterable[CustomState]) -> None:
        """Replace the custom states of a contact center."""
        self._states[contact_center] = tuple(states)

    def agent(self, user_id: str | None) -> Agent | None:
        """Return the agent with this user id; None if there is none."""
        return None if user_id is None else self._agents.get(user_id)

    def place(self, contact_center: str, name: str) -> AgentPlace | None:
        """Return the place with this name; None if there is none."""
        return self._places.get((contact_center, name))

    def states(self, contact_center: str) -> tuple[CustomState, ...]:
        """Return the custom states of a contact center."""
        return self._states.get(contact_center, ())

    def find_custom_state(self, contact_center: str, operation: str) -> CustomState | None:
        """Return the custom state that an operation leads to; None if there is none."""
        return next((each for each in self.states(contact_center) if each.operation_name == operation), None)
