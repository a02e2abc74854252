"""Time-outs of held connects."""

from bridge.bayeux.core.session import HeldConnect
from bridge.runtime.clock import Clock, Timer


class ConnectTimeouts:
    """Releases held connects when their time is up.

    Nearly all wait equally long, so they fall due in the order they began: one timer for the first of them
    serves all. Only a connect whose client wants a shorter wait has a timer of its own.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._in_order: dict[HeldConnect, None] = {}
        self._latest_deadline = 0.0
        self._timer: Timer | None = None
        self._own_timers: dict[HeldConnect, Timer] = {}

    def start(self, held_connect: HeldConnect) -> None:
        """Release this connect at its time, unless the wait ends before."""
        if held_connect.until < self._latest_deadline:
            self._own_timers[held_connect] = self._clock.call_at(held_connect.until, held_connect.release)
            return
        self._latest_deadline = held_connect.until
        self._in_order[held_connect] = None
        if self._timer is None:
            self._set_timer(held_connect.until)

    def stop(self, held_connect: HeldConnect) -> None:
        """Forget a connect: its wait is over."""
        timer = self._own_timers.pop(held_connect, None)
        if timer is not None:
            timer.cancel()
        else:
            self._in_order.pop(held_connect, None)

    def close(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self, when: float) -> None:
        self._timer = self._clock.call_at(when, self._release_due)

    def _release_due(self) -> None:
        """Release what is due; a first one that was forgotten meanwhile makes this run for nothing."""
        self._timer = None
        now = self._clock.now()
        while self._in_order:
            first = next(iter(self._in_order))
            if first.until > now:
                self._set_timer(first.until)
                break
            del self._in_order[first]
            first.release()
