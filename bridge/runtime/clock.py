"""Time as an argument.

Every core and every driver takes a `Clock`. In service it is the loop's own clock
(`bridge.runtime.loopclock.LoopClock`); tests, and on demand the simulator, hold a `HeldClock`.
"""

import heapq
import itertools
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that was asked for and can be called off."""

    def cancel(self) -> None:
        """Call it off; nothing happens if it already ran or was cancelled before."""


class Clock(Protocol):
    """Seconds since 1970-01-01T00:00:00Z, and calls at a given time."""

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
    """A clock that stands still until somebody moves it."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now
        self._order = itertools.count()
        self._timers: list[tuple[float, int, _HeldTimer]] = []

    def now(self) -> float:
        """Return the time it was last moved to."""
        return self._now

    def call_at(self, when: float, function: Callable[[], object]) -> Timer:
        """Call `function` when the clock is moved to `when` or beyond."""
        timer = _HeldTimer(function)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Move the clock and run what falls due, in order of time, each at its own time.

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
