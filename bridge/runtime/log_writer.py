"""Writes log lines in a thread of its own: a full disk or a reader that stalls never stops the program.

A program that waits for its log freezes with the reader of it, and an error of the log must not become an
error of what was logged. So a line waits in a bounded buffer, and is lost if it cannot be written. How many
were lost is written as soon as something can be written again.
"""

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, TextIO

MAX_LINES: Final = 10_000
"""How many lines may wait; more are lost."""

_FLUSH_SECONDS: Final = 2.0
"""How long the end of a program waits for the last lines."""


class LogWriter:
    """Writes lines to a stream.

    Args:
        stream: the stream. Its file descriptor is written directly, if it has one: a buffer that could not be
            flushed would fail again with every later line.
        report_lost: makes the line that reports how many were lost.
        capacity: how many lines may wait.

    """

    def __init__(self, stream: TextIO, report_lost: Callable[[int], str], capacity: int = MAX_LINES) -> None:
        self._stream = stream
        self._report_lost = report_lost
        self._capacity = capacity
        self._lines: deque[str] = deque()
        self._lost = 0
        self._is_writing = False
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="log", daemon=True).start()
        atexit.register(self.flush)

    def write(self, line: str) -> None:
        """Accept a line, at once and without an error."""
        with self._changed:
            if len(self._lines) >= self._capacity:
                self._lost += 1
                return
            self._lines.append(line)
            self._changed.notify_all()

    def flush(self, seconds: float = _FLUSH_SECONDS) -> bool:
        """Wait until all lines are written or lost, but no longer than `seconds`; return whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._lines and not self._is_writing, seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._lines)
                lines, self._lines = self._lines, deque()
                lost, self._lost = self._lost, 0
                self._is_writing = True
            if lost:
                lines.appendleft(self._report_lost(lost))
            try:
                self._write("".join(f"{line}\n" for line in lines))
            except (OSError, ValueError):  # no room, no reader; or the stream is closed
                with self._changed:
                    self._lost += lost + len(lines) - bool(lost)

    def _write(self, text: str) -> None:
        try:
            number = self._stream.fileno()
        except OSError:  # a stream in memory
            self._stream.write(text)
            return
        rest = memoryview(text.encode(errors="backslashreplace"))
        while rest:
            rest = rest[os.write(number, rest) :]
