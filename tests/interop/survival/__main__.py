"""Kills and cuts, as often as you like: `python -m tests.interop.survival --points 200 --seed 1`."""

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.interop.survival.game import play


def main() -> int:
    """Play, and print the counts."""
    parser = argparse.ArgumentParser(prog="python -m tests.interop.survival", description=__doc__)
    parser.add_argument("--points", type=int, default=200, help="how many faults (200)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="what chance depends on")
    given = parser.parse_args()
    print(f"seed {given.seed}")
    folder = Path(tempfile.mkdtemp(prefix="survival-"))
    try:
        score = asyncio.run(play(folder, given.seed, given.points, _report))
    except AssertionError as error:
        _report(f"{error}\nThe site file and the logs of all programs are in {folder}")
        return 1
    shutil.rmtree(folder)
    _report(str(score))
    return 0


def _report(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
