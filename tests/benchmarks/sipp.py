"""The yardstick of part (d): SIPp's built-in scenarios `uas` and `uac`, on loopback, without media."""

import csv
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.figures import MemoryFigures, SippFigures
from tests.benchmarks.processes import FIRST, LAST, keep, processor_seconds, resident_bytes
from tests.benchmarks.where import HOST

HOW_TO_INSTALL = "apt-get install sip-tester"

_START = 1000
_FASTER = 1.6
_REFINEMENTS = 3
"""How often to halve the gap between the highest rate that went well and the lowest that did not."""

_KEEPS_UP = 0.97
"""Which share of a rate must be reached, or SIPp cannot sustain it."""

_PATIENCE_SECONDS = 4.0
"""How long the calls of a step may take beyond their time; a lost message is sent again after 0.5 s."""

_SET_UP_SECONDS = 2.0
"""How long it may take until all calls are up that begin within one second."""

_FINISHED = (0, 1)
"""The exit codes of SIPp when it has made all calls: without, and with some that failed."""


class Step(NamedTuple):
    """A rate that went well."""

    per_second: float
    cpu_seconds: float
    """Processor time of the answering side for each call."""


def measure(seconds: float, folder: Path) -> SippFigures | None:
    """Find the highest rate that lasts `seconds` without a failed call; None where SIPp is not installed.

    The rate is raised step by step until it is too high, and then narrowed down.
    """
    if shutil.which("sipp") is None:
        return None
    best, good, bad = Step(0.0, 0.0), 0.0, None
    rate, refinements = float(_START), 0
    while refinements <= _REFINEMENTS:
        step = _play(round(rate), seconds, folder)
        if step is None:
            bad = rate
        else:
            good, best = rate, step
        if bad is None:
            rate *= _FASTER
        else:
            rate = (good + bad) / 2
            refinements += 1
    messages = _messages_per_call()
    return SippFigures(
        version=_version(),
        calls_per_second=best.per_second,
        messages_per_second=best.per_second * messages,
        messages_per_call=messages,
        answerer_cpu_us=best.cpu_seconds / messages * 1e6 or None,
        failing_per_second=bad,
    )


def memory(calls: int, folder: Path) -> MemoryFigures | None:
    """Measure the memory of the answering side, before and with so many calls up.

    Gives None where SIPp is not installed, or the system does not tell.
    """
    if shutil.which("sipp") is None:
        return None
    with _answering(folder) as (answering, port):
        empty = resident_bytes(answering.pid)
        for_ever = str(1000 * 3600)
        arguments = ("-sn", "uac", f"{HOST}:{port}", "-p", str(_free_port()), "-d", for_ever)
        with _start(folder, *arguments, "-r", str(calls), "-l", str(calls), "-m", str(calls)) as caller:
            keep(caller, LAST)
            time.sleep(_SET_UP_SECONDS)
            with_calls = resident_bytes(answering.pid)
            caller.kill()
    if empty is None or with_calls is None:
        return None
    return MemoryFigures("SIPp", None, calls, empty, None, None, with_calls)


def _play(rate: int, seconds: float, folder: Path) -> Step | None:
    """Have calls made at a rate; gives None if a call failed or it was not kept up."""
    calls = max(1, round(rate * seconds))
    statistics = folder / "sipp.csv"
    statistics.unlink(missing_ok=True)
    with _answering(folder) as (answering, port):
        caller = _start(
            folder,
            *("-sn", "uac", f"{HOST}:{port}", "-p", str(_free_port())),
            *("-r", str(rate), "-m", str(calls), "-trace_stat", "-stf", str(statistics)),
        )
        with caller:
            keep(caller, LAST)
            try:
                code = caller.wait(seconds + _PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                caller.kill()
                return None
        used = processor_seconds(answering.pid)
    if code not in _FINISHED:
        raise RuntimeError(f"sipp ended with code {code}")
    with statistics.open(encoding="ascii", newline="") as file:
        *_, last = csv.DictReader(file, delimiter=";")
    reached = float(last["CallRate(C)"])
    kept_up = reached >= _KEEPS_UP * rate and int(last["SuccessfulCall(C)"]) == calls
    return Step(reached, used / calls) if code == 0 and kept_up else None


@contextmanager
def _answering(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the side that answers on the first core; gives its process and port."""
    port = _free_port()
    with _start(folder, "-sn", "uas", "-p", str(port)) as answering:
        try:
            keep(answering, FIRST)
            _wait_until_taken(port)
            yield answering, port
        finally:
            answering.kill()


def _start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["sipp", *arguments, "-i", HOST, "-nostdin"],
        cwd=folder,  # where it leaves what it logs
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_taken(port: int) -> None:
    """Wait until SIPp has its port; it says so nowhere."""
    ends = time.perf_counter() + _PATIENCE_SECONDS
    while time.perf_counter() < ends:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                return
        time.sleep(0.05)
    raise RuntimeError("sipp did not start")


def _messages_per_call() -> int:
    """Count what the answering side receives and sends for a call."""
    scenario = _ask("-sd", "uas")
    return len(re.findall(r"<(?:recv|send)\b", scenario))


def _version() -> str:
    found = re.search(r"SIPp v(\d[\d.]*)", _ask("-v"))
    return found[1] if found else "?"


def _ask(*arguments: str) -> str:
    done = subprocess.run(["sipp", *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
