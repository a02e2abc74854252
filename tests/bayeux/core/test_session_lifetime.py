"""How long a session lives, and what ends it, against the core alone."""

import pytest

from bridge.bayeux import Options
from tests.bayeux.core_driver import CONNECTED, HANDSHAKE, LOST, World, connect, subscribe


def test_a_session_ends_some_time_after_its_last_connect_was_answered() -> None:
    world = World(Options(interval=2_000))
    world.open_session("ann")
    for now, ended in [(11.9, 0), (12.0, 1)]:
        assert world.server.sweep(now) == ended


def test_a_session_that_never_connects_ends_the_same_way() -> None:
    world = World()
    world.request("ann", HANDSHAKE)
    assert [world.server.sweep(9.9), world.server.sweep(10.0)] == [0, 1]


def test_a_held_connect_keeps_the_session_for_as_long_as_it_lasts() -> None:
    world = World()
    held_connect = world.request_held("ann", connect(world.open_session("ann")))
    assert world.server.sweep(1_000.0) == 0
    world.now = 1_000.0
    world.finish(held_connect)
    assert [world.server.sweep(1_009.9), world.server.sweep(1_010.0)] == [0, 1]


def test_a_connect_whose_client_disconnected_starts_the_time() -> None:
    world = World()
    held_connect = world.request_held("ann", connect(world.open_session("ann")))
    world.server.cancel(held_connect, 50.0)
    assert [world.server.sweep(59.9), world.server.sweep(60.0)] == [0, 1]


def test_any_message_makes_a_session_live_longer_but_not_another_users() -> None:
    world = World()
    ann, bob = world.open_session("ann"), world.open_session("bob")
    world.now = 5.0
    world.request("ann", subscribe(ann, "/a"))
    world.request("ann", subscribe(bob, "/a"))
    assert world.server.sweep(10.0) == 1
    assert world.request("bob", connect(bob)) == [LOST]
    assert world.request("ann", connect(ann, advice={"timeout": 0})) == [CONNECTED]


def test_a_message_does_not_start_the_time_of_a_session_whose_connect_is_held() -> None:
    world = World()
    session = world.open_session("ann", "/a")
    held_connect = world.request_held("ann", connect(session))
    world.request("ann", subscribe(session, "/b"))
    assert world.server.sweep(1_000.0) == 0
    assert world.finish(held_connect) == [CONNECTED]


@pytest.mark.parametrize(
    ("options", "fits"),
    [(Options(max_queue=3), 3), (Options(max_queue_bytes=4 * len('{"channel":"/a","data":1}')), 4)],
)
def test_a_session_with_too_much_waiting_is_ended_and_disturbs_no_other(options: Options, fits: int) -> None:
    world = World(options)
    asleep, awake = world.open_session("ann", "/a"), world.open_session("ann", "/a")
    for _ in range(fits):
        world.deliver("ann", "/a", 1)
    assert len(world.fetch_events("ann", awake)) == fits
    world.deliver("ann", "/a", 1)
    assert world.request("ann", connect(asleep)) == [LOST]
    assert len(world.fetch_events("ann", awake)) == 1


def test_a_held_connect_of_a_session_with_too_much_waiting_gets_the_advice_to_handshake() -> None:
    world = World(Options(max_queue=1))
    held_connect = world.request_held("ann", connect(world.open_session("ann", "/a")))
    world.deliver("ann", "/a", 1)
    world.deliver("ann", "/a", 2)
    assert world.finish(held_connect) == [LOST]


def test_closing_ends_every_session_and_releases_every_connect() -> None:
    world = World()
    request_held = [world.request_held(user, connect(world.open_session(user))) for user in ("ann", "bob")]
    world.server.close()
    assert [held_connect.is_released for held_connect in request_held] == [True, True]
    assert [world.finish(held_connect) for held_connect in request_held] == [[LOST], [LOST]]
    assert len(world.server) == 0
