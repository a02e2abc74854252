"""Part (d): whole calls over TCP, beside those of SIPp."""

from pathlib import Path

import msgspec

from tests.benchmarks import sipp, site
from tests.benchmarks.callload import Question
from tests.benchmarks.figures import CallFigures, CallLoadFigures
from tests.benchmarks.processes import FIRST, LAST, ask, simulator

CLIENTS = 4
UNDER_WAY = (1, 64, 200)


def write_site(folder: Path) -> Path:
    """Write the site of the lines: 600 DNs."""
    numbers = range(max(UNDER_WAY))
    return site.write_switch(
        folder, [name(number) for number in numbers for name in (site.agent, site.caller, site.target)]
    )


def measure(seconds: float, folder: Path) -> CallFigures:
    """Load a switch on the first core from the last; then SIPp's two sides on the same cores."""
    with simulator(write_site(folder), FIRST) as (process, port):
        question = Question(port, process.pid, seconds, CLIENTS, UNDER_WAY)
        answer = ask("callload", question, LAST)
    loads = msgspec.json.decode(answer, type=tuple[CallLoadFigures, ...])
    return CallFigures(CLIENTS, loads, sipp.measure(seconds, folder))
