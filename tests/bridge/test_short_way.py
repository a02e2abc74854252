"""The bridge over real sockets: a request is answered the same whichever way it goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bridge.api.security.policy import AccessPolicy
from bridge.runtime.loop import bind, serve_http
from bridge.runtime.short import Exchange
from bridge.tlib import messages as t
from tests.loop import run
from tests.playbook import DEVICE_15000, Playbook, playing

LONG = {"Origin": "http://elsewhere.example"}
"""What a page of the web brings: there is more to ask it than the short way does."""


class CountingServer:
    """The bridge behind a port, and how many requests went the short way."""

    def __init__(self, book: Playbook) -> None:
        self.book = book
        self.short_count = 0
        self.url = ""

    def handle_exchange(self, exchange: Exchange) -> bool:
        is_handled = self.book.bridge.short(exchange)
        self.short_count += is_handled
        return is_handled


@asynccontextmanager
async def counting_server(
    access: AccessPolicy | None = None,
) -> AsyncIterator[tuple[CountingServer, httpx.AsyncClient]]:
    async with playing(access=access) as book:
        server = CountingServer(book)
        listener = bind("127.0.0.1", 0)
        server.url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v2"
        async with (
            serve_http(book.bridge.app, listener, short=server.handle_exchange),
            httpx.AsyncClient(base_url=server.url) as http,
        ):
            assert (await http.get("/me", auth=("agent15000", "demo"))).status_code == 200
            yield server, http


async def answers(http: httpx.AsyncClient, path: str, **what: Any) -> list[tuple[int, Any, str]]:
    """Post the same the short way and the long one."""
    both = [await http.post(path, headers=headers, **what) for headers in ({}, LONG)]
    return [(one.status_code, one.json(), one.headers["content-type"]) for one in both]


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/me", {"json": {"operationName": "StartContactCenterSession", "channels": ["voice"]}}),
        ("/me", {"json": {"operationName": "Fly"}}),
        ("/me", {"content": b"{"}),
        ("/me/calls/nowhere", {"json": {"operationName": "Answer"}}),
        (f"/me/devices/{DEVICE_15000}/calls", {"json": {"operationName": "Dial"}}),
        ("/notifications", {"json": []}),
        ("/notifications", {"json": [{"channel": "/meta/connect", "clientId": "x", "id": "1"}]}),
        ("/notifications", {"json": [{"channel": "/meta/subscribe", "clientId": "x", "id": "1"}]}),
        ("/nowhere", {"json": {}}),
        ("/users", {"json": {}}),
    ],
)
def test_an_answer_is_the_same_whichever_way_its_request_goes(path: str, what: dict[str, Any]) -> None:
    async def ladder() -> None:
        async with counting_server() as (_, http):
            short, long = await answers(http, path, **what)
            assert short == long

    run(ladder())


def test_operations_and_polls_of_programs_go_the_short_way() -> None:
    async def ladder() -> None:
        async with counting_server() as (server, http):
            book = server.book

            async def cometd(**message: Any) -> Any:
                answer = await http.post("/notifications", json=[message])
                assert answer.status_code == 200
                return answer.json()

            shake = {"version": "1.0", "supportedConnectionTypes": ["long-polling"]}
            client = (await cometd(channel="/meta/handshake", **shake))[0]["clientId"]
            assert server.short_count == 0  # a handshake is not for the short way
            await cometd(channel="/meta/subscribe", subscription="/v2/me/*", clientId=client)
            connect = {"channel": "/meta/connect", "connectionType": "long-polling", "clientId": client}
            await cometd(**connect)
            poll = asyncio.create_task(cometd(**connect))
            start = {"operationName": "StartContactCenterSession", "channels": ["voice"]}
            assert (await http.post("/me", json=start)).json() == {"statusCode": 0}
            book.tserver.registers()
            book.tserver.logs_in()
            event, *_, reply = await poll
            assert event["data"]["messageType"] == "DeviceStateChangeMessage"
            assert reply["successful"]
            assert server.short_count == 4
            dial = {"operationName": "Dial", "destination": {"phoneNumber": "15001"}}
            assert (await http.post(f"/me/devices/{DEVICE_15000}/calls", json=dial)).json() == {
                "statusCode": 0
            }
            assert isinstance(book.tserver.gets()[-1], t.RequestMakeCall)
            assert server.short_count == 5

    run(ladder())


@pytest.mark.parametrize(
    ("access", "headers", "status"),
    [
        (None, {"Cookie": "JSESSIONID=nobody's"}, 403),
        (None, {"Cookie": ""}, 403),
        (None, {"Authorization": "Basic bm9ib2R5Om5vdGhpbmc="}, 403),
        (AccessPolicy(csrf=True), {}, 403),
        (AccessPolicy(allowed_origins=("https://desk.example",)), {}, 200),
    ],
)
def test_who_brings_more_or_less_than_a_session_is_asked_at_the_door(
    access: AccessPolicy | None, headers: dict[str, str], status: int
) -> None:
    async def ladder() -> None:
        async with counting_server(access) as (server, http):
            start = {"operationName": "StartContactCenterSession", "channels": ["voice"]}
            if "Cookie" in headers:
                http.cookies.clear()
            answer = await http.post("/me", json=start, headers=headers)
            assert (answer.status_code, server.short_count) == (status, 0)

    run(ladder())
