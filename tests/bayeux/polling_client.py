"""A client of long-polling that sends one request at a time, over real HTTP or in memory."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from functools import wraps
from types import TracebackType
from typing import Any, Self

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as ASGIMessage

Message = dict[str, Any]


def on_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on a loop of its own, which also shows that nothing is left running on it."""

    @wraps(test)
    def run(*arguments: object, **named: object) -> None:
        async def alone() -> None:
            await test(*arguments, **named)
            assert asyncio.all_tasks() == {asyncio.current_task()}

        asyncio.run(alone())

    return run


def in_memory(app: ASGIApp, peer: str = "127.0.0.1") -> httpx.AsyncClient:
    """Return a browser of its own, without a network between it and the application."""
    transport = httpx.ASGITransport(app, client=(peer, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://chat.example")


class HeldRequestWatcher:
    """An application that sets `held` when a request waits for its client to disconnect: when it is held."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.held = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_read = False

        async def watched() -> ASGIMessage:
            nonlocal is_read
            if is_read:
                self.held.set()
            message = await receive()
            is_read = not message.get("more_body", False)
            return message

        await self._app(scope, watched, send)


class PollingClient:
    """One session, and the browser it lives in. What it receives besides replies is kept in `events`."""

    def __init__(self, http: httpx.AsyncClient, path: str = "/cometd") -> None:
        self.http = http
        self.id = ""
        self.events: list[tuple[str, Any]] = []
        self._path = path
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> Self:
        await self.http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.__aexit__(kind, error, trace)

    async def request(self, *messages: Message) -> list[Message]:
        """Send messages in one request and return the replies to them."""
        body = [{"id": str(next(self._numbers)), "clientId": self.id, **each} for each in messages]
        answer = await self.http.post(self._path, json=body)
        assert answer.status_code == 200, answer.text
        received = answer.json()
        self.events += [(each["channel"], each["data"]) for each in received if "successful" not in each]
        return [each for each in received if "successful" in each]

    async def open_session(self, *subscriptions: str, **more: object) -> Message:
        """Handshake, subscribe, and connect for the first time; return the handshake's reply."""
        (hello,) = await self.request(
            {"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"], **more}
        )
        if hello["successful"]:
            self.id = hello["clientId"]
            for name in subscriptions:
                (reply,) = await self.request({"channel": "/meta/subscribe", "subscription": name})
                assert reply["successful"], reply
            assert (await self.connects())["successful"]
        return hello

    async def connects(self, **more: object) -> Message:
        """Send a connect and return its reply, whenever that comes."""
        (reply,) = await self.request({"channel": "/meta/connect", "connectionType": "long-polling", **more})
        return reply

    async def fetch_events(self) -> list[tuple[str, Any]]:
        """Fetch what waits, without waiting for more; return all events since this was last asked."""
        await self.connects(advice={"timeout": 0})
        events, self.events = self.events, []
        return events

    async def publishes(self, channel: str, data: object) -> Message:
        """Publish and return the reply."""
        (reply,) = await self.request({"channel": channel, "data": data})
        return reply

    async def disconnect(self) -> Message:
        """Disconnect and return the reply."""
        (reply,) = await self.request({"channel": "/meta/disconnect"})
        return reply
