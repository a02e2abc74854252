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

from bridge.runtime.loop import bind, serve_http
from bridge.runtime.short import MAX_BODY_BYTES, Exchange, ShortHttp
from tests.loop import run

TEXT = b"content-type: text/plain\r\n"
TAKEN = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
LEFT = TAKEN.replace(b"/take", b"/leave")


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell what came the long way."""
    request = Request(scope, receive)
    body = await request.body()
    await PlainTextResponse(f"long {request.url.path} {len(body)}")(scope, receive, send)


class House:
    """Takes what is for `/take`, keeps what is for `/hold`, and leaves the rest."""

    def __init__(self) -> None:
        self.held: asyncio.Queue[Exchange] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.port = 0

    def take(self, exchange: Exchange) -> bool:
        match exchange.scope["path"]:
            case "/take":
                exchange.answer(200, TEXT, b"short %d" % len(exchange.body))
            case "/hold":
                exchange.on_gone = self.gone.set
                self.held.put_nowait(exchange)
            case "/fail":
                raise ValueError("on purpose")
            case _:
                return False
        return True


@asynccontextmanager
async def serving() -> AsyncIterator[House]:
    house = House()
    listener = bind("127.0.0.1", 0)
    house.port = listener.getsockname()[1]
    async with serve_http(application, listener, short=house.take):
        yield house


class Line:
    """A connection, used by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def writes(self, raw: bytes) -> None:
        self._writer.write(raw)

    async def hears(self) -> tuple[str, str]:
        """Return the head of the next answer, in small letters, and its body."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return head, (await self._reader.readexactly(length)).decode()

    async def says(self, raw: bytes) -> str:
        self.writes(raw)
        return (await self.hears())[1]

    async def ends(self) -> bool:
        return await self._reader.read() == b""

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


@asynccontextmanager
async def dialled(house: House) -> AsyncIterator[Line]:
    line = Line(*await asyncio.open_connection("127.0.0.1", house.port))
    try:
        yield line
    finally:
        await line.close()


def test_who_takes_a_request_answers_it_and_the_connection_goes_on() -> None:
    async def scene() -> None:
        async with serving() as house, dialled(house) as line:
            line.writes(TAKEN)
            head, body = await line.hears()
            assert head.startswith("http/1.1 200 ok\r\n")
            assert "content-type: text/plain\r\n" in head
            assert "date: " in head
            assert body == "short 3"
            assert await line.says(LEFT) == "long /leave 3"
            assert await line.says(TAKEN) == "short 3"

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
        async with serving() as house, dialled(house) as line:
            assert await line.says(raw) == body

    run(scene())


def test_a_request_may_come_in_pieces() -> None:
    async def scene() -> None:
        async with serving() as house, dialled(house) as line:
            for byte in TAKEN + LEFT:
                line.writes(bytes((byte,)))
                await asyncio.sleep(0)
            assert [(await line.hears())[1] for _ in range(2)] == ["short 3", "long /leave 3"]

    run(scene())


def test_a_long_body_goes_the_long_way_as_soon_as_it_is_too_long() -> None:
    async def scene() -> None:
        async with serving() as house, dialled(house) as line:
            size = 3 * MAX_BODY_BYTES
            line.writes(b"POST /leave HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(3):
                line.writes(b"a" * MAX_BODY_BYTES)
                await asyncio.sleep(0)
            assert (await line.hears())[1] == f"long /leave {size}"

    run(scene())


def test_who_has_leave_to_send_its_body_gets_it() -> None:
    async def scene() -> None:
        async with serving() as house, dialled(house) as line:
            head, body = TAKEN.replace(b"Host: x", b"Expect: 100-continue").split(b"\r\n\r\n")
            line.writes(head + b"\r\n\r\n")
            assert (await line._reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
            assert await line.says(body) == "long /take 3"

    run(scene())


def test_an_answer_may_come_later_and_what_was_sent_meanwhile_waits_its_turn() -> None:
    async def scene() -> None:
        async with serving() as house, dialled(house) as line:
            line.writes(TAKEN.replace(b"/take", b"/hold") + TAKEN + LEFT)
            held = await house.held.get()
            held.answer(200, TEXT, b"at last")
            held.answer(200, TEXT, b"once more")
            answers = [(await line.hears())[1] for _ in range(3)]
            assert answers == [
                "at last",
                "long /take 3",
                "long /leave 3",
            ]  # one that waits is not asked about

    run(scene())


def test_who_holds_a_request_hears_that_its_client_has_gone() -> None:
    async def scene() -> None:
        async with serving() as house:
            async with dialled(house) as line:
                line.writes(TAKEN.replace(b"/take", b"/hold"))
                held = await house.held.get()
                assert not held.is_gone
            await house.gone.wait()
            assert held.is_gone
            held.answer(200, TEXT, b"to nobody")

    run(scene())


def test_nobody_hears_of_a_client_that_goes_with_its_answer() -> None:
    async def scene() -> None:
        async with serving() as house:
            async with dialled(house) as line:
                line.writes(TAKEN.replace(b"/take", b"/hold"))
                (await house.held.get()).answer(200, TEXT, b"here")
                await line.hears()
            async with dialled(house) as line:
                await line.says(TAKEN)
            assert not house.gone.is_set()

    run(scene())


def test_a_fault_of_the_server_is_answered_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with serving() as house, dialled(house) as line:
            line.writes(TAKEN.replace(b"/take", b"/fail"))
            head, body = await line.hears()
            assert head.startswith("http/1.1 500 ")
            assert body == "Internal Server Error"
            assert await line.says(TAKEN) == "short 3"

    with caplog.at_level(logging.ERROR):
        run(scene())
    assert "on purpose" in caplog.text


class Wire(asyncio.Transport):
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


def opened(house: House, **settings: Any) -> tuple[Wire, ShortHttp]:
    config = uvicorn.Config(application, interface="asgi3", ws="none", log_config=None, **settings)
    config.load()
    wire, protocol = Wire(), ShortHttp(config, ServerState(), {}, short=house.take)
    protocol.connection_made(wire)
    return wire, protocol


async def turns_of_the_loop() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize("request_", [TAKEN, LEFT])
def test_a_connection_is_closed_when_it_has_been_idle_for_long(request_: bytes) -> None:
    async def scene() -> None:
        house = House()
        wire, protocol = opened(house, timeout_keep_alive=0)
        protocol.data_received(request_)
        await turns_of_the_loop()
        assert wire.closed

    run(scene())


def test_a_connection_is_not_idle_while_a_request_is_held() -> None:
    async def scene() -> None:
        house = House()
        wire, protocol = opened(house, timeout_keep_alive=0)
        protocol.data_received(TAKEN + TAKEN.replace(b"/take", b"/hold"))
        held = await house.held.get()
        await turns_of_the_loop()
        assert not wire.closed
        held.answer(200, TEXT, b"at last")
        await turns_of_the_loop()
        assert wire.closed

    run(scene())


def test_a_connection_that_was_used_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        house = House()
        wire, protocol = opened(house, timeout_keep_alive=75)
        protocol.data_received(TAKEN)
        first = protocol._patience
        protocol.data_received(TAKEN)
        assert protocol._patience is first  # one timer for both
        protocol._look()
        assert not wire.closed
        now = protocol.loop.time()
        monkeypatch.setattr(protocol, "_idle_since", now - 75)
        protocol._look()
        assert wire.closed
        protocol.connection_lost(None)

    run(scene())


def test_a_server_that_stops_answers_what_is_held_and_closes() -> None:
    async def scene() -> None:
        house = House()
        wire, protocol = opened(house)
        protocol.data_received(TAKEN.replace(b"/take", b"/hold"))
        protocol.shutdown()
        assert (wire.written, wire.closed) == (b"", False)
        (await house.held.get()).answer(200, TEXT, b"at last")
        assert b"\r\nconnection: close\r\n" in wire.written
        assert wire.written.endswith(b"\r\n\r\nat last")
        assert wire.closed

    run(scene())
