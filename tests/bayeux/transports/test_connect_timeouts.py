"""One timer ends all waits of equal length; shorter ones have their own."""

from msgspec import UNSET

from bridge.bayeux import Transport
from bridge.bayeux.core.session import Hold, Session
from bridge.bayeux.transports.connect_timeouts import Waits
from bridge.runtime.clock import HeldClock


class Scene:
    def __init__(self) -> None:
        self.clock = HeldClock(100.0)
        self.waits = Waits(self.clock)
        self.released: list[str] = []

    def begin(self, name: str, seconds: float) -> Hold:
        hold = Hold(Session(name, "user", None, Transport.LONG_POLLING), UNSET, self.clock.now() + seconds)
        hold.wake = lambda: self.released.append(name)
        self.waits.begin(hold)
        return hold


def test_each_wait_ends_at_its_time() -> None:
    scene = Scene()
    scene.begin("first", 30)
    scene.clock.advance(10)
    scene.begin("second", 30)

    scene.clock.advance(19.9)
    assert scene.released == []
    scene.clock.advance(0.1)
    assert scene.released == ["first"]
    scene.clock.advance(9.9)
    assert scene.released == ["first"]
    scene.clock.advance(0.1)
    assert scene.released == ["first", "second"]


def test_a_shorter_wait_does_not_wait_for_a_longer_one_before_it() -> None:
    scene = Scene()
    scene.begin("long", 30)
    scene.begin("short", 5)
    scene.clock.advance(5)
    assert scene.released == ["short"]
    scene.clock.advance(25)
    assert scene.released == ["short", "long"]


def test_a_wait_that_ended_before_is_not_released() -> None:
    scene = Scene()
    first, short = scene.begin("first", 30), scene.begin("short", 5)
    scene.begin("second", 30)
    scene.waits.end(first)
    scene.waits.end(short)
    scene.clock.advance(30)
    assert scene.released == ["second"]


def test_after_a_pause_waits_end_in_time_again() -> None:
    scene = Scene()
    scene.begin("first", 30)
    scene.clock.advance(100)
    scene.begin("second", 30)
    scene.clock.advance(30)
    assert scene.released == ["first", "second"]


def test_closing_leaves_the_clock_alone() -> None:
    scene = Scene()
    scene.begin("first", 30)
    scene.waits.close()
    scene.clock.advance(30)
    assert scene.released == []
    Waits(scene.clock).close()
