"""A short run of `make fuzz`, each time another one; and that it finds what is planted."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import SystemRandom

import pytest

from bridge.tlib.messages import Request
from bridge.tlib.session import Refusal, ServerSession
from tests.fuzz import campaign

FRAMES = {"server": 10_000, "link": 9_000, "tcp": 1_000}


@pytest.mark.parametrize("target", FRAMES)
def test_no_spoilt_frame_breaks_anything(target: str, tmp_path: Path) -> None:
    seed = SystemRandom().randrange(2**31)
    print(f"python -m tests.fuzz --target {target} --seed {seed} --frames {FRAMES[target]}")
    result = campaign.run(target, seed, FRAMES[target], tmp_path)
    assert result.tally.frames >= FRAMES[target]
    assert result.tally.outcomes["closed"]
    assert result.tally.outcomes["accepted"]


def test_a_run_can_be_had_again(tmp_path: Path) -> None:
    first, second = (campaign.run("server", 7, 500, tmp_path) for _ in range(2))
    assert first.tally.outcomes == second.tally.outcomes
    assert first.tally.ways == second.tally.ways


class PlantedError(Exception):
    pass


def fails_at_some_bytes(_held: list[list[bytes]], data: bytes) -> None:
    if b"\xff" in data:
        raise PlantedError


def holds_on_to_it(held: list[list[bytes]], data: bytes) -> None:
    held.append([data])


def plant(monkeypatch: pytest.MonkeyPatch, fault: Callable[[list[list[bytes]], bytes], None]) -> None:
    """Put a fault into the T-Server, for all its clients but the witness."""
    receive = ServerSession.receive
    held: list[list[bytes]] = []

    def faulty(self: ServerSession, data: bytes, now: float) -> Iterator[Request | Refusal]:
        if self.application_name != "witness":
            fault(held, data)
        return receive(self, data, now)

    monkeypatch.setattr(ServerSession, "receive", faulty)


def test_an_exception_is_found_and_can_be_seen_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as planted:
        plant(planted, fails_at_some_bytes)
        with pytest.raises(campaign.FailedError, match="request failed") as failed:
            campaign.run("server", 1, 1_000, tmp_path)
        (file,) = tmp_path.iterdir()
        assert f"--replay {file}" in str(failed.value)
        assert "PlantedError" in str(campaign.play_again(file))
    assert campaign.play_again(file) is None


def test_what_is_not_let_go_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, holds_on_to_it)
    with pytest.raises(campaign.FailedError, match="not let go"):
        campaign.run("server", 1, 3_000, tmp_path)
