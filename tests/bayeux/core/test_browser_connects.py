"""Clients without a user: whose a session is, and how many connects a browser may have held."""

import pytest

from bridge.bayeux import Context, Options, Transport
from tests.bayeux.core_driver import CONNECTED, LOST, RETRY, World, connect, publish

HOME, WORK, UNKNOWN = Context(browser="home"), Context(browser="work"), Context()
SEVERAL = {**RETRY, "interval": 2_000, "multiple-clients": True}
ONE_TOO_MANY = CONNECTED | {"advice": SEVERAL}


@pytest.mark.parametrize("thief", [WORK, UNKNOWN, Context(user="ann"), Context(user="ann", browser="home")])
def test_a_session_is_its_browsers_own(thief: Context) -> None:
    world = World()
    session = world.open_session(HOME)
    assert world.request(thief, connect(session)) == [LOST]
    assert world.request(thief, publish(session, "/a", 1))[0]["error"] == "402::session_unknown"
    world.request_held(HOME, connect(session))


def test_a_session_without_a_cookie_cannot_be_used() -> None:
    world = World()
    world.request(UNKNOWN, {"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]})
    assert world.request(UNKNOWN, connect("s1")) == [LOST]


@pytest.mark.parametrize("client", [HOME, WORK, UNKNOWN])
def test_a_server_that_trusts_sessions_asks_for_no_browser(client: Context) -> None:
    world = World(Options(trust_client_session=True))
    world.request_held(client, connect(world.open_session(HOME)))


def test_it_still_asks_for_the_user() -> None:
    world = World(Options(trust_client_session=True))
    assert world.request(HOME, connect(world.open_session("ann"))) == [LOST]


def test_a_second_tab_gets_the_advice_to_poll_slowly_until_the_first_is_closed() -> None:
    world = World()
    first, second = world.open_session(HOME), world.open_session(HOME)
    held_connect = world.request_held(HOME, connect(first))
    assert world.request(HOME, connect(second)) == [ONE_TOO_MANY]
    world.request_held(WORK, connect(world.open_session(WORK)))
    world.server.cancel(held_connect, world.now)
    world.request_held(HOME, connect(second))


@pytest.mark.parametrize("end", ["answered", "sent again", "given up", "disconnected", "expired"])
def test_a_place_is_given_back_when_a_connect_ends_in_any_way(end: str) -> None:
    world = World()
    first, second = world.open_session(HOME, "/a"), world.open_session(HOME)
    held_connect = world.request_held(HOME, connect(first))
    match end:
        case "answered":
            world.server.publish("/a", b"1")
            world.finish(held_connect)
        case "sent again":
            held_connect = world.request_held(HOME, connect(first))
            world.server.cancel(held_connect, world.now)
        case "given up":
            world.server.cancel(held_connect, world.now)
        case "disconnected":
            world.request(HOME, {"channel": "/meta/disconnect", "clientId": first})
            world.finish(held_connect)
        case _:
            world.server.disconnect(first)
            world.finish(held_connect)
    held_connect = world.request_held(HOME, connect(second))
    assert world.request(HOME, connect(world.open_session(HOME))) == [ONE_TOO_MANY]


def test_one_too_many_lives_as_long_as_it_was_advised_to_stay_away() -> None:
    world = World()
    first, second = world.open_session(HOME), world.open_session(HOME)
    world.request_held(HOME, connect(first))
    world.request(HOME, connect(second))
    assert [world.server.sweep(now) for now in (11.9, 12.0)] == [0, 1]


def test_without_an_interval_one_too_many_gets_the_advice_to_stop() -> None:
    world = World(Options(multi_session_interval=0))
    first, second = world.open_session(HOME), world.open_session(HOME)
    world.request_held(HOME, connect(first))
    (answer,) = world.request(HOME, connect(second))
    assert not answer["successful"]
    assert answer["advice"] == {**SEVERAL, "reconnect": "none", "interval": 0}


@pytest.mark.parametrize(
    ("options", "client"),
    [
        (Options(max_sessions_per_browser=-1), HOME),
        (Options(max_sessions_per_browser=2), HOME),
        (Options(), Context(browser="home", shares_connection=True)),
        (Options(), Context(user="ann")),
    ],
)
def test_some_may_have_more_than_one(options: Options, client: Context) -> None:
    world = World(options)
    first, second = world.open_session(client), world.open_session(client)
    world.request_held(client, connect(first))
    world.request_held(client, connect(second))


def test_callback_polls_count_too() -> None:
    world = World()
    first, second = world.open_session(HOME), world.open_session(HOME)
    script = Context(Transport.CALLBACK_POLLING, browser="home")
    world.request_held(script, connect(first))
    assert world.request(HOME, connect(second)) == [ONE_TOO_MANY]
