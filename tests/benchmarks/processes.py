"""Other processes, each kept on one core."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.benchmarks.where import Where
from tests.processes import PROGRAMS
from tests.sites import ROOT

FIRST, LAST = 0, -1
"""The core of what is measured, and the core of all that is needed besides."""


@contextmanager
def started(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of this package as a program, for as long as the context lasts."""
    with _running([sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]) as process:
        yield process


@contextmanager
def simulator(site: Path, core: int) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `tserver-sim` with a site of one switch on a core; gives its process and its T-Server's port.

    Raises:
        RuntimeError: it could not start; it has told why on stderr.

    """
    command = [str(PROGRAMS / "tserver-sim"), "serve", "--port=0", "--control-port=0", f"--site={site}"]
    with _running(command) as process:
        assert process.stdout is not None
        port = re.search(rb"tcp://\S+:(\d+)", process.stdout.readline())
        if port is None or not process.stdout.readline():  # its last line is about the control API
            raise RuntimeError("tserver-sim did not start")
        keep(process, core)
        yield process, int(port[1])


@contextmanager
def _running(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.terminate()


def when_serving(server: subprocess.Popen[bytes], core: int) -> Where:
    """Wait until a server has started, and keep it on a core from then on.

    Raises:
        RuntimeError: it could not start; it has told why on stderr.

    """
    assert server.stdout is not None
    line = server.stdout.readline()
    if not line:
        raise RuntimeError("a server under test did not start")
    keep(server, core)
    return msgspec.json.decode(line, type=Where)


def ask(module: str, question: msgspec.Struct, core: int) -> bytes:
    """Run a program on a core; it reads a question from stdin and prints its answer.

    Raises:
        RuntimeError: it failed; it has told why on stderr.

    """
    with started(module) as process:
        keep(process, core)
        answer, _ = process.communicate(msgspec.json.encode(question))
    if process.returncode:
        raise RuntimeError(f"the program {module} failed")
    return answer


def keep(process: subprocess.Popen[bytes], core: int) -> None:
    """Keep a process on a core from now on."""
    if hasattr(os, "sched_setaffinity"):  # Linux; elsewhere the scheduler decides
        os.sched_setaffinity(process.pid, {sorted(os.sched_getaffinity(0))[core]})


# --- what the system tells of a process: nothing where it is not Linux --------------------------


def processor_seconds(pid: int) -> float:
    """Read how long a process has been on a processor: 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    except OSError:
        return 0.0


def resident_bytes(pid: int) -> int | None:
    """Read how much memory a process has; None where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^VmRSS:\s*(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else None
