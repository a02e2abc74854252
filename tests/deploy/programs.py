"""The two programs as processes of their own, and a transfer carried out by pasting the greeting's lines."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.needs import require

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
DEPLOY = ROOT / "deploy"
GREETING = DEPLOY / "sites" / "demo.txt"
PATIENCE = 60.0
"""Seconds after which a command counts as stuck."""


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment without settings of the programs or a proxy, changed as said."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TSERVER_BRIDGE_", "TSERVER_SIM_"))
    }
    return ours | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"} | changes


@contextmanager
def running(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None
) -> Iterator[Iterator[str]]:
    """Run a program, and in the end stop it as a service manager does; gives the lines that it prints."""
    with subprocess.Popen(
        command, cwd=cwd, env=env or environment(), stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        try:
            yield iter(program.stdout)
            program.terminate()
            assert program.wait(PATIENCE) == 0
        finally:
            program.kill()


def becomes_ready(url: str) -> None:
    """Ask until the links are up."""
    with httpx.Client(trust_env=False) as http:
        while http.get(f"{url}/health/ready").status_code != httpx.codes.OK:
            pass


def greeting(url: str) -> str:
    """Write the greeting of a bridge."""
    return GREETING.read_text().replace("{url}", url)


def commands(text: str) -> str:
    """Take the lines to paste out of a greeting: all of its last paragraph."""
    return text.rpartition("\n\n")[2]


def pasted(lines: str, shell: str = "sh") -> list[Any]:
    """Paste lines into a shell; gives the JSON that each of them printed."""
    for program in (shell, "curl", "sed"):
        require(program, present=shutil.which(program) is not None, reason="the greeting's lines use it")
    done = subprocess.run(
        [shell],
        input=lines,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def shows_a_transfer(answers: Sequence[Any], api: str) -> None:
    """Check what the greeting's lines printed."""
    started, also_started, subscribed, connected, dialled, talking, transferred, released, hung_up = answers
    assert [started, also_started, dialled, transferred, hung_up] == [{"statusCode": 0}] * 5
    assert subscribed == [{"channel": "/meta/subscribe", "successful": True, "subscription": "/v2/me/*"}]
    assert connected[-1]["successful"]
    assert calls(talking) == ["Dialing", "Established"]
    assert calls(released) == ["Released"]
    call = released[0]["data"]["call"]
    assert call["userData"] == {"Topic": "Billing"}
    assert call["uri"] == f"{api}/me/calls/{call['id']}"


def calls(messages: Sequence[Any]) -> list[str]:
    """List the call states that were notified."""
    return [m["data"]["call"]["state"] for m in messages if m["channel"] == "/v2/me/calls"]
