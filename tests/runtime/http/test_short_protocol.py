"""The short way through HTTP: who takes a request, and what becomes of the others."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from bridge.runtime.http.short import Exchange
from bridge.runtime.http.short_protocol import MAX_BODY_BYTES, ShortHttpProtocol
from bridge.runtime.loop import bind, serve_http
from tests.loop import run

TEXT = b"content-type: text/plain\r\n"
TAKEN = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
LEFT = TAKEN.replace(b"/take", b"/leave")


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell what came the long way."""
    request = Request(scope, receive)
    body = await request.body()
    await PlainTextResponse(f"long {request.url.path} {len(body)}")(scope, receive, send)


class ScriptedHandler:
    """Takes what is for `/handle_exchange`, keeps what is for `/hold`, and leaves the rest."""

    def __init__(self) -> None:
        self.held: asyncio.Queue[Exchange] = asyncio.Queue()
        self.disconnected = asyncio.Event()
        self.port = 0

    def handle_exchange(self, exchange: Exchange) -> bool:
        match exchange.scope["path"]:
            case "/take":
                exchange.answer(200, TEXT, b"short %d" % len(exchange.body))
            case "/hold":
                exchange.on_disconnect = self.disconnected.set
                self.held.put_nowait(exchange)
            case "/fail":
                raise ValueError("on purpose")
            case _:
                return False
        return True


@asynccontextmanager
async def serving() -> AsyncIterator[ScriptedHandler]:
    handler = ScriptedHandler()
    listener = bind("127.0.0.1", 0)
    handler.port = listener.getsockname()[1]
    async with serve_http(application, listener, short=handler.handle_exchange):
        yield handler


class RawHttpClient:
    """A connection, used by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def writes(self, raw: bytes) -> None:
        self._writer.write(raw)

    async def read_response(self) -> tuple[str, str]:
        """Return the head of the next answer, in small letters, and its body."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return head, (await self._reader.readexactly(length)).decode()

    async def request(self, raw: bytes) -> str:
        self.writes(raw)
        return (await self.read_response())[1]

    async def ends(self) -> bool:
        return await self._reader.read() == b""

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


@asynccontextmanager
async def connected(handler: ScriptedHandler) -> AsyncIterator[RawHttpClient]:
    client = RawHttpClient(*await asyncio.open_connection("127.0.0.1", handler.port))
    try:
        yield client
    finally:
        await client.close()


def test_who_takes_a_request_answers_it_and_the_connection_goes_on() -> None:
    async def scene() -> None:
        async with serving() as handler, connected(handler) as client:
            client.writes(TAKEN)
            head, body = await client.read_response()
            assert head.startswith("http/1.1 200 ok\r\n")
            assert "content-type: text/plain\r\n" in head
            assert "date: " in head
            assert body == "short 3"
            assert await client.request(LEFT) == "long /leave 3"
            assert await client.request(TAKEN) == "short 3"

    run(scene())


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (TAKEN.replace(b"/take", b"/take?x=1"), "long /take 3"),
        (TAKEN.replace(b"/take", b"/%74ake"), "long /take 3"),
        (TAKEN.replace(b"POST", b"PUT"), "long /take 3"),
        (TAKEN.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n"), "long /take 3"),
        (TAKEN.replace(b"HTTP/1.1", b"HTTP/1.0"), "long /take 3"),
        (TAKEN.replace(b"Host: x\r\n", b"Host: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n"), "long /take 0"),
        (TAKEN.replace(b": 3\r\n\r\nabc", b": 100000\r\n\r\n" + b"a" * 100_000), "long /take 100000"),
        (
            TAKEN[:-3].replace(b"Content-Length: 3", b"Transfer-Encoding: chunked")
            + b"3\r\nabc\r\n0\r\n\r\n",
            "short 3",
        ),
        (b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "short 0"),
    ],
)
def test_what_is_plain_goes_the_short_way_and_all_else_the_long(raw: bytes, body: str) -> None:
    async def scene() -> None:
        async with serving() as handler, connected(handler) as client:
            assert await client.request(raw) == body

    run(scene())


def test_a_request_may_come_in_pieces() -> None:
    async def scene() -> None:
        async with serving() as handler, connected(handler) as client:
            for byte in TAKEN + LEFT:
                client.writes(bytes((byte,)))
                await asyncio.sleep(0)
            assert [(await client.read_response())[1] for _ in range(2)] == ["short 3", "long /leave 3"]

    run(scene())


def test_a_long_body_goes_the_long_way_as_soon_as_it_is_too_long() -> None:
    async def scene() -> None:
        async with serving() as handler, connected(handler) as client:
            size = 3 * MAX_BODY_BYTES
            client.writes(b"POST /leave HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(3):
                client.writes(b"a" * MAX_BODY_BYTES)
                await asyncio.sleep(0)
            assert (await client.read_response())[1] == f"long /leave {size}"

    run(scene())


def test_who_has_leave_to_send_its_body_gets_it() -> None:
    async def scene() -> None:
        async with serving() as handler, connected(handler) as client:
            head, body = TAKEN.replace(b"Host: x", b"Expect: 100-continue").split(b"\r\n\r\n")
            client.writes(head + b"\r\n\r\n")
            assert (await client._reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
            assert await client.request(body) == "long /take 3"

    run(scene())


def test_an_answer_may_come_later_and_what_was_sent_meanwhile_waits_its_turn() -> None:
    async def scene() -> None:
        async with serving() as handler, connected(handler) as client:
            client.writes(TAKEN.replace(b"/take", b"/hold") + TAKEN + LEFT)
            held = await handler.held.get()
            held.answer(200, TEXT, b"at last")
            held.answer(200, TEXT, b"once more")
            answers = [(await client.read_response())[1] for _ in range(3)]
            assert answers == [
                "at last",
                "long /take 3",
                "long /leave 3",
            ]  # one that waits is not asked about

    run(scene())


def test_who_holds_a_request_hears_that_its_client_has_gone() -> None:
    async def scene() -> None:
        async with serving() as handler:
            async with connected(handler) as client:
                client.writes(TAKEN.replace(b"/take", b"/hold"))
                held = await handler.held.get()
                assert not held.is_disconnected
            await handler.disconnected.wait()
            assert held.is_disconnected
            held.answer(200, TEXT, b"to nobody")

    run(scene())


def test_nobody_hears_of_a_client_that_goes_with_its_answer() -> None:
    async def scene() -> None:
        async with serving() as handler:
            async with connected(handler) as client:
                client.writes(TAKEN.replace(b"/take", b"/hold"))
                (await handler.held.get()).answer(200, TEXT, b"here")
                await client.read_response()
            async with connected(handler) as client:
                await client.request(TAKEN)
            assert not handler.disconnected.is_set()

    run(scene())


def test_a_fault_of_the_server_is_answered_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with serving() as handler, connected(handler) as client:
            client.writes(TAKEN.replace(b"/take", b"/fail"))
            head, body = await client.read_response()
            assert head.startswith("http/1.1 500 ")
            assert body == '{"statusCode":4,"statusMessage":"Internal error"}'
            assert await client.request(TAKEN) == "short 3"

    with caplog.at_level(logging.ERROR):
        run(scene())
    assert "on purpose" in caplog.text


class RecordingTransport(asyncio.Transport):
    """A connection of which only what the server wrote is known."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def opened(handler: ScriptedHandler, **settings: Any) -> tuple[RecordingTransport, ShortHttpProtocol]:
    config = uvicorn.Config(application, interface="asgi3", ws="none", log_config=None, **settings)
    config.load()
    transport, protocol = (
        RecordingTransport(),
        ShortHttpProtocol(config, ServerState(), {}, short=handler.handle_exchange),
    )
    protocol.connection_made(transport)
    return transport, protocol


async def turns_of_the_loop() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize("request_", [TAKEN, LEFT])
def test_a_connection_is_closed_when_it_has_been_idle_for_long(request_: bytes) -> None:
    async def scene() -> None:
        handler = ScriptedHandler()
        transport, protocol = opened(handler, timeout_keep_alive=0)
        protocol.data_received(request_)
        await turns_of_the_loop()
        assert transport.closed

    run(scene())


def test_a_connection_is_not_idle_while_a_request_is_held() -> None:
    async def scene() -> None:
        handler = ScriptedHandler()
        transport, protocol = opened(handler, timeout_keep_alive=0)
        protocol.data_received(TAKEN + TAKEN.replace(b"/take", b"/hold"))
        held = await handler.held.get()
        await turns_of_the_loop()
        assert not transport.closed
        held.answer(200, TEXT, b"at last")
        await turns_of_the_loop()
        assert transport.closed

    run(scene())


def test_a_connection_that_was_used_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        handler = ScriptedHandler()
        transport, protocol = opened(handler, timeout_keep_alive=75)
        protocol.data_received(TAKEN)
        first = protocol._idle_timer
        protocol.data_received(TAKEN)
        assert protocol._idle_timer is first  # one timer for both
        protocol._check_idle()
        assert not transport.closed
        now = protocol.loop.time()
        monkeypatch.setattr(protocol, "_idle_since", now - 75)
        protocol._check_idle()
        assert transport.closed
        protocol.connection_lost(None)

    run(scene())


def test_a_server_that_stops_answers_what_is_held_and_closes() -> None:
    async def scene() -> None:
        handler = ScriptedHandler()
        transport, protocol = opened(handler)
        protocol.data_received(TAKEN.replace(b"/take", b"/hold"))
        protocol.shutdown()
        assert (transport.written, transport.closed) == (b"", False)
        (await handler.held.get()).answer(200, TEXT, b"at last")
        assert b"\r\nconnection: close\r\n" in transport.written
        assert transport.written.endswith(b"\r\n\r\nat last")
        assert transport.closed

    run(scene())
