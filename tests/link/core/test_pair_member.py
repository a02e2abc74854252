"""The tables of a pair's member: drawn in the README, whole, and walked with the objects that run them."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from bridge.link.core import pair_member
from bridge.link.core.pair_member import (
    MEMBER_TABLE,
    PROOF_TABLE,
    MemberEffect,
    MemberInput,
    MemberLinkState,
    MemberStatus,
    ProofEffect,
    ProofInput,
    ProofState,
)
from bridge.link.core.switchover import PairDown, PairUp, SwitchedOver, Switchover
from bridge.runtime.state_table import StateTable
from bridge.tlib.enums import ServerRole
from bridge.tlib.messages import RequestRegisterAddress

README = (Path(pair_member.__file__).parents[1] / "README.md").read_text(encoding="utf-8")

TABLES: dict[str, tuple[StateTable[Any, Any, Any], type[Enum], type[Enum], type[Enum]]] = {
    "member": (MEMBER_TABLE, MemberLinkState, MemberInput, MemberEffect),
    "proof": (PROOF_TABLE, ProofState, ProofInput, ProofEffect),
}

UP, DOWN = MemberLinkState.UP, MemberLinkState.SWITCH_DOWN
LOST, GAP = MemberLinkState.DISCONNECTED, MemberLinkState.INTERRUPTED

NEXT_STATES: dict[MemberLinkState, tuple[MemberLinkState, ...]] = {
    # EventServerInfo, EventLinkConnected, EventLinkDisconnected, EventPrimaryChanged (own, other's), lost
    LOST: (DOWN, LOST, LOST, LOST, LOST, LOST),
    DOWN: (DOWN, UP, DOWN, DOWN, DOWN, LOST),
    UP: (UP, UP, GAP, UP, UP, LOST),
    GAP: (GAP, UP, GAP, DOWN, DOWN, LOST),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_readme_draws_the_table_that_runs(name: str) -> None:
    assert TABLES[name][0].markdown() in README


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_reached_and_every_input_and_effect_stands_in_the_table(name: str) -> None:
    table, states, inputs, effects = TABLES[name]
    reached = {next(iter(states))}
    for _ in states:
        reached |= {row.to for row in table.transitions if row.to and reached & set(row.states)}
    assert reached == set(states)
    assert {given for row in table.transitions for given in row.inputs} == set(inputs)
    assert {effect for row in table.transitions for effect in row.effects} == set(effects)


# --- the member, walked by the inputs of `Switchover` -----------------------------------------------

INPUTS: tuple[Callable[[Switchover[str]], object], ...] = (
    lambda pair: pair.identified(0, ServerRole.Primary, 1, 0.0),
    lambda pair: pair.came_up(0, 0.0),
    lambda pair: pair.went_down(0, "no switch", 0.0),
    lambda pair: pair.primary_changed(0, 0.0, reported_by=0),
    lambda pair: pair.primary_changed(0, 0.0, reported_by=1),
    lambda pair: pair.lost(0, "gone", 0.0),
)

WAYS: dict[MemberLinkState, tuple[int, ...]] = {LOST: (), DOWN: (0,), UP: (0, 1), GAP: (0, 1, 2)}
"""The inputs that lead to each state, by their places in `INPUTS`."""


def in_state(state: MemberLinkState) -> Switchover[str]:
    pair: Switchover[str] = Switchover()
    for given in WAYS[state]:
        INPUTS[given](pair)
    assert pair.members[0].state is state
    return pair


@pytest.mark.parametrize("given", range(len(INPUTS)), ids=[given.value for given in MemberInput])
@pytest.mark.parametrize("state", MemberLinkState)
def test_an_input_leads_to_the_next_state(state: MemberLinkState, given: int) -> None:
    pair = in_state(state)
    INPUTS[given](pair)
    assert pair.members[0].state is NEXT_STATES[state][given]


def test_a_source_that_had_lost_its_switch_is_a_gap() -> None:
    pair = in_state(UP)
    assert pair.went_down(0, "no switch", 0.0) == []
    assert pair.came_up(0, 0.0) == [PairDown("the T-Server had lost its switch"), PairUp()]
    assert pair.pop_role_query(0)


def test_a_change_of_roles_explains_the_lost_switch() -> None:
    pair = in_state(GAP)
    assert pair.primary_changed(0, 0.0, reported_by=0) == []
    assert pair.came_up(0, 0.0) == []
    assert pair.source == 0


def test_a_source_is_left_for_a_member_that_covers_it_and_else_the_link_is_down() -> None:
    covered = in_state(UP)
    covered.identified(1, ServerRole.Backup, 1, 0.0)
    assert covered.lost(0, "gone", 0.0) == [SwitchedOver(0)]
    assert in_state(UP).lost(0, "gone", 0.0) == [PairDown("gone")]


def test_a_lost_member_has_to_confirm_everything_anew() -> None:
    pair = in_state(UP)
    pair.identified(1, ServerRole.Backup, 1, 0.0)
    request = RequestRegisterAddress(this_dn="15000")
    pair.registering(request)
    pair.lost(1, "gone", 0.0)
    member = pair.members[1]
    assert (member.role, member.unconfirmed, member.requested) == (None, {"15000": request}, set())
    assert member.proof.state is ProofState.UNPROVED


# --- the proof --------------------------------------------------------------------------------------


def proof_in_state(state: ProofState) -> MemberStatus[str]:
    member: MemberStatus[str] = MemberStatus()
    if state is not ProofState.PROVED:
        member.fire_proof(ProofInput.INVALIDATED)
    if state is ProofState.PROVING:
        member.fire_proof(ProofInput.QUERIED)
    member.held.append((7, "event"))
    assert member.proof.state is state
    return member


@pytest.mark.parametrize(
    ("state", "given", "to", "is_restarted"),
    [
        *((state, ProofInput.NOTHING_REGISTERED, ProofState.PROVED, True) for state in ProofState),
        *((state, ProofInput.INVALIDATED, ProofState.UNPROVED, True) for state in ProofState),
        (ProofState.PROVED, ProofInput.QUERIED, ProofState.PROVED, False),
        (ProofState.UNPROVED, ProofInput.QUERIED, ProofState.PROVING, True),
        (ProofState.PROVING, ProofInput.QUERIED, ProofState.PROVING, False),
        (ProofState.PROVED, ProofInput.ANSWERED, ProofState.PROVED, False),
        (ProofState.UNPROVED, ProofInput.ANSWERED, ProofState.UNPROVED, False),
        (ProofState.PROVING, ProofInput.ANSWERED, ProofState.PROVED, False),
        (ProofState.PROVED, ProofInput.UNANSWERED, ProofState.PROVED, False),
        (ProofState.UNPROVED, ProofInput.UNANSWERED, ProofState.UNPROVED, False),
        (ProofState.PROVING, ProofInput.UNANSWERED, ProofState.UNPROVED, False),
    ],
)
def test_a_proof_moves_and_a_new_one_drops_what_was_held(
    state: ProofState, given: ProofInput, to: ProofState, *, is_restarted: bool
) -> None:
    member = proof_in_state(state)
    number = member.proof.number
    member.fire_proof(given)
    assert member.proof.state is to
    assert (member.proof.number != number, not member.held) == (is_restarted, is_restarted)
