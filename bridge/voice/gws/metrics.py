"""The `metrics` of a notification: how long the bridge took from an event to the notification.

Source: notifications of a real server of 8.5.2, which have `metrics`; the published samples have not.
"""

from bridge.runtime.clock import Clock
from bridge.voice.gws.resources import EventProcessing, Metrics


class Stopwatch:
    """Measures the time since the last event."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.now()

    def start(self) -> None:
        """Start again: an event has arrived."""
        self._since = self._clock.now()

    def read(self) -> Metrics:
        """Return the time since the event."""
        now = self._clock.now()
        seconds = max(0.0, now - self._since)
        return Metrics(
            event_processing=EventProcessing(
                node_processing_time_nanos=round(seconds * 1_000_000_000),
                server_generation_timestamp=round(now * 1000),
                server_processing_time_total_ms=round(seconds * 1000),
            )
        )
