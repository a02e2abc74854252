"""Where a process spends its time, by looking every few milliseconds of it; costs next to nothing.

A profiler that counts calls would make short functions look slow, and this has many of them.
"""

import linecache
import resource
import signal
from collections import Counter
from types import FrameType

from tests.benchmarks.figures import ShareFigures

_EVERY_SECONDS = 0.001
"""By the processor's clock; most kernels make it 0.004."""

_SYSTEM_CALLS = "recv and send"
_ENCODE = "encode"
_DECODE = "decode"

_LINES = (
    (("twisted", "recv("), _SYSTEM_CALLS),
    (("twisted", "send("), _SYSTEM_CALLS),
    (("tserver_sim", "encode("), _ENCODE),
    (("bridge", "encode("), _ENCODE),
    (("bridge/tlib", "decode("), _DECODE),
)
"""Lines that are known by their file and what stands on them: what they call is C, and has no frame."""

_FILES = (
    ("bridge/tlib/kv", _DECODE),
    ("bridge/tlib/codec", _DECODE),
    ("bridge/tlib", "frames, session, keep-alive"),
    ("tserver_sim/switch", "switch and phones"),
    ("tserver_sim/phones", "switch and phones"),
    ("tserver_sim", "hub, registrations, connections"),
    ("twisted", "Twisted and the loop"),
    ("asyncio", "Twisted and the loop"),
    ("bridge/runtime", "Twisted and the loop"),
)
"""All other lines, by the innermost frame of such a file; the first that matches counts."""


class Sampler:
    """Looks at this process from `start` to `figures`."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._began = resource.getrusage(resource.RUSAGE_SELF)

    def start(self) -> None:
        """Begin to look."""
        self._began = resource.getrusage(resource.RUSAGE_SELF)
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)

    def figures(self) -> ShareFigures:
        """Stop, and sum it up."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        ended = resource.getrusage(resource.RUSAGE_SELF)
        kernel, user = ended.ru_stime - self._began.ru_stime, ended.ru_utime - self._began.ru_utime
        samples = max(1, self._seen.total())
        shares = {part: seen / samples for part, seen in self._seen.most_common()}
        return ShareFigures(samples=samples, shares=shares, kernel=kernel / max(kernel + user, 1e-9))

    def _look(self, _number: int, frame: FrameType | None) -> None:
        while frame is not None:
            if part := _part(frame):
                self._seen[part] += 1
                return
            frame = frame.f_back
        self._seen["other"] += 1


def _part(frame: FrameType) -> str | None:
    file = frame.f_code.co_filename
    line = linecache.getline(file, frame.f_lineno or 0)  # a frame that only begins has no line yet
    for (in_file, on_line), part in _LINES:
        if in_file in file and on_line in line:
            return part
    return next((part for in_file, part in _FILES if in_file in file), None)
