"""The time of a program that serves: the `Clock` of an asyncio loop."""

import asyncio
import time
from collections.abc import Callable

from bridge.runtime.clock import Clock, Timer


class LoopClock:
    """The time of the day at start, carried on by the steady clock; implements `Clock`.

    Setting the machine's clock therefore neither moves it back nor lets a timer run early.

    Args:
        loop: what calls back; without one it is the loop that runs when a timer is set.

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
        if self._clock.now() < self._when:  # loops count in milliseconds and may be that much early
            self._schedule()
        else:
            self._function()

    def cancel(self) -> None:
        self._handle.cancel()
