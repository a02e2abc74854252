"""The endpoint, driven as an ASGI server drives it, with the clock held."""

import asyncio
import itertools
import json
from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Scope
from starlette.types import Message as ASGIMessage

from bridge.bayeux import CometdEndpoint, Options, Server
from bridge.runtime.clock import HeldClock
from tests.bayeux.core_driver import HANDSHAKE, Message, RefusingPolicy, connect, subscribe


class Answer(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HttpRequest:
    """One HTTP request and what became of it."""

    def __init__(self, app: ASGIApp, scope: Scope, *chunks: bytes) -> None:
        self._chunks = list(chunks)
        self._held = asyncio.Event()
        self._gone = asyncio.Event()
        self._sent: list[ASGIMessage] = []
        self.task = asyncio.create_task(self._run(app, scope))

    async def _run(self, app: ASGIApp, scope: Scope) -> None:
        await app(scope, self._receive, self._send)

    async def _receive(self) -> ASGIMessage:
        if self._chunks:
            body = self._chunks.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(self._chunks)}
        self._held.set()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: ASGIMessage) -> None:
        self._sent.append(message)

    async def held(self) -> "HttpRequest":
        """Wait until the request is held."""
        await self._held.wait()
        return self

    async def abort(self) -> None:
        """The client closes the connection; it must get no answer."""
        self._gone.set()
        await self.task
        assert self._sent == []

    async def answer(self) -> Answer:
        await self.task
        start, body = self._sent
        assert (start["type"], body["type"]) == ("http.response.start", "http.response.body")
        headers = dict(start["headers"])
        assert headers[b"content-length"] == b"%d" % len(body["body"])
        return Answer(start["status"], headers, body["body"])


class EndpointDriver:
    """A server behind the transport, and the requests of its users."""

    def __init__(self, options: Options | None = None, **how: Any) -> None:
        numbers = itertools.count(1)
        self.clock = HeldClock()
        self.server = Server(RefusingPolicy(), lambda: f"s{next(numbers)}", options, now=self.clock.now)
        self.app = CometdEndpoint(self.server, self.clock, lambda scope: scope["user"], **how)

    def raw(
        self,
        *chunks: bytes,
        method: str = "POST",
        user: str | None = "ann",
        headers: Mapping[str, str] | None = None,
        **scope: object,
    ) -> HttpRequest:
        """Send a request as it is; without a user it is an unknown browser's."""
        fields = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        return HttpRequest(
            self.app, {"type": "http", "method": method, "user": user, "headers": fields, **scope}, *chunks
        )

    def posts(self, *messages: Message, user: str = "ann") -> HttpRequest:
        return self.raw(json.dumps(messages).encode(), user=user)

    async def request(self, *messages: Message, user: str = "ann") -> Any:
        answer = await self.posts(*messages, user=user).answer()
        assert answer.status == 200
        return answer.json

    async def open_session(self, user: str = "ann") -> str:
        session: str = (await self.request(HANDSHAKE, user=user))[0]["clientId"]
        await self.request(subscribe(session, "/**"), user=user)
        await self.request(connect(session), user=user)
        return session

    async def request_held(self, session: str, user: str = "ann") -> HttpRequest:
        return await self.posts(connect(session), user=user).held()


def on_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on a loop of its own, which also shows that nothing is left running on it."""

    @wraps(test)
    def run(*arguments: object, **named: object) -> None:
        async def alone() -> None:
            await test(*arguments, **named)
            assert asyncio.all_tasks() == {asyncio.current_task()}

        asyncio.run(alone())

    return run
