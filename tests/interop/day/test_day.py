"""A day of an agent, every notification compared whole with `day.json`."""

from pathlib import Path

import pytest

from tests.interop.day.script import STEPS
from tests.interop.day.stage import golden, play_day, running_day
from tests.loop import run


@pytest.mark.timeout(120)
def test_every_notification_of_the_day_is_as_it_was_written_down(tmp_path: Path) -> None:
    expected = golden()
    assert [*expected] == [*STEPS, "nothing more"]

    async def day() -> None:
        async with running_day(tmp_path) as stage:
            notifications = await play_day(stage, expected)
            for step, messages in expected.items():
                assert notifications[step] == messages, step

    run(day())
