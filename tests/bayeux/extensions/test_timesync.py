"""The time in messages: the synchronization of clocks, and time stamps."""

import pytest

from bridge.bayeux import Options, Server
from tests.bayeux.core_driver import (
    CONNECTED,
    HANDSHAKE,
    RefusingPolicy,
    World,
    connect,
    publish,
    reply,
    subscribe,
)

SYNC = {"ext": {"timesync": {"tc": 999_000, "l": 0, "o": 0}}}


def test_a_handshake_answers_with_the_servers_time() -> None:
    world = World()
    world.now = 1_000.0
    answer = world.request("ann", HANDSHAKE | SYNC)[0]
    assert answer["ext"] == {"timesync": {"tc": 999_000, "ts": 1_000_000, "p": 0, "a": -1_000}}


def test_a_held_connect_counts_how_long_it_was_held() -> None:
    world = World()
    session = world.open_session("ann")
    world.now = 1_000.0
    held_connect = world.request_held("ann", connect(session, **SYNC))
    world.now = 1_030.0
    held_connect.release()
    answer = {"tc": 999_000, "ts": 1_000_000, "p": 30_000, "a": -1_000}
    assert world.finish(held_connect) == [CONNECTED | {"ext": {"timesync": answer}}]


def test_any_other_meta_message_is_answered_too_but_not_a_publish() -> None:
    world = World()
    session = world.open_session("ann")
    world.now = 1_000.0
    answers = world.request("ann", subscribe(session, "/x", **SYNC), publish(session, "/a", 1, **SYNC))
    assert answers[0]["ext"]["timesync"]["ts"] == 1_000_000
    assert answers[1] == reply("/a")


@pytest.mark.parametrize(
    "numbers", [{"tc": 1e308, "l": 1e308, "o": 1e308}, {"tc": 1, "l": -1e308}, {"tc": 2**64, "l": 1, "o": 0}]
)
def test_times_that_cannot_be_are_ignored(numbers: dict[str, float]) -> None:
    world = World()
    session = world.open_session("ann")
    sync = {"ext": {"timesync": numbers}}
    assert "ext" not in world.request("ann", HANDSHAKE | sync)[0]
    held_connect = world.request_held("ann", connect(session, **sync))
    held_connect.release()
    assert world.finish(held_connect) == [CONNECTED]


@pytest.mark.parametrize(
    ("tc", "lag", "offset", "answered"),
    [
        (1_000_000, 0, 0, True),  # the first time: the client knows nothing yet
        (999_990, 5, 5, False),
        (999_990, 5, 29, False),
        (999_990, 5, 30, True),
        (999_975, 1, 0, False),
        (999_974, 1, 0, True),
    ],
)
def test_a_client_that_is_close_enough_is_left_alone(
    tc: int, lag: int, offset: int, *, answered: bool
) -> None:
    world = World()
    world.now = 1_000.0
    answer = world.request("ann", HANDSHAKE | {"ext": {"timesync": {"tc": tc, "l": lag, "o": offset}}})[0]
    assert ("ext" in answer) == answered


def test_messages_bear_the_time_if_that_is_wanted() -> None:
    world = World(Options(timestamp=True))
    world.now = 1_700_000_000.127
    stamp = {"timestamp": "2023-11-14T22:13:20.12"}
    session = world.request("ann", HANDSHAKE)[0]["clientId"]
    assert world.request("ann", HANDSHAKE)[0]["timestamp"] == stamp["timestamp"]
    world.request("ann", subscribe(session, "/a"))
    assert world.request("ann", publish(session, "/a", 1)) == [
        {"channel": "/a", "data": 1} | stamp,
        reply("/a") | stamp,
    ]
    assert world.request("ann", connect(session)) == [CONNECTED | stamp]


def test_for_that_a_server_needs_a_clock() -> None:
    with pytest.raises(ValueError, match="the option timestamp needs a clock"):
        Server(RefusingPolicy(), lambda: "s1", Options(timestamp=True))
