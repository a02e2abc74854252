"""The measurements work; how fast anything is, no test decides."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bridge.tlib.messages import MESSAGES
from tests.benchmarks import cometd, sipp
from tests.benchmarks.__main__ import PARTS, QUICK
from tests.benchmarks.figures import CallFigures, CometdFigures, Figures
from tests.benchmarks.report import Report, machine, table
from tests.sites import ROOT


@pytest.mark.timeout(300)  # a score of programs is started, and as many steps of SIPp
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
        "bridge, switch inside, browser": True,
        "bridge, switch inside, Basic": True,
        "bridge, switch inside, CSRF": True,
        "bare FastAPI": False,
        "bare ASGI": False,
    }
    figures = report.figures
    assert figures.calls is not None
    assert all(row.messages_per_second > 0 for row in figures.calls.loads)
    assert figures.events is not None
    assert all(row.events_per_second > 0 for row in figures.events.servers)
    assert figures.memory is not None
    assert figures.shares is not None
    assert sum(figures.shares.shares.values()) == pytest.approx(1)
    assert figures.cometd is not None
    assert {"long-polling", "websocket"} <= {server.transport for server in figures.cometd.servers}
    assert all(rate.per_second > 0 for server in figures.cometd.servers for rate in server.rates)
    assert {idle.sessions for idle in figures.cometd.idle} == {report.scale.idle_subscribers}
    assert figures.operations is not None
    assert all(operation.per_second > 0 for operation in figures.operations.operations)
    assert figures.start is not None
    assert all(start.median_seconds > 0 for start in figures.start)
    for row in transfer.contenders:
        assert row.full_load.count >= report.scale.desktops
        assert row.fixed_rate.count >= report.scale.desktops
        assert row.contender in done.stdout


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [
        ("brakes", f"unknown part: brakes; there are {', '.join(PARTS)}\n"),
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


def test_our_cometd_server_is_measured_where_node_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cometd, "PEERS", Path("nowhere"))
    assert [server.name for server in cometd.servers()] == ["bridge.bayeux"]
    figures = Figures(cometd=CometdFigures((), 1000.0, (), has_peers=False))
    assert "Node's servers are not installed; try: make node" in table(Report(machine(), QUICK, figures))


def test_calls_are_measured_where_sipp_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert sipp.measure(0.05, tmp_path) is None
    assert sipp.memory(10, tmp_path) is None
    figures = Figures(calls=CallFigures(4, (), None))
    assert "apt-get install sip-tester" in table(Report(machine(), QUICK, figures))
