"""Trunk groups: a call takes one line for each party outside of the switch."""

from collections.abc import Iterable
from dataclasses import dataclass

from tserver_sim.switch.numbering.dial_plan import Pattern
from tserver_sim.switch.state.phone_behaviour import Answers, Behaviour
from tserver_sim.switch.state.remote_legs import RemoteLeg
from tserver_sim.switch.state.switch_data import ExternalLeg, Party, SwitchData

ANSWERS = Answers(after=2.0)
"""The behaviour of numbers outside that the site file does not list."""


@dataclass(frozen=True, slots=True)
class TrunkGroup:
    """Lines to the network that are used alike."""

    name: str
    lines: int
    """How many calls can go through it at the same time."""
    answer_supervision: bool = True
    """Whether the network signals the answer. Without it the caller stays dialing."""


@dataclass(frozen=True, slots=True)
class Outside:
    """The behaviour of numbers outside of the switch."""

    pattern: Pattern
    """Matches the number as it leaves the switch, or the number of a caller."""
    behaviour: Behaviour


def behaviour_of_number(outside: Iterable[Outside], number: str) -> Behaviour:
    """Return the behaviour of a number outside; the first entry that matches decides."""
    return next((each.behaviour for each in outside if each.pattern.matches(number)), ANSWERS)


def has_free_line(state: SwitchData, trunk: TrunkGroup, wanted: int = 1) -> bool:
    """Return whether a trunk group has lines for so many more parties."""
    return state.lines_in_use.get(trunk.name, 0) + wanted <= trunk.lines


def seize(state: SwitchData, party: Party, conn_id: int) -> None:
    """Take a line for a party that is outside. A leg to another site takes none."""
    state.leg_count += 1
    party.leg = state.leg_count
    remote = RemoteLeg(party.site) if party.site else None
    state.legs[party.leg] = ExternalLeg(party.trunk, conn_id, remote)
    if party.trunk:
        state.lines_in_use[party.trunk] = state.lines_in_use.get(party.trunk, 0) + 1


def free(state: SwitchData, party: Party) -> None:
    """Give back the line of a party that has left its call."""
    leg = state.legs.pop(party.leg)
    if leg.remote is not None:
        state.remote_legs.pop(leg.remote.key, None)
    if leg.trunk:
        state.lines_in_use[leg.trunk] -= 1
        if not state.lines_in_use[leg.trunk]:
            del state.lines_in_use[leg.trunk]
