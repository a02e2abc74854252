"""Plays the day and writes down what the agent was told: `python -m tests.interop.day`.

Read the difference before it is committed: whatever is in there, clients are told from now on.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from tests.interop.day.script import STEPS, Day
from tests.interop.day.stage import GOLDEN, Notifications, running_day
from tests.loop import run

QUIET_SECONDS = 0.3
"""For how long nothing more must come until a step counts as over. Only here; the test does not wait."""


async def _receive_until_quiet(day: Day) -> list[dict[str, Any]]:
    received: list[dict[str, Any]] = []
    while True:
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                message = await day.me.next_notification()
        except TimeoutError:
            return received
        day.on_notification(message)
        received.append(message)


async def _write(folder: Path) -> None:
    notifications: Notifications = {}
    async with running_day(folder) as day:
        for name, step in STEPS.items():
            await step(day)
            notifications[name] = await _receive_until_quiet(day)
    notifications["nothing more"] = []
    GOLDEN.write_text(json.dumps(notifications, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        run(_write(Path(name)))
