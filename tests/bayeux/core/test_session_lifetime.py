"""How long a session lives, and what ends it, against the core alone."""

import pytest

from bridge.bayeux import Options
from tests.bayeux.core_driver import CONNECTED, HANDSHAKE, LOST, World, connect, subscribe


def test_a_session_ends_some_time_after_its_last_connect_was_answered() -> None:
    world = World(Options(interval=2_000))
    world.joins("ann")
    for now, ended in [(11.9, 0), (12.0, 1)]:
        assert world.server.sweep(now) == ended


def test_a_session_that_never_connects_ends_the_same_way() -> None:
    world = World()
    world.says("ann", HANDSHAKE)
    assert [world.server.sweep(9.9), world.server.sweep(10.0)] == [0, 1]


def test_a_held_connect_keeps_the_session_for_as_long_as_it_lasts() -> None:
    world = World()
    hold = world.holds("ann", connect(world.joins("ann")))
    assert world.server.sweep(1_000.0) == 0
    world.now = 1_000.0
    world.finish(hold)
    assert [world.server.sweep(1_009.9), world.server.sweep(1_010.0)] == [0, 1]


def test_a_connect_whose_client_has_gone_starts_the_time() -> None:
    world = World()
    hold = world.holds("ann", connect(world.joins("ann")))
    world.server.cancel(hold, 50.0)
    assert [world.server.sweep(59.9), world.server.sweep(60.0)] == [0, 1]


def test_any_message_makes_a_session_live_longer_but_not_another_users() -> None:
    world = World()
    ann, bob = world.joins("ann"), world.joins("bob")
    world.now = 5.0
    world.says("ann", subscribe(ann, "/a"))
    world.says("ann", subscribe(bob, "/a"))
    assert world.server.sweep(10.0) == 1
    assert world.says("bob", connect(bob)) == [LOST]
    assert world.says("ann", connect(ann, advice={"timeout": 0})) == [CONNECTED]


def test_a_message_does_not_start_the_time_of_a_session_whose_connect_is_held() -> None:
    world = World()
    session = world.joins("ann", "/a")
    hold = world.holds("ann", connect(session))
    world.says("ann", subscribe(session, "/b"))
    assert world.server.sweep(1_000.0) == 0
    assert world.finish(hold) == [CONNECTED]


@pytest.mark.parametrize(
    ("options", "fits"),
    [(Options(max_queue=3), 3), (Options(max_queue_bytes=4 * len('{"channel":"/a","data":1}')), 4)],
)
def test_a_session_with_too_much_waiting_is_ended_and_disturbs_no_other(options: Options, fits: int) -> None:
    world = World(options)
    asleep, awake = world.joins("ann", "/a"), world.joins("ann", "/a")
    for _ in range(fits):
        world.deliver("ann", "/a", 1)
    assert len(world.gets("ann", awake)) == fits
    world.deliver("ann", "/a", 1)
    assert world.says("ann", connect(asleep)) == [LOST]
    assert len(world.gets("ann", awake)) == 1


def test_a_held_connect_of_a_session_with_too_much_waiting_is_told_to_handshake() -> None:
    world = World(Options(max_queue=1))
    hold = world.holds("ann", connect(world.joins("ann", "/a")))
    world.deliver("ann", "/a", 1)
    world.deliver("ann", "/a", 2)
    assert world.finish(hold) == [LOST]


def test_closing_ends_every_session_and_releases_every_connect() -> None:
    world = World()
    holds = [world.holds(user, connect(world.joins(user))) for user in ("ann", "bob")]
    world.server.close()
    assert [hold.released for hold in holds] == [True, True]
    assert [world.finish(hold) for hold in holds] == [[LOST], [LOST]]
    assert len(world.server) == 0
