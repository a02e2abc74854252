"""The measurements work; how fast anything is, no test decides."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bridge.tlib.messages import MESSAGES
from tests.benchmarks.report import Report
from tests.sites import ROOT


def test_everything_is_measured_and_reported(tmp_path: Path) -> None:
    file = tmp_path / "figures" / "bench.json"

    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick", "--json", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    report = msgspec.json.decode(file.read_bytes(), type=Report)
    assert report.machine.cpu
    codec, link, transfer = report.figures.codec, report.figures.link, report.figures.transfer
    assert codec is not None
    assert link is not None
    assert transfer is not None
    assert [row.message for row in codec] == [message.number.name for message in MESSAGES]
    assert all(row.encode_ns > 0 and row.decode_ns > 0 for row in codec)
    assert link.sequential_per_second > 0
    assert link.pipelined_per_second > 0
    notified = {row.contender: row.full_load.notification is not None for row in transfer.contenders}
    assert notified == {
        "bridge": True,
        "bridge, switch inside": True,
        "bare FastAPI": False,
        "bare ASGI": False,
    }
    for row in transfer.contenders:
        assert row.full_load.count >= report.scale.desktops
        assert row.fixed_rate.count >= report.scale.desktops
        assert row.contender in done.stdout


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [
        ("brakes", "unknown part: brakes; there are codec, link, transfer\n"),
        ("--seconds=0", "--seconds 0: expected more than 0\n"),
    ],
)
def test_a_wrong_argument_is_refused(argument: str, complaint: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", argument],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.endswith(complaint)
