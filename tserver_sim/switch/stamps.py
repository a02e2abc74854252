"""When an event happened, and its number.

Source: T-Library, EventSequenceNumber: one counter for all events of a T-Server process.
"""

import itertools
from typing import TypedDict

from bridge.runtime.clock import Clock

_MICROSECONDS = 1_000_000


class Stamp(TypedDict):
    """The attributes that every event starts with."""

    time_in_secs: int
    time_in_usecs: int
    event_sequence_number: int


class Stamper:
    """Stamps all events of one T-Server: the time of its clock, and the numbers 1, 2, 3 ... ."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)

    def next(self) -> Stamp:
        """Return the stamp of the next event."""
        seconds, microseconds = divmod(int(self._clock.now() * _MICROSECONDS), _MICROSECONDS)
        return Stamp(
            time_in_secs=seconds,
            time_in_usecs=microseconds,
            event_sequence_number=next(self._numbers),
        )
