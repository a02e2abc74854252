"""Which of two ends is told first: after a transfer, that of the original call, then the consultation's.

So the samples of CompleteTransfer have it (GWS v2), while many T-Servers tell them the other way round.
Both come back to back, so the first one is kept for the moment that the second one takes.
"""

from dataclasses import dataclass

from bridge.runtime.clock import Clock
from bridge.tlib.kv import KVList
from bridge.voice.gws.call_notifications import CallNotifier
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import CallStatus, NotificationType
from bridge.voice.model.device import Device

MAX_DELAY_SECONDS = 0.1
"""For how many seconds the end of a consultation is kept, when the other end does not come."""


@dataclass(frozen=True, slots=True)
class DeferredRelease:
    """The end of a call that is not told yet: when, and with which Extensions."""

    call: Call
    at: float
    extensions: KVList | None


class ReleaseOrder:
    """Keeps ends of calls that are to be told after others; one for each device at most."""

    def __init__(self, clock: Clock, notifier: CallNotifier) -> None:
        self._clock = clock
        self._notifier = notifier
        self.deferred: dict[Device, DeferredRelease] = {}

    def defer_release(self, device: Device, release: DeferredRelease) -> None:
        """Keep an end until the original call's is told, or anything else is told of the device."""
        self.deferred[device] = release
        self._clock.call_at(
            self._clock.now() + MAX_DELAY_SECONDS, lambda: self.send_deferred(device, release)
        )

    def is_awaited(self, device: Device, conn_id: int, state: CallStatus | None) -> bool:
        """Say whether this is the end that the kept one of the device has been waiting for."""
        release = self.deferred.get(device)
        return release is not None and release.call.parent == conn_id and state is CallStatus.RELEASED

    def send_deferred(self, device: Device, release: DeferredRelease | None = None) -> None:
        """Tell the end that is kept of a device; if `release` is given, only if it is that one."""
        current = self.deferred.get(device)
        if current is not None and release in (None, current):
            del self.deferred[device]
            self._notifier.notify_call(
                device, current.call, NotificationType.STATUS, current.at, current.extensions
            )
