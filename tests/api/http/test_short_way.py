"""The contract of the short way: a request gets the same answer there as by ASGI, from every kind of client.

Both ways run on real sockets before the same bridge, and each client has a session of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpx
import pytest

from bridge.api.security.policy import AccessPolicy
from bridge.runtime.http.short import Exchange
from bridge.runtime.loop import bind, serve_http
from bridge.tlib import messages as t
from tests.loop import run
from tests.playbook import DEVICE_15000, Playbook, playing

NO_COOKIES = DefaultCookiePolicy(allowed_domains=())
PASSWORD = ("agent15000", "demo")
ALLOWED_ORIGIN = "https://desk.example"
START_SESSION = {"operationName": "StartContactCenterSession", "channels": ["voice"]}

REQUESTS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("/me", {"json": START_SESSION}),
    ("/me/", {"json": START_SESSION}),
    ("/me", {"json": {"operationName": "Fly"}}),
    ("/me", {"content": b"{"}),
    ("/me", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}),
    ("/me/calls/nowhere", {"json": {"operationName": "Answer"}}),
    (f"/me/devices/{DEVICE_15000}/calls", {"json": {"operationName": "Dial"}}),
    ("/notifications", {"json": []}),
    ("/notifications", {"json": [{"channel": "/meta/connect", "clientId": "x", "id": "1"}]}),
    ("/notifications", {"json": [{"channel": "/meta/subscribe", "clientId": "x", "id": "1"}]}),
    ("/nowhere", {"json": {}}),
    ("/users", {"json": {}}),
)
SERVED_SHORT = 8
"""How many of the requests above the short way serves for a client that is admitted."""


@dataclass(frozen=True)
class ClientKind:
    """How a kind of client sends requests once it has its session.

    Attributes:
        access: the policy of the bridge.
        headers: what each request brings besides the cookie.
        keeps_cookie: whether it sends the cookie of its session.
        auth: the credentials of each request.
        sends_token: whether it sends the CSRF token.
        served_short: how many of `REQUESTS` the short way answers.

    """

    access: AccessPolicy = field(default_factory=AccessPolicy)
    headers: Mapping[str, str] = field(default_factory=dict)
    keeps_cookie: bool = True
    auth: tuple[str, str] | None = None
    sends_token: bool = False
    served_short: int = SERVED_SHORT


ALL_REFUSED = len(REQUESTS)
CLIENTS = {
    "a program": ClientKind(),
    "a page of the bridge's own origin": ClientKind(headers={"Origin": "http://127.0.0.1:8080"}),
    "a page of an allowed origin": ClientKind(
        AccessPolicy(allowed_origins=(ALLOWED_ORIGIN,)), {"Origin": ALLOWED_ORIGIN}
    ),
    "a page of another origin": ClientKind(
        AccessPolicy(allowed_origins=(ALLOWED_ORIGIN,)),
        {"Origin": "https://elsewhere.example"},
        served_short=ALL_REFUSED,
    ),
    "a page where all origins are allowed": ClientKind(
        AccessPolicy(allowed_origins=("*",)), {"Origin": "https://elsewhere.example"}
    ),
    "a program where origins are allowed": ClientKind(AccessPolicy(allowed_origins=(ALLOWED_ORIGIN,))),
    "a program with Basic and a cookie": ClientKind(auth=PASSWORD),
    "a program with Basic alone": ClientKind(auth=PASSWORD, keeps_cookie=False),
    "a client with a CSRF token": ClientKind(AccessPolicy(csrf=True, csrf_cometd=True), sends_token=True),
    "a client without a CSRF token": ClientKind(
        AccessPolicy(csrf=True, csrf_cometd=True), served_short=ALL_REFUSED
    ),
    "a client without a session": ClientKind(keeps_cookie=False, served_short=ALL_REFUSED),
    "a client with an unknown cookie": ClientKind(
        headers={"Cookie": "JSESSIONID=unknown"}, keeps_cookie=False, served_short=ALL_REFUSED
    ),
    "a client with a wrong password": ClientKind(auth=("agent15000", "guess"), served_short=0),
    "a client with two Origins": ClientKind(
        headers={"Origin": ALLOWED_ORIGIN, "origin": ALLOWED_ORIGIN}, served_short=ALL_REFUSED
    ),
}


class TwoWays:
    """The bridge behind two ports: one that asks the short way first, and one that serves by ASGI alone."""

    def __init__(self, book: Playbook) -> None:
        self.book = book
        self.short_count = 0
        self.short = httpx.AsyncClient()
        self.asgi = httpx.AsyncClient()

    def handle_exchange(self, exchange: Exchange) -> bool:
        is_handled = self.book.bridge.short(exchange)
        self.short_count += is_handled
        return is_handled


@asynccontextmanager
async def two_ways(kind: ClientKind) -> AsyncIterator[TwoWays]:
    """Serve both ways, each with a client that has opened its session."""
    async with playing(access=kind.access) as book:
        ways = TwoWays(book)
        ports = bind("127.0.0.1", 0), bind("127.0.0.1", 0)
        urls = [f"http://127.0.0.1:{port.getsockname()[1]}/api/v2" for port in ports]
        async with (
            serve_http(book.bridge.app, ports[0], short=ways.handle_exchange),
            serve_http(book.bridge.app, ports[1], short=None),
            httpx.AsyncClient(base_url=urls[0]) as ways.short,
            httpx.AsyncClient(base_url=urls[1]) as ways.asgi,
        ):
            for client in (ways.short, ways.asgi):
                await _open_session(client, kind)
            yield ways


async def _open_session(client: httpx.AsyncClient, kind: ClientKind) -> None:
    answer = await client.get("/me", auth=PASSWORD)
    assert answer.status_code == 200
    if not kind.keeps_cookie:
        client.cookies.clear()
        client.cookies.jar.set_policy(NO_COOKIES)
    if kind.auth is not None:
        client.auth = httpx.BasicAuth(*kind.auth)
    if kind.sends_token:
        client.headers["X-CSRF-TOKEN"] = answer.headers["x-csrf-token"]


async def _answer(client: httpx.AsyncClient, kind: ClientKind, path: str, **what: Any) -> tuple[object, ...]:
    """Return the whole answer to a request, but for what no two answers have in common."""
    headers = [*kind.headers.items(), *what.pop("headers", {}).items()]
    answer = await client.post(path, headers=headers, **what)
    lines = {(name, value.partition("=")[0]) for name, value in answer.headers.multi_items()}
    return answer.status_code, answer.content, sorted(line for line in lines if line[0] != "date")


@pytest.mark.parametrize("kind", CLIENTS.values(), ids=CLIENTS.keys())
def test_an_answer_is_the_same_whichever_way_its_request_goes(kind: ClientKind) -> None:
    async def ladder() -> None:
        async with two_ways(kind) as ways:
            for path, what in REQUESTS:
                short = await _answer(ways.short, kind, path, **what)
                assert short == await _answer(ways.asgi, kind, path, **what), path
            assert ways.short_count == kind.served_short

    run(ladder())


def test_operations_and_polls_go_the_short_way() -> None:
    async def ladder() -> None:
        async with two_ways(ClientKind()) as ways:
            book, http = ways.book, ways.short

            async def cometd(**message: Any) -> Any:
                answer = await http.post("/notifications", json=[message])
                assert answer.status_code == 200
                return answer.json()

            shake = {"version": "1.0", "supportedConnectionTypes": ["long-polling"]}
            client = (await cometd(channel="/meta/handshake", **shake))[0]["clientId"]
            assert ways.short_count == 0  # a handshake goes by ASGI
            await cometd(channel="/meta/subscribe", subscription="/v2/me/*", clientId=client)
            connect = {"channel": "/meta/connect", "connectionType": "long-polling", "clientId": client}
            await cometd(**connect)
            poll = asyncio.create_task(cometd(**connect))
            assert (await http.post("/me", json=START_SESSION)).json() == {"statusCode": 0}
            book.tserver.registers()
            book.tserver.logs_in()
            event, *_, reply = await poll
            assert event["data"]["messageType"] == "DeviceStateChangeMessage"
            assert reply["successful"]
            assert ways.short_count == 4
            dial = {"operationName": "Dial", "destination": {"phoneNumber": "15001"}}
            accepted = await http.post(f"/me/devices/{DEVICE_15000}/calls", json=dial)
            assert accepted.json() == {"statusCode": 0}
            assert isinstance(book.tserver.gets()[-1], t.RequestMakeCall)
            assert ways.short_count == 5

    run(ladder())
