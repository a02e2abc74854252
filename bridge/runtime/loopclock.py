"""The clock of a program that serves: the `Clock` of an asyncio loop."""

import asyncio
import time
from collections.abc import Callable

from bridge.runtime.clock import Clock, Timer


class LoopClock:
    """The wall-clock time at the start, advanced by the monotonic clock; implements `Clock`.

    So setting the machine's clock neither moves this one back nor makes a timer run early.

    Args:
        loop: the loop that runs the calls; None for the loop that runs when a call is scheduled.

    """

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Return the seconds since 1970-01-01T00:00:00Z."""
        return self._offset + time.monotonic()

    def call_at(self, when: float, function: Callable[[], object]) -> Timer:
        """Call `function` once `now()` has reached `when`."""
        return _LoopTimer(self, self._loop or asyncio.get_running_loop(), when, function)


class _LoopTimer:
    def __init__(
        self, clock: Clock, loop: asyncio.AbstractEventLoop, when: float, function: Callable[[], object]
    ) -> None:
        self._clock, self._loop, self._when, self._function = clock, loop, when, function
        self._schedule()

    def _schedule(self) -> None:
        self._handle = self._loop.call_later(max(0.0, self._when - self._clock.now()), self._fire)

    def _fire(self) -> None:
        if self._clock.now() < self._when:  # a loop counts in milliseconds and may be that much early
            self._schedule()
        else:
            self._function()

    def cancel(self) -> None:
        self._handle.cancel()
