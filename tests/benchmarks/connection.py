"""HTTP as cheap as a load program can speak it: kept-alive sockets and requests made beforehand."""

import asyncio
import re
from time import perf_counter
from typing import NamedTuple, cast

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OK = b"HTTP/1.1 200 "


class Answer(NamedTuple):
    """An answer with status 200, and when its last byte arrived."""

    at: float
    head: bytes
    body: bytes


class BadAnswerError(Exception):
    """The server answered something else, or hung up."""


class Connection(asyncio.Protocol):
    """One kept-alive connection, with at most one request under way."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._received = b""
        self._answer: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's has no such base class

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BadAnswerError(f"the server hung up: {exc}"))

    def close(self) -> None:
        assert self._transport is not None
        self._transport.abort()

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a request; the future raises BadAnswerError if it is not answered with status 200."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return
        self._received = b""
        assert self._answer is not None
        if head.startswith(_OK):
            self._answer.set_result(Answer(perf_counter(), head, body))
        else:
            self._answer.set_exception(BadAnswerError((head + end + body).decode()))


async def connect(host: str, port: int) -> Connection:
    """Open a connection."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, host, port)
    return connection


def post(path: str, body: bytes, *headers: str) -> bytes:
    """Make the bytes of a POST."""
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(path: str, *headers: str) -> bytes:
    """Make the bytes of a GET."""
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers)).encode() + b"\r\n\r\n"
