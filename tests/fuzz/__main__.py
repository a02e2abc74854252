"""`make fuzz`: a million spoilt frames against each input, and what became of them."""

import argparse
import subprocess
import sys
from pathlib import Path
from random import SystemRandom

from tests.fuzz import campaign
from tests.fuzz.campaign import FailedError, Result

FRAMES = 1_000_000
TCP_SHARE = 0.02
"""Over TCP there are fewer: a real connection adds nothing but time."""

FOLDER = Path("build/fuzz")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, help="repeats a run (without it, another one each time)")
    parser.add_argument("--frames", type=int, default=FRAMES, help="how many spoilt frames (%(default)s)")
    parser.add_argument(
        "--target", choices=campaign.TARGETS, help="one of them alone; tcp gets a fiftieth of the frames"
    )
    parser.add_argument("--replay", type=Path, metavar="FILE", help="do again what went wrong")
    return parser


def main() -> int:
    """Run what is asked for; gives the exit code."""
    arguments = _parser().parse_args()
    if arguments.replay:
        reason = campaign.play_again(arguments.replay)
        print(reason or "It does not go wrong any more.")
        return 1 if reason else 0
    seed = SystemRandom().randrange(2**31) if arguments.seed is None else arguments.seed
    if arguments.target is None:
        return _all(seed, arguments.frames)
    frames = arguments.frames
    print(f"{arguments.target}: {frames} frames, seed {seed}", flush=True)
    try:
        result = campaign.run(arguments.target, seed, frames, FOLDER)
    except FailedError as error:
        print(f"{arguments.target}: FAILED: {error}")
        return 1
    print(_table(arguments.target, result))
    return 0


def _all(seed: int, frames: int) -> int:
    """Run each target in a process of its own: side by side, and none has the others' memory."""
    shares = {"server": frames, "link": frames, "tcp": max(1, int(frames * TCP_SHARE))}
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.fuzz",
                "--target",
                name,
                "--seed",
                str(seed),
                "--frames",
                str(count),
            ]
        )
        for name, count in shares.items()
    ]
    return max(process.wait() for process in running)


def _table(name: str, result: Result) -> str:
    tally = result.tally
    before, after = result.resident.before / 2**20, result.resident.after / 2**20
    lines = [
        f"{name}: {tally.frames} frames in {tally.cases} cases, {tally.per_second:.0f} a second",
        *(f"  {count:>9} {outcome}" for outcome, count in tally.outcomes.most_common()),
        "  good ones: " + ", ".join(f"{outcome} {count}" for outcome, count in tally.good.most_common()),
        "  spoilt by: " + ", ".join(f"{way} {count}" for way, count in sorted(tally.ways.items())),
        f"  looked after {tally.checked} times, cleaned {tally.cleaned} times",
        f"  memory: {before:.1f} MiB after the warm-up, {after:.1f} MiB at the end",
        f"  live: {result.live.before} after the warm-up, {result.live.after} at the end",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
