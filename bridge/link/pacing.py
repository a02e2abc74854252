"""Requests on their way: what may be written now, what has to wait, and for whose outcome, without I/O.

After a link came up, thousands of DNs may be registered at once. A T-Server gets only so many of these
requests at a time; the others wait here, in order, while requests of agents go past them.
"""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

from bridge.link import outstanding
from bridge.link.outstanding import Failure, Outstanding, TooManyOutstandingError
from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode

WINDOW = 64
"""How many paced requests may be without an outcome at once."""

PACED = (
    m.RequestRegisterAddress,
    m.RequestUnregisterAddress,  # so that it cannot overtake the registration that it is to end
    m.RequestQueryAddress,
    m.RequestQueryCall,
)
"""What is asked for by the thousand, when a link comes up."""

C = TypeVar("C")


class RequestQueue(Generic[C]):
    """All requests of one connection, from the first word to the outcome."""

    def __init__(self, timeout_seconds: float, window: int = WINDOW) -> None:
        self._outstanding: Outstanding[C] = Outstanding(timeout_seconds)
        self._window = window
        self._queue: deque[tuple[m.Request, C]] = deque()

    @property
    def deadline(self) -> float | None:
        """When `expire` wants to be called."""
        return self._outstanding.deadline

    def submit(self, request: m.Request, pending: C, now: float) -> m.Request | None:
        """Take in a request; gives it back with its ReferenceID if it is to be written now.

        Raises:
            TooManyOutstandingError: too many requests wait already.

        """
        if not isinstance(request, PACED):
            return self._with_reference_id(request, pending, now, paced=False)
        if not self._queue and self._outstanding.paced < self._window:
            return self._with_reference_id(request, pending, now, paced=True)
        if len(self._queue) + len(self._outstanding) >= outstanding.MAX_OUTSTANDING:
            raise TooManyOutstandingError(f"{outstanding.MAX_OUTSTANDING} requests are waiting already")
        self._queue.append((request, pending))
        return None

    def pop_sendable(self, now: float) -> Iterator[m.Request]:
        """Give out the requests whose turn has come, to be written now."""
        while self._queue and self._outstanding.paced < self._window:
            request, pending = self._queue.popleft()
            yield self._with_reference_id(request, pending, now, paced=True)

    def settle(self, event: m.Event) -> C | None:
        """Find what caused an event. Only the first event of a request settles it."""
        return self._outstanding.settle(event)

    def expire(self, now: float) -> list[tuple[C, Failure]]:
        """End the requests that have waited too long since they were written."""
        return self._outstanding.expire(now)

    def give_up(self, reason: str) -> list[tuple[C, Failure]]:
        """End the requests that were not written yet."""
        failed_requests = [
            (pending, Failure(ErrorCode.LinkDown, f"{request.name} was not sent: {reason}"))
            for request, pending in self._queue
        ]
        self._queue.clear()
        return failed_requests

    def fail_all(self, reason: str) -> list[tuple[C, Failure]]:
        """End all requests."""
        return [*self._outstanding.fail_all(reason), *self.give_up(reason)]

    def _with_reference_id(self, request: m.Request, pending: C, now: float, *, paced: bool) -> m.Request:
        reference = self._outstanding.add(request.name, pending, now, paced=paced)
        return msgspec.structs.replace(request, reference_id=reference)
