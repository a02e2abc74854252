"""Starts what the compose file describes as processes of this machine, on ports that are free."""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.deploy.programs import DEPLOY, becomes_ready, running

FILE = DEPLOY / "compose.yaml"
SIM_ADDRESS = "tcp://tserver-sim:7010"


def services() -> dict[str, Any]:
    """Read the services of the compose file."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]
    return found


class Started(NamedTuple):
    """On which ports the two services really are."""

    sim_control: int
    bridge: int


@contextmanager
def up(paths: Callable[[str], str], cwd: Path, env: Mapping[str, str]) -> Iterator[Started]:
    """Start both commands as they are written, with other hosts and ports, and wait until they are ready.

    Args:
        paths: puts the paths of the image in a text to where they are here.
        cwd: the folder to start them in.
        env: what they get as their environment, with a PATH that leads to the programs.

    """
    sim, bridge = (
        [paths(word) for word in services()[name]["command"]] for name in ("tserver-sim", "bridge")
    )
    sim += ["--host=127.0.0.1", "--port=0", "--control-port=0"]
    with running(sim, cwd=cwd, env=env) as printed:
        switch_a, switch_b, control = (line.partition(": ")[2].strip() for line in islice(printed, 3))
        by_name = switch_a.replace("127.0.0.1", "localhost")  # as in the compose file, a name to look up
        bridge = [word.replace(SIM_ADDRESS, by_name) for word in bridge]
        bridge += [f"--switch=Switch_B={switch_b}", "--host=127.0.0.1", "--port=0"]
        with running(bridge, cwd=cwd, env=env) as greeting:
            started = Started(port(control), port(next(greeting)))
            becomes_ready(f"http://127.0.0.1:{started.bridge}")
            yield started


def port(text: str) -> int:
    """Find the port in what a program printed."""
    found = re.search(r"http://127\.0\.0\.1:(\d+)", text)
    assert found, text
    return int(found[1])


def is_healthy(check: list[str], fixed: int, real: int, env: Mapping[str, str]) -> bool:
    """Carry out a health check as it is written, on the real port instead of the fixed one."""
    assert any(str(fixed) in word for word in check)
    command = [word.replace(str(fixed), str(real)) for word in check]
    return subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0
