"""The short way (see `bridge.runtime.http.short`) on uvicorn's httptools protocol.

What this needs of uvicorn is not public: `bridge.runtime.http.uvicorn_support` checks that it is there.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from bridge.runtime.http.bounded_protocol import BoundedHttpProtocol
from bridge.runtime.http.short import ShortHandler

MAX_BODY_BYTES: Final = 64 * 1024
"""The longest body that goes the short way."""

_log = logging.getLogger(__name__)


def _do_nothing() -> None:
    pass


class UvicornExchange:
    """An `Exchange`. uvicorn uses it as one of its own request cycles until it is answered."""

    __slots__ = (
        "_protocol",
        "body",
        "disconnected",
        "extra_headers",
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
        self.extra_headers = b""
        self.more_body = True
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False
        self.on_disconnect: Callable[[], object] = _do_nothing

    @property
    def is_disconnected(self) -> bool:
        """Whether the client has disconnected, so that an answer would be lost."""
        return self.disconnected

    def answer(self, status: int, headers: bytes, body: bytes) -> None:
        """Send the answer, unless there was one already or the client disconnected."""
        if not self.disconnected and not self.response_complete:
            self.response_complete = True
            self.on_disconnect = _do_nothing  # else this and the owner of the callback keep each other alive
            self._protocol.write_response(
                status, headers + self.extra_headers, body, keep_alive=self.keep_alive
            )

    # The rest is what uvicorn calls on a cycle.

    @property
    def message_event(self) -> "UvicornExchange":
        """The event that uvicorn sets when a part of the body has come, and when the client disconnects."""
        return self

    def set(self) -> None:
        """Ignore the event: no task waits for it, because the protocol asks the handler itself."""


class ShortHttpProtocol(BoundedHttpProtocol):
    """HTTP that asks a `ShortHandler` about each plain POST."""

    def __init__(self, *args: Any, short: ShortHandler, **named: Any) -> None:  # noqa: ANN401 (uvicorn's)
        super().__init__(*args, **named)
        self._short = short
        self._open_exchange: UvicornExchange | None = None
        self._idle_since = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None

    def on_headers_complete(self) -> None:
        """Open an exchange if the request is plain and no other is under way; else leave it to uvicorn."""
        self._is_head_complete = True
        if not self._is_plain():
            super().on_headers_complete()
            return
        path = self.url.decode("ascii")
        scope = cast("dict[str, Any]", self.scope)
        scope.update(method="POST", path=path, raw_path=self.url, query_string=b"")
        self._open_exchange = UvicornExchange(self, scope)
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
        """Add a piece of the body; one that becomes too long for the short way goes by ASGI."""
        super().on_body(body)
        exchange = self._open_exchange
        if exchange is not None and exchange is self._current_cycle() and len(exchange.body) > MAX_BODY_BYTES:
            self._pass_to_asgi(exchange)

    def on_message_complete(self) -> None:
        """Ask the handler about a request that has come whole."""
        exchange = self._open_exchange
        if exchange is None or exchange is not self._current_cycle() or exchange.response_complete:
            super().on_message_complete()
            return
        exchange.more_body = False
        try:
            is_handled = self._short(exchange)
        except Exception:  # noqa: BLE001 (any fault of a handler: it is logged, and the client gets an answer)
            _log.exception("a request could not be served")
            exchange.answer(
                500,
                b"content-type: application/json\r\n",
                b'{"statusCode":4,"statusMessage":"Internal error"}',
            )
            return
        if not is_handled:
            self._pass_to_asgi(exchange)

    def connection_lost(self, exc: Exception | None) -> None:
        """Notify the pending exchange that the client disconnected."""
        exchange, self._open_exchange = self._open_exchange, None
        super().connection_lost(exc)
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        if exchange is not None and not exchange.response_complete:
            exchange.disconnected = True
            exchange.on_disconnect()
            exchange.on_disconnect = _do_nothing

    def write_response(self, status: int, headers: bytes, body: bytes, *, keep_alive: bool) -> None:
        """Write the answer of the open exchange, in one piece."""
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
        """Start the next request that waits, or wait for one.

        uvicorn sets and cancels a timer for each answer here. One timer that is looked at again when it is
        due costs less.
        """
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._create_asgi_task(*self.pipeline.pop())
            return
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._check_idle)

    def _check_idle(self) -> None:
        """Close the connection if it has been idle for long enough; else set the timer again."""
        self._idle_timer = None
        if not self.cycle.response_complete:  # its answer sets the timer anew
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle_timer = self.loop.call_later(left, self._check_idle)
        else:
            self.timeout_keep_alive_handler()

    def _current_cycle(self) -> object:
        return self.cycle

    def _pass_to_asgi(self, exchange: UvicornExchange) -> None:
        """Serve a request by ASGI after all, with the part of its body that has come."""
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
        cycle.body += exchange.body  # bytes in some versions of uvicorn, a bytearray in others
        cycle.more_body = exchange.more_body
        cycle.message_event.set()
        self.cycle = cycle
        self._create_asgi_task(cycle, self.app)

    def _create_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 (uvicorn's)
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)
