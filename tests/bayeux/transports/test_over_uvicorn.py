"""The endpoint behind uvicorn, over real sockets: what stands between HTTP and the messages.

Everything is so whether requests go the short way or ASGI's.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bridge.bayeux import CometdEndpoint, Options, Server, Transport
from bridge.runtime.http.short import Exchange
from bridge.runtime.loop import bind, serve_http
from bridge.runtime.loopclock import LoopClock
from tests.bayeux.core_driver import (
    CONNECTED,
    HANDSHAKE,
    LOST,
    RETRY,
    RefusingPolicy,
    connect,
    publish,
    reply,
    subscribe,
)
from tests.loop import run

BODY = json.dumps([HANDSHAKE]).encode()


class Way:
    """The way that requests go, and how many went the short one."""

    is_short = False
    taken = 0


@pytest.fixture(autouse=True, params=["ASGI", "short"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[Way]:
    monkeypatch.setattr(Way, "is_short", request.param == "short")
    monkeypatch.setattr(Way, "taken", 0)
    return Way


class ServedEndpoint:
    """A server for one user, or for browsers."""

    def __init__(self, options: Options, user: str | None) -> None:
        self.server = Server(RefusingPolicy(), lambda: secrets.token_hex(20), options)
        self.cometd = CometdEndpoint(self.server, LoopClock(asyncio.get_running_loop()), lambda _scope: user)
        self.port = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] != "lifespan"
        await self.cometd(scope, receive, send)

    def handle_exchange(self, exchange: Exchange) -> bool:
        is_handled = self.cometd.handle_exchange(exchange)
        Way.taken += is_handled
        return is_handled


@contextlib.asynccontextmanager
async def serve(user: str | None = "ann", **options: Any) -> AsyncIterator[ServedEndpoint]:
    served = ServedEndpoint(Options(transports=tuple(Transport), **options), user)
    listener = bind("127.0.0.1", 0)
    served.port = listener.getsockname()[1]
    async with serve_http(served.cometd, listener, short=served.handle_exchange if Way.is_short else None):
        try:
            yield served
        finally:
            served.cometd.close()


class RawHttpClient:
    """A connection, used as a client writes and reads HTTP by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def writes(self, raw: bytes) -> None:
        self._writer.write(raw)

    def posts(self, body: bytes, head: str = "Content-Type: application/json", url: str = "/cometd") -> None:
        self.writes(
            f"POST {url} HTTP/1.1\r\nHost: a\r\n{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )

    def sends(self, *messages: object) -> None:
        self.posts(json.dumps(messages).encode())

    async def head(self) -> str:
        return (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()

    async def answer(self) -> tuple[int, Any]:
        head = await self.head()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        body = await self._reader.readexactly(length)
        return int(head.split()[1]), json.loads(body) if body else None

    async def request(self, *messages: object) -> Any:
        self.sends(*messages)
        status, body = await self.answer()
        assert status == 200
        return body

    async def open_session(self) -> str:
        session: str = (await self.request(HANDSHAKE))[0]["clientId"]
        await self.request(subscribe(session, "/a"))
        assert await self.request(connect(session)) == [CONNECTED]
        return session

    async def is_closed(self) -> bool:
        return await self._reader.read() == b""


@contextlib.asynccontextmanager
async def connected(served: ServedEndpoint) -> AsyncIterator[RawHttpClient]:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    try:
        yield RawHttpClient(reader, writer)
    finally:
        writer.close()


@contextlib.asynccontextmanager
async def socket(served: ServedEndpoint) -> AsyncIterator[ClientConnection]:
    async with open_socket(f"ws://127.0.0.1:{served.port}/cometd", proxy=None) as connection:
        yield connection


async def wait_until(condition: Callable[[], bool]) -> None:
    """Run turns of the loop until the server has noticed something that it does not report."""
    while not condition():  # noqa: ASYNC110 (there is no event to wait for)
        await asyncio.sleep(0)


async def request(connection: ClientConnection, *messages: object) -> Any:
    await connection.send(json.dumps(messages))
    return json.loads(await connection.recv())


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: application/json;charset=UTF-8",
        "Content-Type: application/json",
        "content-type: Application/JSON; charset=utf-8",
        "Content-Type: text/json",
        "Content-Type: text/plain; charset=ISO-8859-15",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: ",
        "Content-Type: ;;=",
        "X-None: none",
    ],
)
def test_any_content_type_will_do(head: str) -> None:
    async def ladder() -> None:
        async with serve() as served, connected(served) as client:
            client.posts(BODY, head)
            status, (answer,) = await client.answer()
            assert (status, answer["successful"]) == (200, True)

    run(ladder())


def test_a_charset_is_honoured_and_a_form_is_read() -> None:
    async def ladder() -> None:
        async with serve() as served, connected(served) as client:
            session = await client.open_session()
            euro = json.dumps([publish(session, "/a", "€")], ensure_ascii=False)
            client.posts(euro.encode("ISO-8859-15"), "Content-Type: application/json;charset=ISO-8859-15")
            assert (await client.answer())[1][0] == {"channel": "/a", "data": "€"}
            client.posts(b"\xa4", "Content-Type: application/json;charset=klingon")
            assert (await client.answer())[0] == 400
            form = b"message=" + json.dumps(connect(session, advice={"timeout": 0})).encode()
            client.posts(form, "Content-Type: application/x-www-form-urlencoded")
            assert await client.answer() == (200, [CONNECTED])

    run(ladder())


@pytest.mark.parametrize("url", ["/cometd", "/cometd/", "/cometd/connect", "/cometd/?x=1", "/cometd//"])
def test_it_is_never_redirected(url: str) -> None:
    async def ladder() -> None:
        async with serve() as served, connected(served) as client:
            client.posts(BODY, url=url)
            assert (await client.answer())[0] == 200

    run(ladder())


def test_a_body_may_come_in_chunks() -> None:
    async def ladder() -> None:
        async with serve() as served, connected(served) as client:
            client.writes(b"POST /cometd HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for chunk in (BODY[:9], BODY[9:10], BODY[10:]):
                client.writes(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            client.writes(b"0\r\n\r\n")
            assert (await client.answer())[0] == 200

    run(ladder())


def test_a_client_that_waits_for_leave_to_send_gets_it() -> None:
    async def ladder() -> None:
        async with serve() as served, connected(served) as client:
            client.writes(
                b"POST /cometd HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                % len(BODY)
            )
            assert (await client.head()).startswith("http/1.1 100")
            client.writes(BODY)
            assert (await client.answer())[0] == 200

    run(ladder())


def test_http_1_0_is_spoken_and_the_connection_closed() -> None:
    async def ladder() -> None:
        async with serve() as served, connected(served) as client:
            client.writes(b"POST /cometd HTTP/1.0\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY))
            status, (answer,) = await client.answer()
            assert (status, answer["successful"]) == (200, True)
            assert await client.is_closed()

    run(ladder())


def test_a_poll_is_answered_on_its_own_connection_while_another_carries_the_rest() -> None:
    async def ladder() -> None:
        async with (
            serve(meta_connect_deliver_only=True) as served,
            connected(served) as one,
            connected(served) as two,
        ):
            session = await one.open_session()
            one.sends(connect(session))
            assert await two.request(publish(session, "/a", 1)) == [reply("/a")]
            assert await one.answer() == (200, [{"channel": "/a", "data": 1}, CONNECTED])
            one.sends(connect(session))
            await two.request(subscribe(session, "/b"))
            two.sends(connect(session))
            assert await one.answer() == (500, None)
            served.server.publish("/b", b"2")
            assert await two.answer() == (200, [{"channel": "/b", "data": 2}, CONNECTED])

    run(ladder())


def test_a_poll_whose_connection_breaks_leaves_its_events_to_the_next() -> None:
    async def ladder() -> None:
        async with serve() as served, connected(served) as two:
            async with connected(served) as one:
                session = await one.open_session()
                one.sends(connect(session))
                await two.request(subscribe(session, "/b"))
            held = served.server._sessions.find(session)
            await wait_until(lambda: held is not None and held.held_connect is None)
            served.server.publish("/b", b"2")
            assert await two.request(connect(session)) == [{"channel": "/b", "data": 2}, CONNECTED]

    run(ladder())


def test_events_of_one_turn_of_the_loop_share_an_answer(way: type[Way]) -> None:
    async def ladder() -> None:
        async with serve() as served, connected(served) as client:
            session = await client.open_session()
            client.sends(connect(session))
            held = served.server._sessions.find(session)
            await wait_until(lambda: held is not None and held.held_connect is not None)
            for data in (b"1", b"2"):
                served.server.publish("/a", data)
            events = [{"channel": "/a", "data": data} for data in (1, 2)]
            assert await client.answer() == (200, [*events, CONNECTED])
            # A handshake may bring a cookie, so it is none of the usual; the rest is.
            assert way.taken == (3 if way.is_short else 0)

    run(ladder())


def test_a_poll_is_answered_when_the_server_stops() -> None:
    async def ladder() -> None:
        async with serve() as served, connected(served) as client:
            session = await client.open_session()
            client.sends(connect(session))
            held = served.server._sessions.find(session)
            await wait_until(lambda: held is not None and held.held_connect is not None)
            served.cometd.close()
            assert await client.answer() == (200, [LOST])
            client.sends(connect(session))
            assert (await client.answer())[0] == 503

    run(ladder())


def test_a_poll_that_breaks_in_the_turn_of_its_event_leaves_it_to_the_next() -> None:
    async def ladder() -> None:
        async with serve() as served, connected(served) as two:
            async with connected(served) as one:
                session = await one.open_session()
                one.sends(connect(session))
                held = served.server._sessions.find(session)
                await wait_until(lambda: held is not None and held.held_connect is not None)
            await wait_until(lambda: held is not None and held.held_connect is None)
            await two.request(subscribe(session, "/b"))
            served.server.publish("/b", b"2")
            assert await two.request(connect(session)) == [{"channel": "/b", "data": 2}, CONNECTED]

    run(ladder())


def test_a_browser_keeps_its_session_by_its_cookie() -> None:
    async def ladder() -> None:
        async with serve(user=None) as served, connected(served) as client:
            client.posts(BODY)
            head = await client.head()
            cookie = (
                head.partition("set-cookie: ")[2]
                .partition(";")[0]
                .replace("bayeux_browser", "BAYEUX_BROWSER")
            )
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            session = json.loads(await client._reader.readexactly(length))[0]["clientId"]
            body = json.dumps([connect(session)]).encode()
            client.posts(body)
            assert await client.answer() == (200, [LOST])
            client.posts(body, f"Cookie: a=b; {cookie}")
            assert await client.answer() == (200, [CONNECTED])

    run(ladder())


def test_stopping_answers_polls_and_sockets_and_refuses_what_comes_after() -> None:
    async def ladder() -> None:
        async with (
            serve() as served,
            connected(served) as one,
            connected(served) as two,
            socket(served) as three,
        ):
            session = await one.open_session()
            one.sends(connect(session))
            await two.request(subscribe(session, "/b"))
            served.cometd.close(lambda: 2_500)
            lost = LOST | {"advice": {**RETRY, "reconnect": "handshake", "interval": 2_500}}
            assert await one.answer() == (200, [lost])
            two.sends(HANDSHAKE)
            assert "retry-after: 3\r\n" in await two.head()
            with pytest.raises(ConnectionClosed) as closed:
                await three.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001

    run(ladder())


# Over sockets


def test_a_life_over_a_socket() -> None:
    async def ladder() -> None:
        async with serve() as served:
            async with socket(served) as one:
                (answer,) = await request(one, HANDSHAKE)
                assert answer["supportedConnectionTypes"][0] == "websocket"
                session = answer["clientId"]
                await request(one, subscribe(session, "/a"))
                assert await request(one, connect(session)) == [CONNECTED]
                await one.send(json.dumps([connect(session)]))
                for number in range(3):
                    served.server.publish("/a", b"%d" % number)
                    assert json.loads(await one.recv()) == [{"channel": "/a", "data": number}]
            async with socket(served) as two:
                assert await request(two, connect(session, advice={"timeout": 0})) == [CONNECTED]

    run(ladder())


@pytest.mark.parametrize(("text", "code"), [("nonsense", 1011), ("[" + " " * 70_000 + "]", 1009)])
def test_bad_messages_close_a_socket(text: str, code: int) -> None:
    async def ladder() -> None:
        async with serve() as served, socket(served) as one:
            await one.send(text)
            with pytest.raises(ConnectionClosed) as closed:
                await one.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == code

    run(ladder())


def test_a_socket_that_is_not_offered_is_refused_before_it_opens() -> None:
    async def ladder() -> None:
        served = ServedEndpoint(Options(), "ann")
        listener = bind("127.0.0.1", 0)
        served.port = listener.getsockname()[1]
        async with serve_http(served.cometd, listener):
            with pytest.raises(InvalidStatus) as refused:
                await open_socket(f"ws://127.0.0.1:{served.port}/", proxy=None)
            assert refused.value.response.status_code == 403

    run(ladder())


def test_a_client_that_does_not_read_is_dropped_while_another_gets_everything() -> None:
    async def ladder() -> None:
        data = json.dumps("x" * 10_000).encode()
        async with (
            serve(max_queue=50) as served,
            connected(served) as deaf,
            socket(served) as quick,
        ):
            deaf.writes(
                b"GET /cometd HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            assert (await deaf.head()).startswith("http/1.1 101")
            deaf.writes(_frame(BODY))
            await wait_until(lambda: len(served.server) == 1)
            (deaf_session,) = served.server._sessions.all()
            served.server._sessions.subscribe(deaf_session, "/a")
            (answer,) = await request(quick, HANDSHAKE)
            await request(quick, subscribe(answer["clientId"], "/a"))
            count = 0
            while len(served.server) == 2:
                served.server.publish("/a", data)
                assert len(json.loads(await quick.recv())) == 1
                count += 1
                assert count < 5_000
            assert len(served.server) == 1

    run(ladder())


def _frame(payload: bytes) -> bytes:
    """Write a text frame with a mask of zeros."""
    return bytes((0x81, 0x80 | 126)) + len(payload).to_bytes(2, "big") + bytes(4) + payload
