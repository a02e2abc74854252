"""The requests of one connection, from `submit` to the outcome, without I/O.

A request's outcome is an ordinary event with its ReferenceID, or an EventError with it; there is no separate
acknowledgement (T-Library Events and Models). A lost outcome is legal on some switches, so every request also
has an end in time.

After a link came up, thousands of DNs may be registered at once. A T-Server gets only `WINDOW`
of these at a time; the others wait here, in order, while requests of agents go past them.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from bridge.tlib import messages as m
from bridge.tlib.errors import TEXTS, ErrorCode

REFERENCE_LIMIT = 2**31 - 1
"""ReferenceIDs run from 1 to this and begin again; 0 is never used."""

MAX_OUTSTANDING = 65_536
"""How many requests may be open at once; more are refused."""

WINDOW = 64
"""How many paced requests may be without an outcome at once."""

PACED = (
    m.RequestRegisterAddress,
    m.RequestUnregisterAddress,  # so that it cannot overtake the registration that it is to end
    m.RequestQueryAddress,
    m.RequestQueryCall,
)
"""The requests that are sent by the thousand when a link comes up."""

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request failed."""

    code: ErrorCode
    """The T-Server's error number, or `Timeout` or `LinkDown` when it did not answer."""
    text: str


class TooManyOutstandingError(Exception):
    """Too many requests are open already."""


@dataclass(frozen=True, slots=True)
class _OutstandingRequest(Generic[C]):
    pending: C
    name: str
    expires_at: float
    paced: bool


class RequestQueue(Generic[C]):
    """Gives requests their ReferenceIDs, paces them, and finds the request of an outcome.

    All requests wait equally long for their outcome, so they end in the order they were written: the first
    of `_outstanding` is always the next to end.
    """

    def __init__(self, timeout_seconds: float, window: int = WINDOW) -> None:
        self.unsent: deque[tuple[m.Request, C]] = deque()
        """The paced requests that are not written yet."""
        self._timeout_seconds = timeout_seconds
        self._window = window
        self._outstanding: dict[int, _OutstandingRequest[C]] = {}
        self._outstanding_paced = 0
        self._last_reference_id = 0

    def __len__(self) -> int:
        """Return how many requests are written and without an outcome."""
        return len(self._outstanding)

    @property
    def deadline(self) -> float | None:
        """When to call `expire` next: the oldest request times out. None when no request is written."""
        return next(iter(self._outstanding.values())).expires_at if self._outstanding else None

    def submit(self, request: m.Request, pending: C, now: float) -> m.Request | None:
        """Accept a request; return it with its ReferenceID if it is to be written now.

        Raises:
            TooManyOutstandingError: too many requests wait already.

        """
        is_paced = isinstance(request, PACED)
        if is_paced and (self.unsent or self._outstanding_paced >= self._window):
            if len(self.unsent) + len(self._outstanding) >= MAX_OUTSTANDING:
                raise TooManyOutstandingError(f"{MAX_OUTSTANDING} requests are waiting already")
            self.unsent.append((request, pending))
            return None
        return self._with_reference_id(request, pending, now, is_paced=is_paced)

    def pop_sendable(self, now: float) -> Iterator[m.Request]:
        """Yield the paced requests that are to be written now, with their ReferenceIDs."""
        while self.unsent and self._outstanding_paced < self._window:
            request, pending = self.unsent.popleft()
            yield self._with_reference_id(request, pending, now, is_paced=True)

    def settle(self, reference_id: int) -> C | None:
        """Return what was submitted with a request, once: with the first event of its ReferenceID."""
        if reference_id not in self._outstanding:
            return None
        return self._pop(reference_id).pending

    def expire(self, now: float) -> list[tuple[C, Failure]]:
        """Fail the requests that were written longer ago than the time-out."""
        failed_requests = []
        while (expires_at := self.deadline) is not None and expires_at <= now:
            request = self._pop(next(iter(self._outstanding)))
            text = f"{request.name} got no answer from the T-Server within {self._timeout_seconds:g} s"
            failed_requests.append((request.pending, Failure(ErrorCode.Timeout, text)))
        return failed_requests

    def fail_unsent(self, reason: str) -> list[tuple[C, Failure]]:
        """Fail the requests that were not written yet."""
        failed_requests = [
            (pending, Failure(ErrorCode.LinkDown, f"{request.name} was not sent: {reason}"))
            for request, pending in self.unsent
        ]
        self.unsent.clear()
        return failed_requests

    def fail_all(self, reason: str) -> list[tuple[C, Failure]]:
        """Fail all requests. Whether the T-Server carried out those that were written is unknown."""
        failed_requests = [
            (
                request.pending,
                Failure(ErrorCode.LinkDown, f"{request.name} may not have been carried out: {reason}"),
            )
            for request in self._outstanding.values()
        ]
        self._outstanding.clear()
        self._outstanding_paced = 0
        return [*failed_requests, *self.fail_unsent(reason)]

    def _with_reference_id(self, request: m.Request, pending: C, now: float, *, is_paced: bool) -> m.Request:
        if len(self._outstanding) >= MAX_OUTSTANDING:
            raise TooManyOutstandingError(f"{MAX_OUTSTANDING} requests are waiting for the T-Server already")
        reference = self._last_reference_id % REFERENCE_LIMIT + 1
        while reference in self._outstanding:
            reference = reference % REFERENCE_LIMIT + 1
        self._last_reference_id = reference
        self._outstanding[reference] = _OutstandingRequest(
            pending, request.name, now + self._timeout_seconds, is_paced
        )
        self._outstanding_paced += is_paced
        return msgspec.structs.replace(request, reference_id=reference)

    def _pop(self, reference: int) -> _OutstandingRequest[C]:
        request = self._outstanding.pop(reference)
        self._outstanding_paced -= request.paced
        return request


def failure_of(error: m.EventError) -> Failure:
    """Return the failure that an EventError reports."""
    text = error.error_message or TEXTS.get(error.error_code) or f"T-Server error {error.error_code.value}"
    return Failure(error.error_code, text)
