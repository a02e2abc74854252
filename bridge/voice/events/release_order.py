"""Which of two ends is told first: after a transfer, that of the original call, then the consultation's.

So the samples of CompleteTransfer have it (GWS v2), while many T-Servers tell them the other way round.
Both come back to back, so the first one is kept for the moment that the second one takes.
"""

from dataclasses import dataclass

from bridge.runtime.clock import Clock
from bridge.tlib.kv import KVList
from bridge.voice.gws.call_notifications import Notices
from bridge.voice.model.call_tables import Change, State
from bridge.voice.model.device import Call, Device

PATIENCE = 0.1
"""For how many seconds the end of a consultation is kept, when the other end does not come."""


@dataclass(frozen=True, slots=True)
class Parting:
    """The end of a call that is not told yet: when, and with which Extensions."""

    call: Call
    at: float
    extensions: KVList | None


class Partings:
    """Keeps ends of calls that are to be told after others; one for each device at most."""

    def __init__(self, clock: Clock, notices: Notices) -> None:
        self._clock = clock
        self._notices = notices
        self.waiting: dict[Device, Parting] = {}

    def hold(self, device: Device, parting: Parting) -> None:
        """Keep an end until the original call's is told, or anything else is told of the device."""
        self.waiting[device] = parting
        self._clock.call_at(self._clock.now() + PATIENCE, lambda: self.tell(device, parting))

    def waits_for(self, device: Device, conn_id: int, state: State | None) -> bool:
        """Say whether this is the end that the kept one of the device has been waiting for."""
        parting = self.waiting.get(device)
        return parting is not None and parting.call.parent == conn_id and state is State.RELEASED

    def tell(self, device: Device, parting: Parting | None = None) -> None:
        """Tell the end that is kept of a device; if `parting` is given, only if it is that one."""
        kept = self.waiting.get(device)
        if kept is not None and parting in (None, kept):
            del self.waiting[device]
            self._notices.call(device, kept.call, Change.STATUS, kept.at, kept.extensions)
