"""The clock that every core and every driver takes as an argument.

In service it is `bridge.runtime.loopclock.LoopClock`; tests, and the simulator with `--clock held`, use a
`HeldClock`.
"""

import heapq
import itertools
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A scheduled call that can be cancelled."""

    def cancel(self) -> None:
        """Cancel the call. Without effect if it has run or was cancelled before."""


class Clock(Protocol):
    """Returns the time, and schedules calls; in seconds since 1970-01-01T00:00:00Z."""

    def now(self) -> float:
        """Return the current time; it never goes backwards."""

    def call_at(self, when: float, function: Callable[[], object]) -> Timer:
        """Call `function` once, as soon as `now()` has reached `when`, and never from inside `call_at`."""


class _HeldTimer:
    def __init__(self, function: Callable[[], object]) -> None:
        self.function: Callable[[], object] | None = function

    def cancel(self) -> None:
        self.function = None


class HeldClock:
    """A clock that stands still until `advance` moves it."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now
        self._order = itertools.count()
        self._timers: list[tuple[float, int, _HeldTimer]] = []

    def now(self) -> float:
        """Return the time that the clock was last moved to."""
        return self._now

    def call_at(self, when: float, function: Callable[[], object]) -> Timer:
        """Call `function` once the clock is moved to `when` or beyond."""
        timer = _HeldTimer(function)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Move the clock, and run the calls that fall due, in the order of their times, each at its own time.

        Raises:
            ValueError: `seconds` is negative; time does not go backwards.

        """
        if seconds < 0:
            raise ValueError(f"a clock cannot be moved by {seconds} seconds")
        end = self._now + seconds
        while self._timers and self._timers[0][0] <= end:
            when, _, timer = heapq.heappop(self._timers)
            self._now = max(self._now, when)
            if timer.function is not None:
                timer.function()
        self._now = end
