"""Plays the day and writes down what the agent was told: `python -m tests.interop.day`.

Read the difference before it is committed: whatever is in there, clients are told from now on.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from tests.interop.day.script import STEPS, Day
from tests.interop.day.stage import GOLDEN, Told, staged
from tests.loop import run

QUIET_SECONDS = 0.3
"""For how long nothing more must come until a step counts as over. Only here; the test does not wait."""


async def _heard(day: Day) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []
    while True:
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                message = await day.me.next_notification()
        except TimeoutError:
            return heard
        day.hears(message)
        heard.append(message)


async def _write(folder: Path) -> None:
    told: Told = {}
    async with staged(folder) as day:
        for name, step in STEPS.items():
            await step(day)
            told[name] = await _heard(day)
    told["nothing more"] = []
    GOLDEN.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        run(_write(Path(name)))
