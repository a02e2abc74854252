"""Requests that wait for their outcome: each is settled once, whatever happens to it."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bridge.link import outstanding
from bridge.link.outstanding import Outstanding, TooManyOutstandingError, failure_of
from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode

PATIENCE = 10.0


def event(reference: int | None) -> t.Event:
    return t.EventRegistered(time_in_secs=1, time_in_usecs=0, this_dn="15000", reference_id=reference)


def test_an_event_without_a_reference_settles_nothing() -> None:
    waiting: Outstanding[str] = Outstanding(PATIENCE)
    waiting.add("RequestMakeCall", "cause", 0.0)
    assert waiting.settle(event(None)) is None
    assert len(waiting) == 1


def test_references_begin_again_and_pass_over_those_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outstanding, "REFERENCE_LIMIT", 3)
    waiting: Outstanding[str] = Outstanding(PATIENCE)
    first, second, third = (waiting.add("RequestMakeCall", pending, 0.0) for pending in "abc")
    assert (first, second, third) == (1, 2, 3)
    waiting.settle(event(2))
    assert waiting.add("RequestMakeCall", "d", 0.0) == 2


def test_a_t_server_that_owes_too_much_gets_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outstanding, "MAX_OUTSTANDING", 2)
    waiting: Outstanding[str] = Outstanding(PATIENCE)
    for pending in "ab":
        waiting.add("RequestMakeCall", pending, 0.0)
    with pytest.raises(TooManyOutstandingError, match="2 requests are waiting"):
        waiting.add("RequestMakeCall", "c", 0.0)


def test_an_error_without_text_is_told_by_its_number() -> None:
    error = t.EventError(time_in_secs=1, time_in_usecs=0, error_code=ErrorCode(4711))
    assert (failure_of(error).code, failure_of(error).text) == (4711, "T-Server error 4711")


class Requests(RuleBasedStateMachine):
    """Any order of sending, outcomes, time and loss settles every request exactly once."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: Outstanding[int] = Outstanding(PATIENCE)
        self.now = 0.0
        self.sent: dict[int, int] = {}
        self.settled: list[int] = []

    @rule()
    def send(self) -> None:
        pending = len(self.sent) + len(self.settled)
        reference = self.waiting.add("RequestMakeCall", pending, self.now)
        assert reference not in self.sent
        self.sent[reference] = pending

    @rule(number=st.integers(0, 60))
    def receive_event(self, number: int) -> None:
        pending = self.waiting.settle(event(number))
        assert pending == self.sent.pop(number, None)
        if pending is not None:
            self.settled.append(pending)

    @rule(seconds=st.floats(0, 15))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.end([pending for pending, _ in self.waiting.expire(self.now)])

    @rule()
    def fail_all(self) -> None:
        self.end([pending for pending, _ in self.waiting.fail_all("gone")])
        assert len(self.waiting) == 0

    def end(self, settled: list[int]) -> None:
        self.sent = {reference: pending for reference, pending in self.sent.items() if pending not in settled}
        self.settled += settled

    @invariant()
    def nothing_is_lost_or_settled_twice(self) -> None:
        assert len(self.settled) == len(set(self.settled))
        assert len(self.waiting) == len(self.sent)
        assert self.waiting.deadline is None or self.waiting.deadline > self.now


TestRequests = Requests.TestCase
