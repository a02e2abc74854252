"""The held clock: time moves only when it is told to, and what falls due runs at its own time."""

import pytest

from bridge.runtime.clock import HeldClock


def test_timers_run_in_order_of_time_each_at_its_own_time() -> None:
    clock, ran = HeldClock(100.0), []
    clock.call_at(103.0, lambda: ran.append(("third", clock.now())))
    clock.call_at(101.0, lambda: ran.append(("first", clock.now())))
    clock.call_at(101.0, lambda: ran.append(("second", clock.now())))
    clock.advance(2.0)
    assert ran == [("first", 101.0), ("second", 101.0)]
    clock.advance(1.0)
    assert ran[2:] == [("third", 103.0)]
    assert clock.now() == 103.0


def test_a_cancelled_timer_does_not_run() -> None:
    clock, ran = HeldClock(), []
    timer = clock.call_at(1.0, lambda: ran.append("ran"))
    timer.cancel()
    timer.cancel()
    clock.advance(5.0)
    assert ran == []


def test_a_timer_set_by_a_timer_runs_in_the_same_advance() -> None:
    clock, ran = HeldClock(), []
    clock.call_at(1.0, lambda: clock.call_at(2.0, lambda: ran.append(clock.now())))
    clock.advance(3.0)
    assert ran == [2.0]


def test_a_timer_for_a_time_that_has_passed_runs_with_the_next_advance() -> None:
    clock, ran = HeldClock(10.0), []
    clock.call_at(5.0, lambda: ran.append(clock.now()))
    assert ran == []
    clock.advance(0.0)
    assert ran == [10.0]


def test_time_does_not_go_backwards() -> None:
    with pytest.raises(ValueError, match=r"by -1 seconds"):
        HeldClock().advance(-1)
