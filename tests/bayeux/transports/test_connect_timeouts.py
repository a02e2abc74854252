"""One timer ends all waits of equal length; shorter ones have their own."""

from msgspec import UNSET

from bridge.bayeux import Transport
from bridge.bayeux.core.session import HeldConnect, Session
from bridge.bayeux.transports.connect_timeouts import ConnectTimeouts
from bridge.runtime.clock import HeldClock


class TimeoutsDriver:
    def __init__(self) -> None:
        self.clock = HeldClock(100.0)
        self.waits = ConnectTimeouts(self.clock)
        self.released: list[str] = []

    def start(self, name: str, seconds: float) -> HeldConnect:
        held_connect = HeldConnect(
            Session(name, "user", None, Transport.LONG_POLLING), UNSET, self.clock.now() + seconds
        )
        held_connect.wake = lambda: self.released.append(name)
        self.waits.start(held_connect)
        return held_connect


def test_each_wait_ends_at_its_time() -> None:
    driver = TimeoutsDriver()
    driver.start("first", 30)
    driver.clock.advance(10)
    driver.start("second", 30)

    driver.clock.advance(19.9)
    assert driver.released == []
    driver.clock.advance(0.1)
    assert driver.released == ["first"]
    driver.clock.advance(9.9)
    assert driver.released == ["first"]
    driver.clock.advance(0.1)
    assert driver.released == ["first", "second"]


def test_a_shorter_wait_does_not_wait_for_a_longer_one_before_it() -> None:
    driver = TimeoutsDriver()
    driver.start("long", 30)
    driver.start("short", 5)
    driver.clock.advance(5)
    assert driver.released == ["short"]
    driver.clock.advance(25)
    assert driver.released == ["short", "long"]


def test_a_wait_that_ended_before_is_not_released() -> None:
    driver = TimeoutsDriver()
    first, short = driver.start("first", 30), driver.start("short", 5)
    driver.start("second", 30)
    driver.waits.stop(first)
    driver.waits.stop(short)
    driver.clock.advance(30)
    assert driver.released == ["second"]


def test_after_a_pause_waits_end_in_time_again() -> None:
    driver = TimeoutsDriver()
    driver.start("first", 30)
    driver.clock.advance(100)
    driver.start("second", 30)
    driver.clock.advance(30)
    assert driver.released == ["first", "second"]


def test_closing_leaves_the_clock_alone() -> None:
    driver = TimeoutsDriver()
    driver.start("first", 30)
    driver.waits.close()
    driver.clock.advance(30)
    assert driver.released == []
    ConnectTimeouts(driver.clock).close()
