"""Whatever is killed or cut in mid-call: in the end switch, bridges and clients see the same calls."""

import asyncio
import secrets
from pathlib import Path

import pytest

from tests.interop.survival.game import FAULTS, play

ROUNDS = 4


@pytest.mark.timeout(600)
def test_everybody_agrees_after_every_fault(tmp_path: Path) -> None:
    seed = secrets.randbelow(2**32)
    print(f"seed {seed}: python -m tests.interop.survival --points {ROUNDS * len(FAULTS)} --seed {seed}")
    score = asyncio.run(play(tmp_path, seed, ROUNDS * len(FAULTS), print))
    assert score.faults == dict.fromkeys(FAULTS, ROUNDS)
    assert score.calls_seen > 0
