"""The CometD client of npm, old and new, against the server over real HTTP."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from starlette.routing import Mount, Route, Router, WebSocketRoute
from starlette.types import Receive, Scope, Send

from bridge.bayeux import AllowAll, CometdEndpoint, Context, Server, Session, Verdict
from bridge.runtime.loop import bind, serve_http
from bridge.runtime.loopclock import LoopClock
from tests.interop.cometd.client import BACKOFF, LIBRARIES, basic, cometd
from tests.loop import run
from tests.needs import Node

pytestmark = [pytest.mark.needs("node"), pytest.mark.parametrize("library", LIBRARIES)]

OFFERED = ["long-polling", "callback-polling"]


class ReadOnly(AllowAll):
    """A policy that allows all but publishing."""

    def can_publish(self, context: Context, session: Session, channel: str) -> Verdict:
        return f"{context.user} only reads {channel}" if session.user == context.user else False


class Site:
    """A server for users that name themselves with HTTP Basic authentication."""

    def __init__(self) -> None:
        self.server = Server(ReadOnly(), lambda: secrets.token_hex(20))
        clock = LoopClock(asyncio.get_running_loop())
        self.cometd = CometdEndpoint(self.server, clock, lambda scope: str(scope["user"]))
        self.asked: set[str] = set()
        served = (kind("/notifications", self.cometd) for kind in (Route, WebSocketRoute, Mount))
        self._router = Router([*served])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = dict(scope.get("headers", ())).get(b"authorization", b"").removeprefix(b"Basic ")
        self.asked.add(scope["type"])
        scope["user"] = base64.b64decode(token).decode().partition(":")[0]
        await self._router(scope, receive, send)

    def deliver(self, user: str, channel: str, data: object) -> int:
        return self.server.deliver(user, channel, json.dumps(data).encode())


@asynccontextmanager
async def serve(port: int = 0) -> AsyncIterator[tuple[Site, str, int]]:
    site = Site()
    listener = bind("127.0.0.1", port)
    port_in_use: int = listener.getsockname()[1]
    async with serve_http(site, listener):
        try:
            yield site, f"http://127.0.0.1:{port_in_use}/notifications", port_in_use
        finally:
            site.cometd.close()


def event(channel: str, data: object) -> dict[str, object]:
    return {"channel": channel, "data": data}


def test_a_client_subscribes_gets_events_in_order_and_disconnects(node: Node, library: str) -> None:
    async def ladder() -> None:
        async with (
            serve() as (site, url, _),
            cometd(node, url, basic("ann", "demo"), library=library) as desktop,
        ):
            assert (await desktop.handshakes())["supportedConnectionTypes"] == OFFERED
            assert (await desktop.subscribes("/v2/me/*"))["successful"]
            for number in (1, 2, 3):
                assert site.deliver("ann", "/v2/me/calls", {"n": number}) == 1
            assert [await desktop.event() for _ in range(3)] == [
                event("/v2/me/calls", {"n": number}) for number in (1, 2, 3)
            ]
            assert site.deliver("ann", "/v2/other", {}) == 0
            assert (await desktop.disconnects())["successful"]
            assert len(site.server) == 0
            assert await desktop.ends() == []

    run(ladder())


def test_two_users_see_only_their_own_events(node: Node, library: str) -> None:
    async def ladder() -> None:
        async with (
            serve() as (site, url, _),
            cometd(node, url, basic("ann", "demo"), library=library) as ann,
            cometd(node, url, basic("bob", "demo"), library=library) as bob,
        ):
            for desktop in (ann, bob):
                await desktop.handshakes()
                assert (await desktop.subscribes("/**"))["successful"]
            for user in ("ann", "bob", "ann", "bob"):
                assert site.deliver(user, "/v2/me/calls", {"whose": user}) == 1
            for desktop, user in ((ann, "ann"), (bob, "bob")):
                for _ in range(2):
                    assert await desktop.event() == event("/v2/me/calls", {"whose": user})
                await desktop.disconnects()
                assert await desktop.ends() == []

    run(ladder())


def test_a_client_comes_back_by_itself_when_the_server_has_forgotten_it(node: Node, library: str) -> None:
    async def ladder() -> None:
        async with (
            serve() as (site, url, _),
            cometd(node, url, basic("ann", "demo"), library=library) as desktop,
        ):
            first = await desktop.handshakes()
            await desktop.subscribes("/v2/me/*")
            site.server.close()
            assert (await desktop.receives("/meta/connect"))["error"] == "402::session_unknown"
            second = await desktop.is_connected()
            assert second["reestablish"]
            assert second["clientId"] != first["clientId"]
            assert (await desktop.receives("/meta/subscribe"))["successful"]
            assert site.deliver("ann", "/v2/me/calls", {"n": 1}) == 1
            assert await desktop.event() == event("/v2/me/calls", {"n": 1})

    run(ladder())


def test_a_client_comes_back_by_itself_when_the_server_was_restarted(node: Node, library: str) -> None:
    async def ladder() -> None:
        async with AsyncExitStack() as first_life:
            _, url, port = await first_life.enter_async_context(serve())
            async with cometd(node, url, basic("ann", "demo"), library=library, **BACKOFF) as desktop:
                await desktop.handshakes()
                await desktop.subscribes("/v2/me/*")
                await first_life.aclose()
                async with serve(port) as (site, _, _):
                    while not (await desktop.receives("/meta/handshake"))["successful"]:
                        pass  # it tried while nobody listened
                    assert (await desktop.receives("/meta/subscribe"))["successful"]
                    assert site.deliver("ann", "/v2/me/calls", {"n": 1}) == 1
                    assert await desktop.event() == event("/v2/me/calls", {"n": 1})

    run(ladder())


def test_a_client_that_prefers_web_sockets_falls_back_to_polling(node: Node, library: str) -> None:
    async def ladder() -> None:
        both = ["websocket", "long-polling"]
        async with (
            serve() as (site, url, _),
            cometd(node, url, basic("ann", "demo"), library=library, transports=both, **BACKOFF) as desktop,
        ):
            await desktop.handshakes()
            assert "websocket" in site.asked  # the upgrade that was refused
            await desktop.subscribes("/**")
            site.deliver("ann", "/v2/me/calls", {"n": 1})
            assert await desktop.event() == event("/v2/me/calls", {"n": 1})

    run(ladder())


def test_a_client_is_told_why_it_may_not_publish_and_goes_on(node: Node, library: str) -> None:
    async def ladder() -> None:
        async with (
            serve() as (site, url, _),
            cometd(node, url, basic("ann", "demo"), library=library) as desktop,
        ):
            await desktop.handshakes()
            await desktop.subscribes("/**")
            desktop.does("publish", channel="/v2/me/calls", data={"n": 1})
            refusal = await desktop.receives("/v2/me/calls")
            assert refusal["error"] == "403:ann only reads /v2/me/calls:publish_denied"
            site.deliver("ann", "/v2/me/calls", {"n": 2})
            assert await desktop.event() == event("/v2/me/calls", {"n": 2})

    run(ladder())
