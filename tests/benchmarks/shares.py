"""Part (g): where the switch's time goes under the load of part (d)."""

from pathlib import Path

import msgspec

from tests.benchmarks import calls
from tests.benchmarks.callload import Question
from tests.benchmarks.figures import ShareFigures
from tests.benchmarks.processes import FIRST, LAST, ask, started, when_serving

UNDER_WAY = 64


def measure(seconds: float, folder: Path) -> ShareFigures:
    """Load a switch that looks where it is every few milliseconds."""
    file, told = calls.write_site(folder), folder / "shares.json"
    with started("servers", "switch", str(file), f"--shares={told}") as process:
        port = when_serving(process, FIRST).switch_port
        ask("callload", Question(port, process.pid, seconds, calls.CLIENTS, (UNDER_WAY,)), LAST)
    return msgspec.json.decode(told.read_bytes(), type=ShareFigures)
