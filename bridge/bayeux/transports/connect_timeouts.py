"""Ends held connects in time."""

from bridge.bayeux.core.session import Hold
from bridge.runtime.clock import Clock, Timer


class Waits:
    """Releases holds when their time is up.

    Nearly all wait equally long, so they fall due in the order they began: one timer for the first of them
    serves all. Only one whose client wished to wait less has a timer of its own.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._in_order: dict[Hold, None] = {}
        self._latest = 0.0
        self._timer: Timer | None = None
        self._own: dict[Hold, Timer] = {}

    def begin(self, hold: Hold) -> None:
        """Release this hold at its time, unless the wait ends before."""
        if hold.until < self._latest:
            self._own[hold] = self._clock.call_at(hold.until, hold.release)
            return
        self._latest = hold.until
        self._in_order[hold] = None
        if self._timer is None:
            self._arm(hold.until)

    def end(self, hold: Hold) -> None:
        """Forget a hold: its wait is over."""
        timer = self._own.pop(hold, None)
        if timer is not None:
            timer.cancel()
        else:
            self._in_order.pop(hold, None)

    def close(self) -> None:
        """Leave the clock alone."""
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self, when: float) -> None:
        self._timer = self._clock.call_at(when, self._due)

    def _due(self) -> None:
        """Release what is due; a first one that was forgotten meanwhile makes this run for nothing."""
        self._timer = None
        now = self._clock.now()
        while self._in_order:
            first = next(iter(self._in_order))
            if first.until > now:
                self._arm(first.until)
                break
            del self._in_order[first]
            first.release()
