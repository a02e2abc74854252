"""Part (j): how long it takes from the start of the bridge's program until it is ready."""

import http.client
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, sleep

from tests.benchmarks import site
from tests.benchmarks.figures import Scale, StartFigures
from tests.benchmarks.processes import FIRST, LAST, http_port, running, simulator
from tests.benchmarks.where import HOST
from tests.processes import PROGRAMS

_BARE = "import asyncio, uvicorn, fastapi, twisted.internet.asyncioreactor, twisted.internet.endpoints"
_TELL = "print('http://nowhere:0')"
_LOOK_AGAIN_SECONDS = 0.001
_MOST_STARTS = 10
_DESKTOPS = 10


def measure(scale: Scale, folder: Path) -> tuple[StartFigures, ...]:
    """Start the programs in turns, each alone on the first core; a switch elsewhere is on the last."""
    file = site.write(folder, _DESKTOPS)
    bridge = [str(PROGRAMS / "tserver-bridge"), "serve", f"--site={file}", "--port=0", "--log-level=error"]
    with simulator(file, LAST) as (_, port):
        contenders = {
            "bridge, switch inside": bridge,
            "bridge": [*bridge, f"--switch=tcp://{HOST}:{port}"],
            "its libraries, imported": [sys.executable, "-c", f"{_BARE}; {_TELL}"],
            "Python": [sys.executable, "-c", _TELL],
        }
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(min(scale.rounds, _MOST_STARTS)):
            for name, command in contenders.items():
                seconds[name].append(_seconds_until_ready(command))
    return tuple(StartFigures(name, statistics.median(each), max(each)) for name, each in seconds.items())


def _seconds_until_ready(command: Sequence[str]) -> float:
    began = perf_counter()
    with running(command, FIRST) as process:
        port = http_port(process)
        while port and not _is_ready(port):
            sleep(_LOOK_AGAIN_SECONDS)
        return perf_counter() - began


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    finally:
        connection.close()
