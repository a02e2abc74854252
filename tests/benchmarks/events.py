"""Part (e): events to many watchers over TCP, beside a server that only copies frames."""

from pathlib import Path

import msgspec

from tests.benchmarks import site
from tests.benchmarks.fanload import DNS, Question
from tests.benchmarks.figures import EventFigures, FanFigures
from tests.benchmarks.processes import FIRST, LAST, ask, simulator, started, when_serving

WATCHERS = 50


def measure(seconds: float, folder: Path) -> EventFigures:
    """Have one request after the other told to all watchers: servers on the first core, load on the last."""
    file = site.write_switch(folder, [name(n) for n in range(DNS) for name in (site.caller, site.target)])
    with simulator(file, FIRST) as (process, port):
        switch, size = _ask(Question("switch", port, process.pid, seconds, WATCHERS, None))
    with started("servers", "copier", str(file)) as process:
        port = when_serving(process, FIRST).switch_port
        copier, _ = _ask(Question("copier of frames", port, process.pid, seconds, WATCHERS, size))
    return EventFigures(WATCHERS, (switch, copier))


def _ask(question: Question) -> tuple[FanFigures, int]:
    return msgspec.json.decode(ask("fanload", question, LAST), type=tuple[FanFigures, int])
