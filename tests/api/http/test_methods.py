"""Methods and bodies that programs in between send: load balancers, monitors, compressing clients."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bridge.runtime.loop import bind, serve_http
from tests.loop import run
from tests.playbook import playing


@asynccontextmanager
async def bridge() -> AsyncIterator[httpx.AsyncClient]:
    """Serve a bridge on a real port, and yield a client of agent15000."""
    async with playing() as book:
        listener = bind("127.0.0.1", 0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            serve_http(book.bridge.app, listener, short=book.bridge.short),
            httpx.AsyncClient(base_url=url, auth=("agent15000", "demo")) as http,
        ):
            yield http


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/api/v2/me", "/api/v2/me/calls/nowhere"])
def test_head_is_get_without_the_body(path: str) -> None:
    async def scene() -> None:
        async with bridge() as http:
            get, head = await http.get(path), await http.head(path)
            assert (head.status_code, head.content) == (get.status_code, b"")
            assert head.headers["content-length"] == get.headers["content-length"]
            assert head.headers["content-type"] == get.headers["content-type"]

    run(scene())


@pytest.mark.parametrize("target", [b"*", b"/"])
def test_a_load_balancer_may_ask_whether_the_server_is_up(target: bytes) -> None:
    async def scene() -> None:
        async with bridge() as http:
            reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
            writer.write(b"OPTIONS %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % target)
            head = (await reader.read()).decode()
            writer.close()
            assert head.startswith("HTTP/1.1 200 ")
            assert "\r\nallow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n" in head

    run(scene())


@pytest.mark.parametrize("size", [10, 100_000])  # the short way, and ASGI
def test_a_compressed_body_is_named_as_such(size: int) -> None:
    async def scene() -> None:
        async with bridge() as http:
            body = gzip.compress(b'{"operationName": "Ready", "more": "%b"}' % (b"x" * size), mtime=0)
            headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
            answer = await http.post("/api/v2/me", content=body, headers=headers)
            text = "Content-Encoding: bodies are not read compressed, got gzip"
            assert (answer.status_code, answer.json()) == (415, {"statusCode": 2, "statusMessage": text})

    run(scene())
