"""Requests that wait for their outcome: each is settled once, whatever happens to it."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bridge.link.core import requests
from bridge.link.core.requests import RequestQueue, TooManyOutstandingError, failure_of
from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode

TIMEOUT_SECONDS = 10.0


MAKE_CALL = t.RequestMakeCall(this_dn="15000", other_dn="15001")


def submit(queue: RequestQueue[str], pending: str, now: float = 0.0) -> int:
    """Submit a request that is not paced; return its ReferenceID."""
    request = queue.submit(MAKE_CALL, pending, now)
    assert request is not None
    assert request.reference_id is not None
    return request.reference_id


def test_references_begin_again_and_skip_those_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "REFERENCE_LIMIT", 3)
    queue: RequestQueue[str] = RequestQueue(TIMEOUT_SECONDS)
    assert [submit(queue, pending) for pending in "abc"] == [1, 2, 3]
    queue.settle(2)
    assert submit(queue, "d") == 2


def test_a_t_server_that_owes_too_much_gets_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "MAX_OUTSTANDING", 2)
    queue: RequestQueue[str] = RequestQueue(TIMEOUT_SECONDS)
    for pending in "ab":
        submit(queue, pending)
    with pytest.raises(TooManyOutstandingError, match="2 requests are waiting"):
        submit(queue, "c")


def test_an_error_without_text_is_named_by_its_number() -> None:
    error = t.EventError(time_in_secs=1, time_in_usecs=0, error_code=ErrorCode(4711))
    assert (failure_of(error).code, failure_of(error).text) == (4711, "T-Server error 4711")


class Requests(RuleBasedStateMachine):
    """Any order of sending, outcomes, time and loss settles every request exactly once."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: RequestQueue[int] = RequestQueue(TIMEOUT_SECONDS)
        self.now = 0.0
        self.sent: dict[int, int] = {}
        self.settled: list[int] = []

    @rule()
    def send(self) -> None:
        pending = len(self.sent) + len(self.settled)
        request = self.queue.submit(MAKE_CALL, pending, self.now)
        assert request is not None
        reference = request.reference_id
        assert reference is not None
        assert reference not in self.sent
        self.sent[reference] = pending

    @rule(number=st.integers(0, 60))
    def receive_event(self, number: int) -> None:
        pending = self.queue.settle(number)
        assert pending == self.sent.pop(number, None)
        if pending is not None:
            self.settled.append(pending)

    @rule(seconds=st.floats(0, 15))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.end([pending for pending, _ in self.queue.expire(self.now)])

    @rule()
    def fail_all(self) -> None:
        self.end([pending for pending, _ in self.queue.fail_all("gone")])
        assert len(self.queue) == 0

    def end(self, settled: list[int]) -> None:
        self.sent = {reference: pending for reference, pending in self.sent.items() if pending not in settled}
        self.settled += settled

    @invariant()
    def nothing_is_lost_or_settled_twice(self) -> None:
        assert len(self.settled) == len(set(self.settled))
        assert len(self.queue) == len(self.sent)
        assert self.queue.deadline is None or self.queue.deadline > self.now


TestRequests = Requests.TestCase
