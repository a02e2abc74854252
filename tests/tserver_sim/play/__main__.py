"""`python -m tests.tserver_sim.play --seed N --steps M`: play a long game and print what was played."""

import argparse
import sys
import traceback
from random import Random, SystemRandom
from time import perf_counter

from tests.tserver_sim.play import request_generator
from tests.tserver_sim.play.game import Game
from tests.tserver_sim.play.played_tserver import RequestSent, Stimulus
from tserver_sim.switch.config.profile import PROFILES

FINISHED_EVERY = 500
"""Stimuli after which all parties hang up, and nothing may be left."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.tserver_sim.play", description=__doc__)
    parser.add_argument("--seed", type=int, help="repeats a game (without it, another one each time)")
    parser.add_argument("--steps", type=int, default=20_000, help="how many stimuli (%(default)s)")
    parser.add_argument("--profile", choices=(*PROFILES, "all"), default="all", help="the kind of switch")
    parser.add_argument("--show", type=int, default=12, help="stimuli to show of a game that fails")
    return parser


def main() -> int:
    """Play the game and return the exit code."""
    options = _parser().parse_args()
    seed = SystemRandom().randrange(10**9) if options.seed is None else options.seed
    profiles = tuple(PROFILES) if options.profile == "all" else (options.profile,)
    for profile in profiles:
        if not _play(profile, seed, options.steps // len(profiles), options.show):
            return 1
    return 0


def _play(profile: str, seed: int, steps: int, show: int) -> bool:
    random, game, began = Random(seed), Game(profile, seed), perf_counter()  # noqa: S311 (to be the same again)
    try:
        while game.steps < steps:
            game.step(random)
            if game.steps % FINISHED_EVERY == 0:
                game.finish()
        game.finish()
    except Exception:  # noqa: BLE001 (any failure is printed with what led to it)
        _print(traceback.format_exc())
        _print(f"{profile}, seed {seed}: step {game.steps}, after:")
        for stimulus in list(game.recent)[-show:]:
            _print(f"  {_text(stimulus)}")
        return False
    _print(
        f"{profile}, seed {seed}: {game.steps} stimuli, {game.counts['events']} events, "
        f"{game.switch.state.call_count} calls, all ended {game.counts['finished']} times, "
        f"{game.steps / (perf_counter() - began):.0f} a second, {game.played.digest.hexdigest()}"
    )
    for name, number in sorted(game.counts.items()):
        _print(f"  {number:8} {name}")
    return True


def _text(stimulus: Stimulus) -> str:
    if isinstance(stimulus, RequestSent):
        return f"{stimulus.client}: {request_generator.request_text(stimulus.request)}"
    return str(stimulus)


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
