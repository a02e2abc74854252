"""Requests whose heads do not end: nobody may fill the memory without a password."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from bridge.runtime.http.bounded_protocol import BoundedHttpProtocol
from bridge.runtime.http.uvicorn_support import MAX_HEAD_BYTES
from bridge.runtime.loop import bind, serve_http
from tests.loop import run

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
REFUSED = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"


async def length(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer how long the body was."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    listener = bind("127.0.0.1", 0)
    async with serve_http(length, listener):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


async def floods(writer: asyncio.StreamWriter, beginning: bytes, again: bytes) -> int:
    """Send without end; gives how much was sent before the connection was cut."""
    sent = 0
    writer.write(beginning)
    try:
        while sent < 1000 * MAX_HEAD_BYTES:
            writer.write(again)
            await writer.drain()
            sent += len(again)
    except ConnectionError:
        pass
    return sent


@pytest.mark.parametrize(
    ("beginning", "again"),
    [
        (b"GET /", b"a" * 65536),
        (HEAD + b"X: ", b"a" * 65536),
        (HEAD, b"X: a\r\n" * 10_000),
        (CHUNKED + b"0\r\nTrailer: ", b"a" * 65536),
        (CHUNKED + b"1\r\na\r\n0\r\n", b"X: a\r\n" * 10_000),
        (CHUNKED + b"1;", b"a" * 65536),
    ],
)
def test_what_is_no_body_is_cut_off(beginning: bytes, again: bytes) -> None:
    async def scene() -> None:
        async with connected() as (_, writer):
            # What the sockets' own buffers hold was sent, but never read.
            assert await floods(writer, beginning, again) < 500 * MAX_HEAD_BYTES

    run(scene())


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


def test_the_sender_is_told_why() -> None:
    async def scene() -> None:
        config = uvicorn.Config(length, interface="asgi3", ws="none", log_config=None)
        config.load()
        transport, protocol = RecordingTransport(), BoundedHttpProtocol(config, ServerState(), {})
        protocol.connection_made(transport)
        protocol.data_received(HEAD)
        protocol.data_received(b"X: " + b"a" * (MAX_HEAD_BYTES - 3))
        assert (transport.written, transport.closed) == (b"", False)
        protocol.data_received(b"a")
        assert transport.written.startswith(REFUSED)
        assert transport.written.endswith(
            b'{"statusCode":2,"statusMessage":"The head of the request is longer than 65536 bytes"}'
        )
        assert transport.closed

    run(scene())


@pytest.mark.parametrize(
    ("request_", "size"),
    [
        (HEAD + b"X: " + b"a" * 60_000 + b"\r\nContent-Length: 3\r\n\r\nabc", 3),
        (HEAD + b"Content-Length: 3000000\r\n\r\n" + b"a" * 3_000_000, 3_000_000),
        (CHUNKED + b"1\r\na\r\n" * 100_000 + b"0\r\n\r\n", 100_000),
    ],
)
def test_requests_that_are_only_large_are_served(request_: bytes, size: int) -> None:
    async def scene() -> None:
        async with connected() as (reader, writer):
            for _ in range(3):  # each begins anew
                writer.write(request_)
                await writer.drain()
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 OK\r\n")
                assert int(await reader.readexactly(len(str(size)))) == size

    run(scene())


async def headers_of(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the names of the request's headers, after its body."""
    request = Request(scope, receive)
    await request.body()
    await PlainTextResponse(" ".join(name.decode() for name, _ in scope["headers"]))(scope, receive, send)


def test_the_fields_of_a_trailer_are_no_headers() -> None:
    async def scene() -> None:
        listener = bind("127.0.0.1", 0)
        async with serve_http(headers_of, listener):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            trailer = b"0\r\nCookie: JSESSIONID=x\r\nAuthorization: Basic eDp4\r\n\r\n"
            for _ in range(2):  # the next request has headers again
                writer.write(CHUNKED + b"3\r\nabc\r\n" + trailer)
                await reader.readuntil(b"\r\n\r\n")
                assert await reader.readexactly(22) == b"host transfer-encoding"
            writer.close()

    run(scene())


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", HEAD + b"Content-Length: x\r\n\r\n"]
)
def test_what_is_not_http_is_refused_as_everything_else(garbage: bytes) -> None:
    async def scene() -> None:
        async with connected() as (reader, writer):
            writer.write(garbage)
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n")
            assert json.loads(body)["statusCode"] == 2

    run(scene())
