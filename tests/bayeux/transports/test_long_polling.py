"""The transport of long polls, driven as an ASGI server drives it, with the clock held."""

import asyncio
import json

import pytest
from starlette.routing import Mount, Route, Router

from bridge.bayeux import Options
from tests.bayeux.core_driver import CONNECTED, HANDSHAKE, LOST, STOP, connect, disconnect, reply
from tests.bayeux.endpoint_driver import EndpointDriver, HttpRequest, on_a_loop


@on_a_loop
async def test_an_answer_is_json_that_may_not_be_cached() -> None:
    answer = await EndpointDriver().posts(HANDSHAKE).answer()
    assert answer.status == 200
    assert answer.headers[b"content-type"] == b"application/json;charset=UTF-8"
    assert answer.headers[b"cache-control"] == b"no-cache"
    assert answer.json[0]["clientId"] == "s1"


@on_a_loop
async def test_a_body_may_come_in_pieces_and_as_a_lone_object() -> None:
    body = json.dumps(HANDSHAKE).encode()
    answer = await EndpointDriver().raw(body[:10], body[10:11], body[11:]).answer()
    assert answer.json[0]["successful"]


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"[7]", b'{"a":"\xff"}', b"[" * 9_999])
@on_a_loop
async def test_what_is_not_made_of_messages_is_a_bad_request(body: bytes) -> None:
    answer = await EndpointDriver().raw(body).answer()
    assert answer.status == 400
    assert answer.json["error"].startswith("the body ")


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "HEAD"])
@on_a_loop
async def test_messages_come_with_post_only(method: str) -> None:
    answer = await EndpointDriver().raw(b"", method=method).answer()
    assert (answer.status, answer.json) == (400, {"error": "Bayeux messages are sent with POST"})


@on_a_loop
async def test_a_body_that_is_too_long_is_refused_without_reading_all_of_it() -> None:
    site = EndpointDriver(Options(max_message_size=200))
    body = json.dumps(HANDSHAKE).encode()
    assert (await site.raw(body.ljust(200)).answer()).status == 200
    endless = site.raw(*[b" " * 60] * 1_000)
    answer = await endless.answer()
    assert (answer.status, answer.json) == (413, {"error": "the body is longer than 200 bytes"})
    assert len(endless._chunks) == 996


@on_a_loop
async def test_a_client_that_goes_away_while_sending_gets_no_answer() -> None:
    site = EndpointDriver()
    exchange = site.raw()
    await (await exchange.held()).abort()


@on_a_loop
async def test_a_web_socket_is_refused_before_it_opens_so_that_clients_fall_back() -> None:
    exchange = HttpRequest(EndpointDriver().app, {"type": "websocket", "user": "ann"}, b"opens")
    await exchange.task
    assert exchange._sent == [{"type": "websocket.close", "code": 1000}]


@pytest.mark.parametrize("url", ["/cometd", "/cometd/", "/cometd/handshake", "/cometd/any/thing"])
@on_a_loop
async def test_it_is_served_below_its_url_without_a_redirect(url: str) -> None:
    app = EndpointDriver().app
    router = Router([Route("/cometd", app), Mount("/cometd", app)])
    scope = {"type": "http", "method": "POST", "path": url, "headers": [], "user": "ann"}
    answer = await HttpRequest(router, scope, json.dumps(HANDSHAKE).encode()).answer()
    assert (answer.status, answer.json[0]["successful"]) == (200, True)


@on_a_loop
async def test_a_held_connect_ends_with_nothing_when_its_time_is_up() -> None:
    site = EndpointDriver()
    poll = await site.request_held(await site.open_session())
    site.clock.advance(29.9)
    assert not poll.task.done()
    site.clock.advance(0.1)
    assert (await poll.answer()).json == [CONNECTED]


@on_a_loop
async def test_the_events_of_one_turn_of_the_loop_share_an_answer() -> None:
    site = EndpointDriver()
    session = await site.open_session()
    poll = await site.request_held(session)
    for number in (1, 2, 3):
        site.server.deliver("ann", "/a", b"%d" % number)
    assert (await poll.answer()).json == [*({"channel": "/a", "data": n} for n in (1, 2, 3)), CONNECTED]
    await (await site.request_held(session)).abort()


@on_a_loop
async def test_an_event_after_the_time_was_up_in_the_same_turn_is_not_lost() -> None:
    site = EndpointDriver()
    poll = await site.request_held(await site.open_session())
    site.clock.advance(30.0)
    site.server.deliver("ann", "/a", b"1")
    assert (await poll.answer()).json == [{"channel": "/a", "data": 1}, CONNECTED]


@on_a_loop
async def test_of_two_connects_the_older_is_answered_with_500_and_no_body() -> None:
    site = EndpointDriver()
    session = await site.open_session()
    older = await site.request_held(session)
    newer = await site.request_held(session)
    site.server.deliver("ann", "/a", b"1")
    answer = await older.answer()
    assert (answer.status, answer.body) == (500, b"")
    assert (await newer.answer()).json == [{"channel": "/a", "data": 1}, CONNECTED]


@on_a_loop
async def test_a_client_that_goes_away_finds_its_events_when_it_is_back() -> None:
    site = EndpointDriver()
    session = await site.open_session()
    await (await site.request_held(session)).abort()
    site.server.deliver("ann", "/a", b"1")
    assert await site.request(connect(session)) == [{"channel": "/a", "data": 1}, CONNECTED]


@on_a_loop
async def test_a_cancelled_request_releases_its_connect() -> None:
    site = EndpointDriver()
    session = await site.open_session()
    poll = await site.request_held(session)
    site.server.deliver("ann", "/a", b"1")  # its release is under way when the task is cancelled
    poll.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll.task
    assert await site.request(connect(session)) == [{"channel": "/a", "data": 1}, CONNECTED]
    site.clock.advance(12.0)
    assert len(site.server) == 0


@on_a_loop
async def test_a_disconnect_is_answered_and_so_is_the_held_connect() -> None:
    site = EndpointDriver()
    session = await site.open_session()
    poll = await site.request_held(session)
    assert await site.request(disconnect(session)) == [reply("/meta/disconnect")]
    assert (await poll.answer()).json == [reply("/meta/connect", advice=STOP)]


@on_a_loop
async def test_sessions_that_stay_away_are_swept_and_then_the_clock_is_left_alone() -> None:
    site = EndpointDriver()
    held = await site.open_session()
    poll = await site.request_held(held)
    await site.open_session("bob")
    site.clock.advance(9.9)
    assert len(site.server) == 2
    site.clock.advance(1.1)
    assert len(site.server) == 1
    await poll.abort()
    site.clock.advance(12.0)
    assert len(site.server) == 0
    site.clock.advance(60.0)
    assert site.clock._timers == []


@on_a_loop
async def test_closing_answers_every_held_connect_and_refuses_what_comes_after() -> None:
    site = EndpointDriver()
    polls = [await site.request_held(await site.open_session(user), user) for user in ("ann", "bob")]
    site.app.close()
    assert [(await poll.answer()).json for poll in polls] == [[LOST], [LOST]]
    answer = await site.posts(HANDSHAKE).answer()
    assert (answer.status, answer.json) == (503, {"error": "the server is stopping"})
    site.clock.advance(60.0)
    assert site.clock._timers == []


@on_a_loop
async def test_a_server_without_sessions_can_be_closed_too() -> None:
    site = EndpointDriver()
    site.app.close()
    assert (await site.posts(HANDSHAKE).answer()).status == 503


@on_a_loop
async def test_a_server_that_closes_while_a_body_comes_in_does_not_obey_it() -> None:
    site = EndpointDriver()
    body = json.dumps(HANDSHAKE).encode()
    exchange = site.raw(body)
    site.app.close()  # before the request's first turn
    assert (await exchange.answer()).status == 503
    assert len(site.server) == 0
