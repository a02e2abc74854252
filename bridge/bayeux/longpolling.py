"""The transport every client knows: requests are POSTs, and a connect is a POST answered late.

A plain ASGI callable. A poll costs no task of its own and no framework's request object.
"""

import asyncio
from collections.abc import Callable

import msgspec
from starlette.types import Receive, Scope, Send

from bridge.bayeux.core import Server
from bridge.bayeux.messages import MalformedRequestError, decode
from bridge.bayeux.session import Hold
from bridge.bayeux.waits import Waits
from bridge.runtime.clock import Clock, Timer

_TYPE = (b"content-type", b"application/json;charset=UTF-8")
_NOT_CACHED = (b"cache-control", b"no-cache")


class LongPolling:
    """Serves `{url}`, `{url}/` and `{url}/{anything}`: clients append verbs or a slash as they like.

    Args:
        server: the rules and the sessions.
        clock: the time, for holding connects and for sweeping.
        identify: reads the user that an outer layer authenticated from the ASGI scope.

    """

    def __init__(self, server: Server, clock: Clock, identify: Callable[[Scope], str]) -> None:
        self._server = server
        self._clock = clock
        self._identify = identify
        self._waits = Waits(clock)
        self._sweeper: Timer | None = None
        self._closed = False

    def close(self) -> None:
        """End all sessions and answer every held connect at once; what comes after that gets a 503."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._waits.close()
        self._server.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "websocket":  # refused before it opens: clients then fall back to polling
            await send({"type": "websocket.close", "code": 1000})
        elif scope["method"] != "POST":
            await _fail(send, 400, "Bayeux messages are sent with POST")
        else:
            await self._serve(self._identify(scope), receive, send)

    async def _serve(self, user: str, receive: Receive, send: Send) -> None:
        longest = self._server.options.max_message_size
        body = await _read(receive, longest)
        if body is None:
            return
        if self._closed:
            await _fail(send, 503, "the server is stopping")
            return
        if len(body) > longest:
            await _fail(send, 413, f"the body is longer than {longest} bytes")
            return
        try:
            requests = decode(body)
        except MalformedRequestError as error:
            await _fail(send, 400, str(error))
            return
        outcome = self._server.receive(user, requests, self._clock.now())
        self._sweep_later()
        if isinstance(outcome, bytes):
            await _answer(send, 200, outcome)
        elif await self._released(outcome, receive):
            answer = self._server.finish(outcome, self._clock.now())
            # Not a Bayeux message: it could get lost on its way, and events with it (CometD server source).
            await (_answer(send, 408, b"") if answer is None else _answer(send, 200, answer))

    async def _released(self, hold: Hold, receive: Receive) -> bool:
        """Wait until the hold is released; False: its client went away before, and the hold is cancelled.

        The wait is for the client to go. The release interrupts it as a cancellation would, which spares
        the second task that waiting for two things takes otherwise. The task goes on a turn of the loop
        later, so events of one turn share one answer.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (an ASGI server runs each request as one)
        hold.wake = task.cancel
        self._waits.begin(hold)
        released = False
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not hold.released or task.uncancel():  # somebody else cancelled the task
                raise
            released = True
        finally:
            self._waits.end(hold)
            if not released:
                self._server.cancel(hold, self._clock.now())
        return released

    def _sweep_later(self) -> None:
        """See to it that sessions are swept for as long as there are any."""
        if self._sweeper is None and len(self._server):
            when = self._clock.now() + self._server.options.sweep_period / 1000
            self._sweeper = self._clock.call_at(when, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        self._server.sweep(self._clock.now())
        self._sweep_later()


async def _read(receive: Receive, longest: int) -> bytes | None:
    """Read the body, and not much more of it than `longest` bytes; None: the client has gone."""
    body = b""
    while len(body) <= longest:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


async def _fail(send: Send, status: int, text: str) -> None:
    await _answer(send, status, msgspec.json.encode({"error": text}))


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [_TYPE, _NOT_CACHED, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
