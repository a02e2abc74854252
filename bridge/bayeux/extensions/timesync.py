"""The clock of a client against the server's (CometD reference, time synchronization extension)."""

from typing import NamedTuple

from bridge.bayeux.extensions.ext_field import TimeSyncRequest

_EXACT_ENOUGH = 25  # milliseconds: closer than that CometD's server leaves it


class TimeSync(NamedTuple):
    """What a client asked: its time, lag and offset in milliseconds, and when that arrived, in seconds."""

    client_time: float
    lag: float
    offset: float
    arrived: float

    def answer(self, now: float) -> dict[str, float] | None:
        """Return what the client is told; None: it knows well enough.

        `p` is how long the server sat on the request, so for a connect that was held it counts the hold.
        """
        arrived = int(self.arrived * 1000)
        accuracy = int(self.client_time + self.offset + self.lag) - arrived
        if self.lag and abs(accuracy) < _EXACT_ENOUGH:
            return None
        return {
            "tc": _whole(self.client_time),
            "ts": arrived,
            "p": int(now * 1000) - arrived,
            "a": accuracy,
        }


def start_time_sync(request: TimeSyncRequest | None, now: float) -> TimeSync | None:
    """Note when the question of a client arrived, if it asked."""
    return None if request is None else TimeSync(request.tc, request.l, request.o, now)


def _whole(number: float) -> float:
    return int(number) if number == int(number) else number
