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
class _Waiting(Generic[C]):
    cause: C
    name: str
    ends: float
    paced: bool


class TooManyOutstandingError(Exception):
    """The T-Server owes too many outcomes already."""


class Outstanding(Generic[C]):
    """Gives out ReferenceIDs and finds the cause of what comes back.

    All requests wait equally long, so they end in the order they were sent: the first of `_waiting`
    is always the next to end.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._last = 0
        self.paced = 0
        """How many of those that wait were added as paced."""
        self._waiting: dict[int, _Waiting[C]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def deadline(self) -> float | None:
        """When the oldest request ends, or None when none waits."""
        return next(iter(self._waiting.values())).ends if self._waiting else None

    def add(self, name: str, cause: C, now: float, *, paced: bool = False) -> int:
        """Take a ReferenceID for a request; `paced` says whether it counts in `self.paced`.

        Raises:
            TooManyOutstandingError: `MAX_OUTSTANDING` requests wait already.

        """
        if len(self._waiting) >= MAX_OUTSTANDING:
            raise TooManyOutstandingError(f"{MAX_OUTSTANDING} requests are waiting for the T-Server already")
        reference = self._last % REFERENCE_LIMIT + 1
        while reference in self._waiting:
            reference = reference % REFERENCE_LIMIT + 1
        self._last = reference
        self._waiting[reference] = _Waiting(cause, name, now + self._patience, paced)
        self.paced += paced
        return reference

    def settle(self, event: Event) -> C | None:
        """Find what caused an event. Only the first event of a request settles it."""
        if event.reference_id is None:
            return None
        if event.reference_id not in self._waiting:
            return None
        return self._pop(event.reference_id).cause

    def expire(self, now: float) -> list[tuple[C, Failure]]:
        """End the requests that have waited too long."""
        ended = []
        while (ends := self.deadline) is not None and ends <= now:
            waiting = self._pop(next(iter(self._waiting)))
            text = f"{waiting.name} got no answer from the T-Server within {self._patience:g} s"
            ended.append((waiting.cause, Failure(ErrorCode.Timeout, text)))
        return ended

    def lose(self, reason: str) -> list[tuple[C, Failure]]:
        """End all requests: whether they were carried out cannot be known any more."""
        ended = [
            (
                waiting.cause,
                Failure(ErrorCode.LinkDown, f"{waiting.name} may not have been carried out: {reason}"),
            )
            for waiting in self._waiting.values()
        ]
        self._waiting.clear()
        self.paced = 0
        return ended

    def _pop(self, reference: int) -> _Waiting[C]:
        waiting = self._waiting.pop(reference)
        self.paced -= waiting.paced
        return waiting


def failure_of(error: EventError) -> Failure:
    """Turn an EventError into the failure that it reports."""
    text = error.error_message or TEXTS.get(error.error_code) or f"T-Server error {error.error_code.value}"
    return Failure(error.error_code, text)
