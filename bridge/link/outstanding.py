"""Requests that wait for their outcome, without I/O.

A request's outcome is an ordinary event with its ReferenceID, or an EventError with it; there is no
separate acknowledgement (T-Library Events and Models). A lost outcome is legal on some switches, so
every request also has an end in time.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from bridge.tlib.errors import TEXTS, ErrorCode
from bridge.tlib.messages import Event, EventError

REFERENCE_LIMIT = 2**31 - 1
"""ReferenceIDs run from 1 to this and begin again; 0 is never used."""

MAX_OUTSTANDING = 65_536
"""How many requests may wait at once; a T-Server that is so far behind gets no more."""

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request did not do what it was sent for."""

    code: ErrorCode
    """The T-Server's error number, or `Timeout` or `LinkDown` when it never said anything."""
    text: str


@dataclass(frozen=True, slots=True)
class _OutstandingRequest(Generic[C]):
    pending: C
    name: str
    expires_at: float
    paced: bool


class TooManyOutstandingError(Exception):
    """The T-Server owes too many outcomes already."""


class Outstanding(Generic[C]):
    """Gives out ReferenceIDs and finds the cause of what comes back.

    All requests wait equally long, so they end in the order they were sent: the first of `_requests`
    is always the next to end.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._last_reference_id = 0
        self.paced = 0
        """How many of those that wait were added as paced."""
        self._requests: dict[int, _OutstandingRequest[C]] = {}

    def __len__(self) -> int:
        return len(self._requests)

    @property
    def deadline(self) -> float | None:
        """When the oldest request ends, or None when none waits."""
        return next(iter(self._requests.values())).expires_at if self._requests else None

    def add(self, name: str, pending: C, now: float, *, paced: bool = False) -> int:
        """Take a ReferenceID for a request; `paced` says whether it counts in `self.paced`.

        Raises:
            TooManyOutstandingError: `MAX_OUTSTANDING` requests wait already.

        """
        if len(self._requests) >= MAX_OUTSTANDING:
            raise TooManyOutstandingError(f"{MAX_OUTSTANDING} requests are waiting for the T-Server already")
        reference = self._last_reference_id % REFERENCE_LIMIT + 1
        while reference in self._requests:
            reference = reference % REFERENCE_LIMIT + 1
        self._last_reference_id = reference
        self._requests[reference] = _OutstandingRequest(pending, name, now + self._timeout_seconds, paced)
        self.paced += paced
        return reference

    def settle(self, event: Event) -> C | None:
        """Find what caused an event. Only the first event of a request settles it."""
        if event.reference_id is None:
            return None
        if event.reference_id not in self._requests:
            return None
        return self._pop(event.reference_id).pending

    def expire(self, now: float) -> list[tuple[C, Failure]]:
        """End the requests that have waited too long."""
        failed_requests = []
        while (expires_at := self.deadline) is not None and expires_at <= now:
            request = self._pop(next(iter(self._requests)))
            text = f"{request.name} got no answer from the T-Server within {self._timeout_seconds:g} s"
            failed_requests.append((request.pending, Failure(ErrorCode.Timeout, text)))
        return failed_requests

    def fail_all(self, reason: str) -> list[tuple[C, Failure]]:
        """End all requests: whether they were carried out cannot be known any more."""
        failed_requests = [
            (
                request.pending,
                Failure(ErrorCode.LinkDown, f"{request.name} may not have been carried out: {reason}"),
            )
            for request in self._requests.values()
        ]
        self._requests.clear()
        self.paced = 0
        return failed_requests

    def _pop(self, reference: int) -> _OutstandingRequest[C]:
        request = self._requests.pop(reference)
        self.paced -= request.paced
        return request


def failure_of(error: EventError) -> Failure:
    """Turn an EventError into the failure that it reports."""
    text = error.error_message or TEXTS.get(error.error_code) or f"T-Server error {error.error_code.value}"
    return Failure(error.error_code, text)
