"""CometD's little chat, and publishing from the server, in memory and with the clock held."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bridge.bayeux import Application
from bridge.bayeux.chat import Chat
from bridge.bayeux.injection import InjectHandler
from bridge.runtime.clock import HeldClock
from tests.bayeux.polling_client import PollingClient, in_memory, on_a_loop

ROOM = ("/chat/demo", "/members/demo")


class ChatServer:
    """A chat and its visitors."""

    def __init__(self) -> None:
        self.clock = HeldClock()
        self.cometd = Application(clock=self.clock)
        self.chat = Chat(self.cometd)
        inject = Route("/inject", InjectHandler(self.cometd.publish).handle, methods=["POST"])
        self.app = Starlette(routes=[inject, *self.cometd.routes()])

    def visitor(self) -> PollingClient:
        return PollingClient(in_memory(self.app))

    async def join(self, who: PollingClient, name: str, room: str = "/chat/demo") -> None:
        await who.open_session(*ROOM)
        assert (await who.publishes("/service/members", {"user": name, "room": room}))["successful"]


@on_a_loop
async def test_who_joins_is_on_the_list_that_all_get() -> None:
    server = ChatServer()
    async with server.visitor() as ann, server.visitor() as bob:
        await server.join(ann, "ann")
        await server.join(bob, "bob")
        assert await ann.fetch_events() == [("/members/demo", ["ann"]), ("/members/demo", ["ann", "bob"])]
        assert await bob.fetch_events() == [("/members/demo", ["ann", "bob"])]
        await ann.publishes("/chat/demo", {"user": "ann", "chat": "hello"})
        expected_event = ("/chat/demo", {"user": "ann", "chat": "hello"})
        assert (await ann.fetch_events(), await bob.fetch_events()) == ([expected_event], [expected_event])


@on_a_loop
async def test_who_disconnects_leaves_the_room() -> None:
    server = ChatServer()
    async with server.visitor() as ann, server.visitor() as bob:
        await server.join(ann, "ann")
        await server.join(bob, "bob")
        await ann.disconnect()
        assert (await bob.fetch_events())[-1] == ("/members/demo", ["bob"])


@on_a_loop
async def test_who_stays_away_leaves_the_room() -> None:
    server = ChatServer()
    async with server.visitor() as ann, server.visitor() as bob:
        await server.join(ann, "ann")
        server.clock.advance(6)
        await server.join(bob, "bob")
        server.clock.advance(6)
        assert (await bob.fetch_events())[-1] == ("/members/demo", ["bob"])
        server.clock.advance(12)
    assert (len(server.cometd), server.chat.members("demo")) == (0, [])
    assert (server.chat._rooms, server.chat._joined) == ({}, {})


@on_a_loop
async def test_a_room_may_be_named_without_its_channel() -> None:
    server = ChatServer()
    async with server.visitor() as ann:
        await server.join(ann, "ann", room="demo")
        assert await ann.fetch_events() == [("/members/demo", ["ann"])]


@on_a_loop
async def test_of_two_of_one_name_the_later_has_it_and_keeps_it() -> None:
    server = ChatServer()
    async with server.visitor() as first, server.visitor() as second:
        await server.join(first, "ann")
        await server.join(second, "ann")
        await first.disconnect()
        assert (await second.fetch_events())[-1] == ("/members/demo", ["ann"])


@on_a_loop
async def test_a_session_has_one_name_in_a_room() -> None:
    server = ChatServer()
    async with server.visitor() as ann:
        for name in ("ann", "anna"):
            await server.join(ann, name) if name == "ann" else await ann.publishes(
                "/service/members", {"user": name, "room": "/chat/demo"}
            )
        assert await ann.fetch_events() == [("/members/demo", ["ann"]), ("/members/demo", ["anna"])]
        await ann.disconnect()
    assert server.chat._rooms == {}


@on_a_loop
async def test_a_private_message_goes_to_the_peers_and_back_to_its_sender() -> None:
    server = ChatServer()
    async with server.visitor() as ann, server.visitor() as bob, server.visitor() as cy:
        for who, name in ((ann, "ann"), (bob, "bob"), (cy, "cy")):
            await server.join(who, name)
        for who in (ann, bob, cy):
            await who.fetch_events()
        await ann.publishes(
            "/service/privatechat", {"room": "/chat/demo", "user": "ann", "chat": "psst", "peer": "bob,eve"}
        )
        expected_event = ("/chat/demo", {"user": "ann", "chat": "psst", "scope": "private"})
        assert (await ann.fetch_events(), await bob.fetch_events(), await cy.fetch_events()) == (
            [expected_event],
            [expected_event],
            [],
        )


@pytest.mark.parametrize(
    ("channel", "data", "error"),
    [
        ("/service/members", {"user": "ann"}, "missing required field `room`"),
        ("/service/members", {"user": 7, "room": "/chat/demo"}, "Expected `str`, got `int` - at `$.user`"),
        ("/service/members", "ann", "Expected `object`, got `str`"),
        ("/service/members", {"user": "ann", "room": "/chat/**"}, "there is no room for you in /chat/**"),
        ("/service/members", {"user": "ann", "room": "ä"}, "there is no room for you in ä"),
        ("/service/members", {"user": "a" * 101, "room": "demo"}, "length <= 100 - at `$.user`"),
        ("/service/privatechat", {"room": "demo", "user": "ann", "chat": "x"}, "required field `peer`"),
        (
            "/service/privatechat",
            {"room": "/chat/demo", "user": "ann", "chat": "x", "peer": "eve"},
            "nobody in /chat/demo is called eve",
        ),
    ],
)
@on_a_loop
async def test_an_error_goes_to_the_publisher_of_nonsense_alone(channel: str, data: Any, error: str) -> None:
    server = ChatServer()
    async with server.visitor() as ann, server.visitor() as bob:
        await server.join(ann, "ann")
        await server.join(bob, "bob")
        await ann.fetch_events()
        await bob.fetch_events()
        await ann.publishes(channel, data)
        ((where, error_event),) = await ann.fetch_events()
        assert where == channel
        assert error in error_event["error"]
        assert await bob.fetch_events() == []


@on_a_loop
async def test_a_session_can_be_in_a_hundred_rooms() -> None:
    server = ChatServer()
    async with server.visitor() as ann:
        await ann.open_session()
        for number in range(101):
            await ann.publishes("/service/members", {"user": "ann", "room": f"/chat/{number}"})
        assert await ann.fetch_events() == [
            ("/service/members", {"error": "there is no room for you in /chat/100"})
        ]
        await ann.disconnect()
    assert server.chat._rooms == {}


# Publishing from the server


@contextmanager
def peer(app: Starlette, host: str | None) -> Iterator[httpx.AsyncClient]:
    http = in_memory(app)
    http._transport.client = host and (host, 50_000)  # type: ignore[attr-defined]
    yield http


@on_a_loop
async def test_what_is_injected_goes_to_each_channel_as_often_as_wished() -> None:
    server = ChatServer()
    async with server.visitor() as ann:
        await ann.open_session("/a", "/b/*")
        injection = {"channels": ["/a", "/b/c", "/d"], "data": {"n": [1, None]}, "count": 2}
        answer = await ann.http.post("/inject", json=injection)
        assert (answer.status_code, answer.json()) == (200, {"delivered": 4})
        each = [("/a", {"n": [1, None]}), ("/b/c", {"n": [1, None]})]
        assert await ann.fetch_events() == [*each, *each]
        assert (await ann.http.post("/inject", json={"channels": ["/a"], "data": 0})).json() == {
            "delivered": 1
        }


@on_a_loop
async def test_a_great_injection_gives_others_their_turn() -> None:
    server = ChatServer()
    async with server.visitor() as ann:
        injection = {"channels": ["/a"], "data": 0, "count": 2_500}
        assert (await ann.http.post("/inject", json=injection)).json() == {"delivered": 0}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1"])
@on_a_loop
async def test_this_machine_may_inject(host: str) -> None:
    with peer(ChatServer().app, host) as http:
        assert (await http.post("/inject", json={"channels": ["/a"], "data": 0})).status_code == 200


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "localhost.example", None])
@on_a_loop
async def test_no_other_machine_may_inject_with_any_headers(host: str | None) -> None:
    with peer(ChatServer().app, host) as http:
        http.headers.update({"X-Forwarded-For": "127.0.0.1", "Host": "localhost"})
        answer = await http.post("/inject", json={"channels": ["/a"], "data": 0})
        assert (answer.status_code, answer.json()) == (
            403,
            {"error": "events are injected from this machine only"},
        )


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "the body is not {channels, data, count}: "),
        (b"{", "the body is not {channels, data, count}: "),
        (b"\xff", "the body is not JSON that can be read"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"data":1}', "missing required field `channels`"),
        (b'{"channels":["/a"]}', "missing required field `data`"),
        (b'{"channels":[],"data":1}', "Expected `array` of length >= 1 - at `$.channels`"),
        (b'{"channels":"/a","data":1}', "Expected `array`, got `str` - at `$.channels`"),
        (b'{"channels":["/a"],"data":1,"count":0}', "Expected `int` >= 1 - at `$.count`"),
        (b'{"channels":["/a"],"data":1,"count":"2"}', "Expected `int`, got `str` - at `$.count`"),
        (b'{"channels":["/a","/b"],"data":1,"count":600000}', "is more than 1000000 events"),
        (b'{"channels":["/a/*"],"data":1}', "'/a/*' is not a channel that events are sent on"),
        (b'{"channels":["/meta/connect"],"data":1}', "is not a channel that events are sent on"),
    ],
)
@on_a_loop
async def test_what_cannot_be_injected_is_refused_with_a_reason(body: bytes, error: str) -> None:
    with peer(ChatServer().app, "127.0.0.1") as http:
        answer = await http.post("/inject", content=body)
        assert answer.status_code == 400
        assert error in answer.json()["error"]


@on_a_loop
async def test_a_body_that_is_too_long_is_not_read_to_its_end() -> None:
    with peer(ChatServer().app, "127.0.0.1") as http:
        body = json.dumps({"channels": ["/a"], "data": "x" * 1_100_000})
        assert (await http.post("/inject", content=body)).status_code == 413


@on_a_loop
async def test_injecting_is_a_post() -> None:
    with peer(ChatServer().app, "127.0.0.1") as http:
        assert (await http.get("/inject")).status_code == 405
