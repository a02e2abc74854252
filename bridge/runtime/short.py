"""A short way through uvicorn, for requests that are answered without waiting, or later by somebody's call.

ASGI takes a task, an event and half a dozen coroutines for each request, and keeps them for as long as a
poll is held: half of all that a poll costs. So a `ShortHandler` is asked first, when a request has come
whole. What it leaves goes to the ASGI application as if nothing had been.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, cast

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from bridge.runtime.http import BoundedHttpProtocol

MAX_BODY_BYTES: Final = 64 * 1024
"""The longest body that goes the short way."""

_log = logging.getLogger(__name__)


class Exchange:
    """A request that has come whole, and the way to answer it.

    uvicorn takes it for one of its own cycles, of which it needs what stands first here.

    Attributes:
        scope: what ASGI says of the request.
        body: its body.
        is_disconnected: whether the client has gone; an answer then goes nowhere.
        on_disconnect: is called when it goes before it has its answer.

    """

    __slots__ = (
        "_protocol",
        "body",
        "disconnected",
        "keep_alive",
        "more_body",
        "on_disconnect",
        "response_complete",
        "scope",
    )

    def __init__(self, protocol: "ShortHttpProtocol", scope: dict[str, Any]) -> None:
        self._protocol = protocol
        self.scope = scope
        self.body = b""
        self.more_body = True
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False
        self.on_disconnect: Callable[[], object] = _do_nothing

    @property
    def is_disconnected(self) -> bool:
        """Whether an answer would go nowhere."""
        return self.disconnected

    def answer(self, status: int, headers: bytes, body: bytes) -> None:
        """Answer; `headers` are whole lines, and say nothing of the body's length."""
        if not self.disconnected and not self.response_complete:
            self.response_complete = True
            self.on_disconnect = _do_nothing  # or it and whoever minds would keep each other
            self._protocol.write_response(status, headers, body, keep_alive=self.keep_alive)

    # what uvicorn asks of a cycle

    @property
    def message_event(self) -> "Exchange":
        """What is set when something has come, or nothing will come any more."""
        return self

    def set(self) -> None:
        """Pass it over: the protocol knows by itself."""

    # for handlers that read as ASGI lets them

    async def receive(self) -> Message:
        """Give the body, which is here."""
        return {"type": "http.request", "body": self.body, "more_body": False}


def _do_nothing() -> None:
    pass


ShortHandler = Callable[[Exchange], bool]
"""Takes a POST, and says whether it does; it answers now or later, and must not wait."""


class ShortHttpProtocol(BoundedHttpProtocol):
    """HTTP that asks a `ShortHandler` about each plain POST."""

    def __init__(self, *args: Any, short: ShortHandler | None = None, **named: Any) -> None:  # noqa: ANN401 (uvicorn's)
        super().__init__(*args, **named)
        self._short = short
        self._open_exchange: Exchange | None = None
        self._idle_since = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None

    def on_headers_complete(self) -> None:
        """Begin with a request: it may go the short way if it is plain and no other is under way."""
        if self._short is None or not self._is_plain():
            super().on_headers_complete()
            return
        path = self.url.decode("ascii")
        scope = cast("dict[str, Any]", self.scope)
        scope.update(method="POST", path=path, raw_path=self.url, query_string=b"")
        self._open_exchange = Exchange(self, scope)
        self.cycle = cast("RequestResponseCycle", self._open_exchange)

    def _is_plain(self) -> bool:
        parser = self.parser
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        return (
            (cycle is None or cycle.response_complete)
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and not self.expect_100_continue
            and not self.flow.write_paused
            and not self.root_path
            and self.url.startswith(b"/")
            and b"%" not in self.url
            and b"?" not in self.url
            and b"#" not in self.url
        )

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body; one that is too long for the short way goes the long one."""
        super().on_body(body)
        exchange = self._open_exchange
        if exchange is not None and exchange is self._current_cycle() and len(exchange.body) > MAX_BODY_BYTES:
            self._pass_to_asgi(exchange)

    def on_message_complete(self) -> None:
        """Ask about a request that is whole."""
        exchange = self._open_exchange
        if exchange is None or exchange is not self._current_cycle() or exchange.response_complete:
            super().on_message_complete()
            return
        exchange.more_body = False
        try:
            is_handled = self._short is not None and self._short(exchange)
        except Exception:  # noqa: BLE001 (whatever it was, the client gets its answer)
            _log.exception("a request could not be served")
            exchange.answer(500, b"content-type: text/plain; charset=utf-8\r\n", b"Internal Server Error")
            return
        if not is_handled:
            self._pass_to_asgi(exchange)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever is to answer that nobody waits any more."""
        exchange, self._open_exchange = self._open_exchange, None
        super().connection_lost(exc)
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        if exchange is not None and not exchange.response_complete:
            exchange.disconnected = True
            exchange.on_disconnect()
            exchange.on_disconnect = _do_nothing

    def write_response(self, status: int, headers: bytes, body: bytes, *, keep_alive: bool) -> None:
        """Write the answer of the exchange that is open, in one piece."""
        self._open_exchange = None
        always = b"".join([b"%b: %b\r\n" % header for header in self.server_state.default_headers])
        ending = b"" if keep_alive else b"connection: close\r\n"
        self.transport.write(
            b"%b%b%b%bcontent-length: %d\r\n\r\n%b"
            % (STATUS_LINE[status], always, headers, ending, len(body), body)
        )
        if not keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        """Go on to the next request, or wait for it; uvicorn would set a timer and stop it for each."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._check_idle)

    def _check_idle(self) -> None:
        """Close the connection if it has been idle for long enough; else look again when it may have been."""
        self._idle_timer = None
        if not self.cycle.response_complete:  # the end of that is going to begin anew
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle_timer = self.loop.call_later(left, self._check_idle)
        else:
            self.timeout_keep_alive_handler()

    def _current_cycle(self) -> object:
        return self.cycle

    def _pass_to_asgi(self, exchange: Exchange) -> None:
        """Let the ASGI application serve a request after all, with what has come of it."""
        self._open_exchange = None
        cycle = RequestResponseCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=exchange.keep_alive,
            on_response=self.on_response_complete,
        )
        cycle.body = bytearray(exchange.body)
        cycle.more_body = exchange.more_body
        cycle.message_event.set()
        self.cycle = cycle
        self._start_asgi_task(cycle, self.app)
