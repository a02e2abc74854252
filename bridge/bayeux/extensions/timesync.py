"""The clock of a client against the server's (CometD reference, time synchronization extension)."""

from typing import NamedTuple

from bridge.bayeux.extensions.ext_field import TimeSyncRequest

_EXACT_ENOUGH = 25  # milliseconds: closer than that CometD's server leaves it


class TimeSync(NamedTuple):
    """A client's request: its time, lag and offset in milliseconds, and its arrival in seconds."""

    client_time: float
    lag: float
    offset: float
    arrived: float

    def reply_ext(self, now: float) -> dict[str, float] | None:
        """Return the answer; None: the client's clock is close enough.

        `p` is the time from the arrival to the answer, so it includes the time that a connect was held.
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
    """Return the request of a client with its arrival, if there is one."""
    return None if request is None else TimeSync(request.tc, request.l, request.o, now)


def _whole(number: float) -> float:
    return int(number) if number == int(number) else number
