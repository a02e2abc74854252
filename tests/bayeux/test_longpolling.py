"""The transport, driven as an ASGI server drives it, with the clock held."""

import asyncio
import itertools
import json
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, NamedTuple

import pytest
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Scope
from starlette.types import Message as ASGIMessage

from bridge.bayeux import LongPolling, Options, Server
from bridge.runtime.clock import HeldClock
from tests.bayeux.world import (
    CONNECTED,
    HANDSHAKE,
    LOST,
    STOP,
    House,
    Message,
    connect,
    disconnect,
    reply,
    subscribe,
)


class Answer(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Exchange:
    """One HTTP request and what became of it."""

    def __init__(self, app: ASGIApp, scope: Scope, *chunks: bytes) -> None:
        self._chunks = list(chunks)
        self._held = asyncio.Event()
        self._gone = asyncio.Event()
        self._sent: list[ASGIMessage] = []
        self.task = asyncio.create_task(self._run(app, scope))

    async def _run(self, app: ASGIApp, scope: Scope) -> None:
        await app(scope, self._receive, self._send)

    async def _receive(self) -> ASGIMessage:
        if self._chunks:
            body = self._chunks.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(self._chunks)}
        self._held.set()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: ASGIMessage) -> None:
        self._sent.append(message)

    async def held(self) -> "Exchange":
        """Wait until the request is held."""
        await self._held.wait()
        return self

    async def goes_away(self) -> None:
        """The client closes the connection; it must get no answer."""
        self._gone.set()
        await self.task
        assert self._sent == []

    async def answer(self) -> Answer:
        await self.task
        start, body = self._sent
        assert (start["type"], body["type"]) == ("http.response.start", "http.response.body")
        headers = dict(start["headers"])
        assert headers[b"content-length"] == b"%d" % len(body["body"])
        return Answer(start["status"], headers, body["body"])


class Site:
    """A server behind the transport, and the requests of its users."""

    def __init__(self, options: Options | None = None) -> None:
        numbers = itertools.count(1)
        self.clock = HeldClock()
        self.server = Server(House(), lambda: f"s{next(numbers)}", options)
        self.app = LongPolling(self.server, self.clock, lambda scope: str(scope["user"]))

    def raw(self, *chunks: bytes, method: str = "POST", user: str = "ann") -> Exchange:
        return Exchange(self.app, {"type": "http", "method": method, "user": user}, *chunks)

    def posts(self, *messages: Message, user: str = "ann") -> Exchange:
        return self.raw(json.dumps(messages).encode(), user=user)

    async def says(self, *messages: Message, user: str = "ann") -> Any:
        answer = await self.posts(*messages, user=user).answer()
        assert answer.status == 200
        return answer.json

    async def joins(self, user: str = "ann") -> str:
        session: str = (await self.says(HANDSHAKE, user=user))[0]["clientId"]
        await self.says(subscribe(session, "/**"), user=user)
        await self.says(connect(session), user=user)
        return session

    async def holds(self, session: str, user: str = "ann") -> Exchange:
        return await self.posts(connect(session), user=user).held()


def on_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on a loop of its own, which also shows that nothing is left running on it."""

    @wraps(test)
    def run(*arguments: object, **named: object) -> None:
        async def alone() -> None:
            await test(*arguments, **named)
            assert asyncio.all_tasks() == {asyncio.current_task()}

        asyncio.run(alone())

    return run


@on_a_loop
async def test_an_answer_is_json_that_nobody_may_cache() -> None:
    answer = await Site().posts(HANDSHAKE).answer()
    assert answer.status == 200
    assert answer.headers[b"content-type"] == b"application/json;charset=UTF-8"
    assert answer.headers[b"cache-control"] == b"no-cache"
    assert answer.json[0]["clientId"] == "s1"


@on_a_loop
async def test_a_body_may_come_in_pieces_and_as_a_lone_object() -> None:
    body = json.dumps(HANDSHAKE).encode()
    answer = await Site().raw(body[:10], body[10:11], body[11:]).answer()
    assert answer.json[0]["successful"]


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"[7]", b'{"a":"\xff"}', b"[" * 9_999])
@on_a_loop
async def test_what_is_not_made_of_messages_is_a_bad_request(body: bytes) -> None:
    answer = await Site().raw(body).answer()
    assert answer.status == 400
    assert answer.json["error"].startswith("the body ")


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
@on_a_loop
async def test_messages_come_with_post_only(method: str) -> None:
    answer = await Site().raw(b"", method=method).answer()
    assert (answer.status, answer.json) == (400, {"error": "Bayeux messages are sent with POST"})


@on_a_loop
async def test_a_body_that_is_too_long_is_refused_without_reading_all_of_it() -> None:
    site = Site(Options(max_message_size=200))
    body = json.dumps(HANDSHAKE).encode()
    assert (await site.raw(body.ljust(200)).answer()).status == 200
    endless = site.raw(*[b" " * 60] * 1_000)
    answer = await endless.answer()
    assert (answer.status, answer.json) == (413, {"error": "the body is longer than 200 bytes"})
    assert len(endless._chunks) == 996


@on_a_loop
async def test_a_client_that_goes_away_while_sending_gets_no_answer() -> None:
    site = Site()
    exchange = site.raw()
    await (await exchange.held()).goes_away()


@on_a_loop
async def test_a_web_socket_is_refused_before_it_opens_so_that_clients_fall_back() -> None:
    exchange = Exchange(Site().app, {"type": "websocket", "user": "ann"})
    await exchange.task
    assert exchange._sent == [{"type": "websocket.close", "code": 1000}]


@pytest.mark.parametrize("url", ["/cometd", "/cometd/", "/cometd/handshake", "/cometd/any/thing"])
@on_a_loop
async def test_it_is_served_below_its_url_without_a_redirect(url: str) -> None:
    app = Site().app
    router = Router([Route("/cometd", app), Mount("/cometd", app)])
    scope = {"type": "http", "method": "POST", "path": url, "headers": [], "user": "ann"}
    answer = await Exchange(router, scope, json.dumps(HANDSHAKE).encode()).answer()
    assert (answer.status, answer.json[0]["successful"]) == (200, True)


@on_a_loop
async def test_a_held_connect_ends_with_nothing_when_its_time_is_up() -> None:
    site = Site()
    poll = await site.holds(await site.joins())
    site.clock.advance(29.9)
    assert not poll.task.done()
    site.clock.advance(0.1)
    assert (await poll.answer()).json == [CONNECTED]


@on_a_loop
async def test_the_events_of_one_turn_of_the_loop_share_an_answer() -> None:
    site = Site()
    session = await site.joins()
    poll = await site.holds(session)
    for number in (1, 2, 3):
        site.server.deliver("ann", "/a", b"%d" % number)
    assert (await poll.answer()).json == [*({"channel": "/a", "data": n} for n in (1, 2, 3)), CONNECTED]
    await (await site.holds(session)).goes_away()


@on_a_loop
async def test_an_event_after_the_time_was_up_in_the_same_turn_is_not_lost() -> None:
    site = Site()
    poll = await site.holds(await site.joins())
    site.clock.advance(30.0)
    site.server.deliver("ann", "/a", b"1")
    assert (await poll.answer()).json == [{"channel": "/a", "data": 1}, CONNECTED]


@on_a_loop
async def test_of_two_connects_the_older_is_answered_with_408_and_no_body() -> None:
    site = Site()
    session = await site.joins()
    older = await site.holds(session)
    newer = await site.holds(session)
    site.server.deliver("ann", "/a", b"1")
    answer = await older.answer()
    assert (answer.status, answer.body) == (408, b"")
    assert (await newer.answer()).json == [{"channel": "/a", "data": 1}, CONNECTED]


@on_a_loop
async def test_a_client_that_goes_away_finds_its_events_when_it_is_back() -> None:
    site = Site()
    session = await site.joins()
    await (await site.holds(session)).goes_away()
    site.server.deliver("ann", "/a", b"1")
    assert await site.says(connect(session)) == [{"channel": "/a", "data": 1}, CONNECTED]


@on_a_loop
async def test_a_cancelled_request_gives_its_hold_up() -> None:
    site = Site()
    session = await site.joins()
    poll = await site.holds(session)
    site.server.deliver("ann", "/a", b"1")  # its release is under way when the task is cancelled
    poll.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll.task
    assert await site.says(connect(session)) == [{"channel": "/a", "data": 1}, CONNECTED]
    site.clock.advance(12.0)
    assert len(site.server) == 0


@on_a_loop
async def test_a_disconnect_is_answered_and_so_is_the_held_connect() -> None:
    site = Site()
    session = await site.joins()
    poll = await site.holds(session)
    assert await site.says(disconnect(session)) == [reply("/meta/disconnect")]
    assert (await poll.answer()).json == [reply("/meta/connect", advice=STOP)]


@on_a_loop
async def test_sessions_that_stay_away_are_swept_and_then_the_clock_is_left_alone() -> None:
    site = Site()
    held = await site.joins()
    poll = await site.holds(held)
    await site.joins("bob")
    site.clock.advance(9.9)
    assert len(site.server) == 2
    site.clock.advance(1.1)
    assert len(site.server) == 1
    await poll.goes_away()
    site.clock.advance(12.0)
    assert len(site.server) == 0
    site.clock.advance(60.0)
    assert site.clock._timers == []


@on_a_loop
async def test_closing_answers_every_held_connect_and_refuses_what_comes_after() -> None:
    site = Site()
    polls = [await site.holds(await site.joins(user), user) for user in ("ann", "bob")]
    site.app.close()
    assert [(await poll.answer()).json for poll in polls] == [[LOST], [LOST]]
    answer = await site.posts(HANDSHAKE).answer()
    assert (answer.status, answer.json) == (503, {"error": "the server is stopping"})
    site.clock.advance(60.0)
    assert site.clock._timers == []


@on_a_loop
async def test_a_server_without_sessions_can_be_closed_too() -> None:
    site = Site()
    site.app.close()
    assert (await site.posts(HANDSHAKE).answer()).status == 503


@on_a_loop
async def test_a_server_that_closes_while_a_body_comes_in_does_not_obey_it() -> None:
    site = Site()
    body = json.dumps(HANDSHAKE).encode()
    exchange = site.raw(body)
    site.app.close()  # before the request's first turn
    assert (await exchange.answer()).status == 503
    assert len(site.server) == 0
