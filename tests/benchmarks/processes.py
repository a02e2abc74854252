"""Other processes, each kept on one core."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from tests.benchmarks.where import Where
from tests.sites import ROOT

FIRST, LAST = 0, -1
"""The core of what is measured, and the core of all that is needed besides."""


@contextmanager
def started(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of this package as a program, for as long as the context lasts."""
    with subprocess.Popen(
        [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
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
    _keep(server, core)
    return msgspec.json.decode(line, type=Where)


def ask(module: str, question: msgspec.Struct, core: int) -> bytes:
    """Run a program on a core; it reads a question from stdin and prints its answer.

    Raises:
        RuntimeError: it failed; it has told why on stderr.

    """
    with started(module) as process:
        _keep(process, core)
        answer, _ = process.communicate(msgspec.json.encode(question))
    if process.returncode:
        raise RuntimeError(f"the program {module} failed")
    return answer


def _keep(process: subprocess.Popen[bytes], core: int) -> None:
    if hasattr(os, "sched_setaffinity"):  # Linux; elsewhere the scheduler decides
        os.sched_setaffinity(process.pid, {sorted(os.sched_getaffinity(0))[core]})
