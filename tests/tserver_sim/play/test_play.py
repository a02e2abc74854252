"""The game of `tests.tserver_sim.play`: the same in every process, and its checks detect faults."""

import os
import subprocess
import sys
from random import Random

import pytest

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.tserver_sim.play.game import Game
from tests.tserver_sim.play.played_tserver import CONTROLLER, RequestSent, TimePasses
from tserver_sim.switch.config.profile import PROFILES
from tserver_sim.switch.state.switch_data import SwitchTimer, TimerKind


def played(hash_seed: str) -> str:
    """Play in a separate process; return its output without the speed."""
    command = (sys.executable, "-m", "tests.tserver_sim.play", "--seed", "5", "--steps", "1200")
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    return "\n".join(", ".join(part for part in line.split(", ") if "a second" not in part) for line in lines)


def test_the_same_seed_leads_to_the_same_bytes_in_every_process() -> None:
    first, second = played("1"), played("2")
    assert first == second
    assert all(f"{profile}, seed 5: " in first for profile in PROFILES)


def talking() -> Game:
    game = Game("sip-server")
    game.give(
        RequestSent(CONTROLLER, m.RequestMakeCall(this_dn="15000", other_dn="15001", reference_id=1_000_001))
    )
    (conn_id,) = game.switch.state.calls
    game.give(
        RequestSent(CONTROLLER, m.RequestAnswerCall(this_dn="15001", conn_id=conn_id, reference_id=1_000_002))
    )
    return game


def test_the_game_sees_a_party_that_is_gone() -> None:
    game = talking()
    (call,) = game.switch.state.calls.values()
    del call.parties[0]
    with pytest.raises(AssertionError):
        game.give(TimePasses(0.0))


def test_the_game_sees_user_data_that_is_not_in_every_copy() -> None:
    game = talking()
    (call,) = game.switch.state.calls.values()
    call.user_data = KVList.of(Kind="sale")
    with pytest.raises(AssertionError, match="what is written down is not all"):
        game.give(TimePasses(0.0))


def test_the_game_sees_a_timer_of_nobody() -> None:
    game = talking()
    game.switch.state.timers[99] = SwitchTimer(2**40, TimerKind.RING)
    game.switch.record = None
    with pytest.raises(AssertionError):
        game.give(TimePasses(0.0))


def test_the_game_sees_a_number_that_is_left_out() -> None:
    game = talking()
    game.switch.state.sequence += 1
    with pytest.raises(AssertionError):
        game.ask(Random(1))  # noqa: S311 (whatever is asked is answered)
