"""Other processes, each kept on one core."""

import os
import re
import resource
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
    with running([sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]) as process:
        yield process


@contextmanager
def simulator(site: Path, core: int) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `tserver-sim` with a site of one switch on a core; gives its process and its T-Server's port.

    Raises:
        RuntimeError: it could not start; it has told why on stderr.

    """
    command = [str(PROGRAMS / "tserver-sim"), "serve", "--port=0", "--control-port=0", f"--site={site}"]
    with running(command, core) as process:
        assert process.stdout is not None
        port = re.search(rb"tcp://\S+:(\d+)", process.stdout.readline())
        if port is None or not process.stdout.readline():  # its last line is about the control API
            raise RuntimeError("tserver-sim did not start")
        yield process, int(port[1])


@contextmanager
def cometd_server(command: Sequence[str], core: int) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a CometD server that prints its address when it serves; gives its process and its port.

    Raises:
        RuntimeError: it could not start; it has told why on stderr.

    """
    with running(command, core) as process:
        allow_descriptors(process.pid)
        yield process, http_port(process)


def http_port(process: subprocess.Popen[bytes]) -> int:
    """Wait until a program prints its address, and find its port in it.

    Raises:
        RuntimeError: it could not start; it has told why on stderr.

    """
    assert process.stdout is not None
    port = re.search(rb"http://[^\s/]+:(\d+)", process.stdout.readline())
    if port is None:
        raise RuntimeError(f"a program did not start: {process.args!r}")
    return int(port[1])


def allow_descriptors(pid: int) -> int:
    """Let a process have as many connections as the system allows it; gives their number."""
    if not hasattr(resource, "prlimit"):
        return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    _, most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, most))
    return most


@contextmanager
def running(command: Sequence[str], core: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for as long as the context lasts, on a core if one is given."""
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if core is not None:
            keep(process, core)
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
    """Keep a process on a core from now on, with all threads it has."""
    if hasattr(os, "sched_setaffinity"):  # Linux; elsewhere the scheduler decides
        cores = {sorted(os.sched_getaffinity(0))[core]}
        for thread in Path(f"/proc/{process.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)


# --- what the system tells of a process: nothing where it is not Linux --------------------------


def processor_seconds(pid: int) -> float:
    """Read how long a process has been on a processor: 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    except OSError:
        return 0.0


def processor_seconds_of_all_threads(pid: int) -> float:
    """Read the same for a process with several threads, to a hundredth of a second."""
    try:
        of_process = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    user, system = of_process[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def proportional_bytes(pid: int) -> int | None:
    """Read how much memory a process has, of what it shares its part; None where the system does not tell."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^Pss:\s*(\d+) kB$", rollup, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def resident_bytes(pid: int) -> int | None:
    """Read how much memory a process has; None where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^VmRSS:\s*(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else None
