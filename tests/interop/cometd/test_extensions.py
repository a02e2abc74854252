"""What the CometD client of npm adds to the protocol by extensions, old and new, over both transports."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.bayeux import Application
from bridge.runtime.loop import bind, serve_http
from bridge.runtime.loopclock import LoopClock
from tests.interop.cometd.client import BACKOFF, LIBRARIES, cometd
from tests.loop import run
from tests.needs import Node

pytestmark = [
    pytest.mark.needs("node"),
    pytest.mark.parametrize("library", LIBRARIES),
    pytest.mark.parametrize("way", ["long-polling", "websocket"]),
]


class Ahead(LoopClock):
    """A clock that is an hour ahead."""

    def now(self) -> float:
        return super().now() + 3_600


class Line:
    """The line to an application; it can be cut when the next event is on its way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.cuts = 0
        self.was_cut = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_cut = False

        async def perhaps(message: Message) -> None:
            nonlocal is_cut
            text = message.get("body") or message.get("text") or b""
            if self.cuts and (b'"data"' if isinstance(text, bytes) else '"data"') in text:
                self.cuts -= 1
                self.was_cut.set()
                is_cut = True
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": 1011})
            elif not is_cut:
                await send(message)

        await self._app(scope, receive, perhaps)


@asynccontextmanager
async def serve(**named: Any) -> AsyncIterator[tuple[Application, Line, str]]:
    app = Application({"transports": "websocket,long-polling"}, **named)
    line = Line(Starlette(routes=app.routes()))
    listener = bind("127.0.0.1", 0)
    async with serve_http(line, listener):
        try:
            yield app, line, f"http://127.0.0.1:{listener.getsockname()[1]}/cometd"
        finally:
            app.close()


def test_events_over_the_transport_that_was_chosen(node: Node, library: str, way: str) -> None:
    async def ladder() -> None:
        async with (
            serve() as (app, _, url),
            cometd(node, url, {}, library=library, transports=[way]) as ann,
        ):
            assert (await ann.handshakes())["supportedConnectionTypes"] == ["websocket", "long-polling"]
            assert (await ann.subscribes("/a/*"))["successful"]
            for number in (1, 2, 3):
                assert app.publish("/a/b", number) == 1
            assert [(await ann.event())["data"] for _ in range(3)] == [1, 2, 3]
            ann.does("publish", channel="/a/c", data={"own": True})
            assert (await ann.event())["data"] == {"own": True}
            assert (await ann.disconnects())["successful"]
            assert len(app) == 0
            assert await ann.ends() == []

    run(ladder())


def test_with_ack_nothing_is_lost_or_doubled_when_the_line_is_cut(node: Node, library: str, way: str) -> None:
    async def ladder() -> None:
        async with (
            serve() as (app, line, url),
            cometd(node, url, {}, library=library, transports=[way], extensions=["Ack"], **BACKOFF) as ann,
        ):
            assert (await ann.handshakes())["ext"]["ack"] is True
            await ann.subscribes("/a")
            app.publish("/a", 1)
            assert (await ann.event())["data"] == 1
            line.cuts = 1
            app.publish("/a", 2)
            await line.was_cut.wait()
            app.publish("/a", 3)
            assert [(await ann.event())["data"] for _ in range(2)] == [2, 3]
            app.publish("/a", 4)
            assert (await ann.event())["data"] == 4
            assert len(app) == 1
            await ann.disconnects()
            assert await ann.ends() == []

    run(ladder())


def test_a_page_that_is_loaded_again_goes_on_with_its_session(node: Node, library: str, way: str) -> None:
    async def ladder() -> None:
        async with (
            serve() as (app, _, url),
            cometd(node, url, {}, library=library, transports=[way], extensions=["Reload"]) as ann,
        ):
            first = await ann.handshakes()
            await ann.subscribes("/a")
            app.publish("/a", 1)
            assert (await ann.event())["data"] == 1
            again = await ann.reloads()
            assert (again["clientId"], again["ext"]["reload"]) == (first["clientId"], True)
            assert (await ann.receives("/meta/subscribe"))["successful"]
            assert app.publish("/a", 2) == 1
            assert (await ann.event())["data"] == 2
            assert len(app) == 1
            await ann.disconnects()
            assert await ann.ends() == []

    run(ladder())


def test_a_client_learns_the_time_of_the_server(node: Node, library: str, way: str) -> None:
    async def ladder() -> None:
        async with (
            serve(clock=Ahead()) as (_, _, url),
            cometd(node, url, {}, library=library, transports=[way], extensions=["TimeSync"]) as ann,
        ):
            await ann.handshakes()
            assert await ann.clock_offset() == pytest.approx(3_600, abs=60)

    run(ladder())
