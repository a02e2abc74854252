"""The chat over real sockets: a request is answered the same whichever way it goes."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bridge.bayeux.__main__ import build
from bridge.bayeux.core.options import Options
from bridge.runtime.http.short import Exchange
from bridge.runtime.loop import bind, serve_http
from tests.bayeux.core_driver import HANDSHAKE, connect, subscribe
from tests.loop import run


class HandledCount:
    """How many requests went the short way."""

    taken = 0


@asynccontextmanager
async def chatting() -> AsyncIterator[tuple[HandledCount, httpx.AsyncClient]]:
    count = HandledCount()
    cometd, app, short = build(Options())

    def handle_exchange(exchange: Exchange) -> bool:
        is_handled = short(exchange)
        count.taken += is_handled
        return is_handled

    listener = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with serve_http(app, listener, short=handle_exchange), httpx.AsyncClient(base_url=url) as http:
        try:
            yield count, http
        finally:
            cometd.close()


@pytest.mark.parametrize(
    ("body", "status", "taken"),
    [
        (b'{"channels":["/a","/b"],"data":{},"count":3}', 200, 1),
        (b'{"channels":["/a","/meta/connect"],"data":{}}', 400, 1),
        (b'{"channels":["/a"],"data":{},"count":1001}', 200, 0),
        (b'{"channels":["/a"],"data":{},"count":0}', 400, 0),
        (b'{"channels":["/a"]', 400, 0),
        (b"\xff", 400, 0),
        (b"[" * 10_000, 400, 0),
    ],
)
def test_what_is_injected_goes_either_way(body: bytes, status: int, taken: int) -> None:
    async def ladder() -> None:
        async with chatting() as (count, http):
            short, long = [await http.post(path, content=body) for path in ("/inject", "/inject?x")]
            assert (short.status_code, short.json()) == (long.status_code, long.json())
            assert (short.status_code, count.taken) == (status, taken)

    run(ladder())


def test_each_event_is_published_once() -> None:
    async def ladder() -> None:
        async with chatting() as (_, http):

            async def request(message: Any) -> Any:
                return (await http.post("/cometd", json=[message])).json()

            client = (await request(HANDSHAKE))[0]["clientId"]
            await request(subscribe(client, "/a"))
            await request(connect(client))
            body = {"channels": ["/a", "/a", "/meta/no"], "data": 1}
            assert (await http.post("/inject", json=body)).status_code == 400
            events = [message["data"] for message in await request(connect(client)) if "data" in message]
            assert events == [1, 1]

    run(ladder())


@pytest.mark.parametrize(
    ("path", "headers", "taken"),
    [
        ("/cometd", {}, 1),
        ("/cometd/", {}, 1),
        ("/cometd/connect", {}, 1),
        ("/cometdx", {}, 0),
        ("/other", {}, 0),
        ("/cometd", {"Origin": "http://elsewhere.example"}, 0),
        ("/cometd", {"Sec-Fetch-Site": "same-origin"}, 0),
        ("/cometd", {"Content-Type": "text/plain"}, 0),
    ],
)
def test_polls_of_programs_go_the_short_way(path: str, headers: dict[str, str], taken: int) -> None:
    async def ladder() -> None:
        async with chatting() as (count, http):
            usual = {"Content-Type": "application/json;charset=UTF-8"}
            content = json.dumps([connect("nobody")]).encode()
            answer = await http.post(path, content=content, headers={**usual, **headers})
            assert count.taken == taken
            if path.startswith("/cometd") and path != "/cometdx":
                assert answer.json()[0]["error"].startswith("402:")

    run(ladder())
