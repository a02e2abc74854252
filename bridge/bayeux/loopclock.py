"""The time, for applications that bring no clock of their own."""

import asyncio
import time
from collections.abc import Callable

from bridge.runtime.clock import Timer


class LoopClock:
    """The time of the day, carried on by the running loop's steady clock; implements `Clock`."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Return the seconds since 1970-01-01T00:00:00Z."""
        return self._offset + time.monotonic()

    def call_at(self, when: float, function: Callable[[], object]) -> Timer:
        """Call `function` on the running loop once `now()` has reached `when`, give or take a millisecond."""
        return asyncio.get_running_loop().call_later(max(0.0, when - self.now()), function)
