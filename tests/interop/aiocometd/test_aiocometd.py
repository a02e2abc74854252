"""Python's `aiocometd-ng` against the server over real sockets.

It handshakes by long-polling and then moves to a WebSocket if it may; it takes no cookies from an address
without a name, so the server trusts the sessions' ids here.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiocometd_ng.client import Client
from aiocometd_ng.constants import ConnectionType
from aiocometd_ng.exceptions import ServerError
from aiocometd_ng.transports.base import TransportBase
from starlette.applications import Starlette

from bridge.bayeux import AllowAll, Application, Context, Session, Verdict
from bridge.runtime.clock import HeldClock
from bridge.runtime.loop import bind, serve_http
from tests.loop import run
from tests.processes import program

# The library opens its socket with an argument that aiohttp is about to give up.
pytestmark = pytest.mark.filterwarnings("ignore:float parameter 'receive_timeout':DeprecationWarning")

BOTH = pytest.mark.parametrize("way", [ConnectionType.LONG_POLLING, ConnectionType.WEBSOCKET])
OPTIONS = {"transports": "websocket,long-polling", "trustClientSession": True}


class NoNews(AllowAll):
    """Refuses one channel to publish on, and tells when somebody subscribes."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    def can_subscribe(self, context: Context, session: Session, channel: str) -> Verdict:
        self.asked.set()
        return super().can_subscribe(context, session, channel)

    def can_publish(self, context: Context, session: Session, channel: str) -> Verdict:
        return super().can_publish(context, session, channel) if channel != "/news" else "not yours"


@asynccontextmanager
async def serve(port: int = 0, policy: NoNews | None = None) -> AsyncIterator[tuple[Application, str]]:
    """Serve with a clock that stands still: what is held stays held until something happens."""
    app = Application(OPTIONS, policy=policy or NoNews(), clock=HeldClock())
    listener = bind("127.0.0.1", port)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/cometd"
    async with serve_http(Starlette(routes=app.routes()), listener):
        try:
            yield app, url
        finally:
            app.close()


def client(url: str, way: ConnectionType) -> Client:
    # With a time-out it would wait for connections with an argument that asyncio no longer has.
    return Client(url, way, connection_timeout=0, ssl=True)


@BOTH
def test_its_connect_comes_back_at_once(way: ConnectionType) -> None:
    async def scene() -> None:
        async with serve() as (app, url):
            one = client(url, way)
            await one.open()  # with the clock held, a first connect that is held would never come back
            assert (one.closed, one.connection_type, len(app)) == (False, way, 1)
            await one.close()
            assert len(app) == 0

    run(scene())


@BOTH
def test_it_subscribes_receives_publishes_and_unsubscribes(way: ConnectionType) -> None:
    async def scene() -> None:
        async with serve() as (app, url), client(url, way) as ann, client(url, way) as bob:
            for one in (ann, bob):
                await one.subscribe("/chat/*")
                assert one.subscriptions == {"/chat/*"}
            for number in range(3):
                assert app.publish("/chat/demo", {"n": number}) == 2
            for one in (ann, bob):
                for number in range(3):
                    assert await one.receive() == {"channel": "/chat/demo", "data": {"n": number}}
            assert (await ann.publish("/chat/demo", {"from": "ann"}))["successful"]
            for one in (ann, bob):
                assert (await one.receive())["data"] == {"from": "ann"}
            await bob.unsubscribe("/chat/*")
            assert app.publish("/chat/demo", {}) == 1
            assert bob.pending_count == 0

    run(scene())


@BOTH
def test_it_is_told_why_it_may_not_publish_and_goes_on(way: ConnectionType) -> None:
    async def scene() -> None:
        async with serve() as (app, url), client(url, way) as ann:
            await ann.subscribe("/news")
            with pytest.raises(ServerError) as refused:
                await ann.publish("/news", {})
            assert refused.value.error == "403:not yours:publish_denied"
            app.publish("/news", {"n": 1})
            assert (await ann.receive())["data"] == {"n": 1}

    run(scene())


@BOTH
def test_it_comes_back_by_itself_after_the_server_was_killed(way: ConnectionType) -> None:
    async def scene() -> None:
        flags = [f"--option={name}={str(value).lower()}" for name, value in OPTIONS.items()]
        async with program("python", "-m", "bridge.bayeux", "--port", "0", *flags) as first:
            port = (await first.prints(r"http://127\.0\.0\.1:(\d+)"))[1]
            ann = client(f"http://127.0.0.1:{port}/cometd", way)
            await ann.open()
            assert isinstance(ann._transport, TransportBase)
            ann._transport._reconnect_timeout = 0.01  # seconds, else one
            await ann.subscribe("/a")
            first.kill()
            await first.ends()
        policy = NoNews()
        async with serve(int(port), policy) as (app, _):
            await policy.asked.wait()  # it has handshaken, and subscribes anew with its connect
            assert app.publish("/a", {"n": 1}) == 1
            assert (await ann.receive())["data"] == {"n": 1}
            await ann.close()
            assert len(app) == 0

    run(scene())
