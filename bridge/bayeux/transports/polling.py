"""Long-polling and callback-polling: HTTP requests, where a connect is a request answered late.

A poll costs no task of its own and no framework's request object.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from starlette.types import Receive, Scope, Send

from bridge.bayeux.core.channels import HANDSHAKE
from bridge.bayeux.core.context import Context, Transport
from bridge.bayeux.core.messages import (
    ClientMessage,
    MalformedRequestError,
    decode,
    decode_parameters,
    decode_text,
    parameters,
)
from bridge.bayeux.core.server import Server
from bridge.bayeux.core.session import HeldConnect
from bridge.bayeux.transports import http
from bridge.bayeux.transports.connect_timeouts import ConnectTimeouts
from bridge.runtime.clock import Clock
from bridge.runtime.http.short import Exchange

_FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"
_CALLBACK = re.compile(r"[A-Za-z0-9._-]+")
_LINE_ENDS = {ord("\u2028"): "\\u2028", ord("\u2029"): "\\u2029"}  # JSON allows them, old scripts do not
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_USUAL_CONTENT_TYPES = frozenset(
    b"application/json" + charset
    for charset in (b"", b";charset=UTF-8", b";charset=utf-8", b"; charset=utf-8")
)
"""The content type of nearly all clients, which is then not parsed each time."""

_RESPONSE_HEADERS = b"content-type: application/json;charset=UTF-8\r\ncache-control: no-cache\r\n"
"""The headers of `http.answer`, as they are written."""


_log = logging.getLogger(__name__)

SUPERSEDED_STATUS: Final = 500
"""The HTTP status of a connect that a newer one supersedes (CometD, `duplicateMetaConnectHttpResponseCode`).

Not 408, which says that the request may be repeated: Chromium does so, and the older connect would win.
"""


class PollingTransport:
    """Serves POST (long-polling) and GET (callback-polling).

    Args:
        server: the rules and the sessions.
        clock: the time.
        waits: ends held connects in time.

    """

    def __init__(self, server: Server, clock: Clock, waits: ConnectTimeouts) -> None:
        self._server = server
        self._clock = clock
        self._connect_timeouts = waits
        self._cookie = http.BrowserCookie(server.options, server.new_id)
        self._max_body_bytes = server.options.max_message_size
        self._pause: Callable[[], int] | None = None

    def close(self, pause: Callable[[], int]) -> None:
        """Refuse all later requests; `pause` returns how many milliseconds each client shall stay away."""
        self._pause = pause

    async def post(self, user: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve messages in the body of a request."""
        body = await http.read(receive, self._max_body_bytes)
        if body is None:
            return
        if len(body) > self._max_body_bytes:
            await http.send_error(send, 413, f"the body is longer than {self._max_body_bytes} bytes")
            return
        try:
            requests = _decode(body, http.header(scope, b"content-type"))
        except MalformedRequestError as error:
            await http.send_error(send, 400, str(error))
            return
        if self._pause is not None:
            await _send_stopping(send, self._pause())
            return
        context, more = self._request_context(Transport.LONG_POLLING, user, scope, requests)
        outcome = self._server.receive(context, requests, self._clock.now())
        answer = await self._await_release(outcome, receive) if isinstance(outcome, HeldConnect) else outcome
        if answer is not None:
            # To an older connect no Bayeux message: it could get lost with its events (CometD server source).
            await http.answer(send, 200 if answer else SUPERSEDED_STATUS, answer, http.JSON, *more)

    def handle_exchange(self, user: str | None, exchange: Exchange) -> bool:
        """Serve messages the short way, without a task; False: `post` is to serve them.

        A handshake, which may set a cookie, and unusual requests are left to `post`.
        """
        if self._pause is not None or len(exchange.body) > self._max_body_bytes:
            return False
        if http.header(exchange.scope, b"content-type") not in _USUAL_CONTENT_TYPES:
            return False
        try:
            requests = decode(exchange.body)
        except MalformedRequestError:
            return False
        if any(request.channel == HANDSHAKE for request in requests):
            return False
        context, _ = self._request_context(Transport.LONG_POLLING, user, exchange.scope, requests)
        outcome = self._server.receive(context, requests, self._clock.now())
        if isinstance(outcome, HeldConnect):
            self._hold_exchange(outcome, exchange)
        else:
            exchange.answer(200, _RESPONSE_HEADERS, outcome)
        return True

    def _hold_exchange(self, held_connect: HeldConnect, exchange: Exchange) -> None:
        """Answer a turn of the loop after the release, so events of one turn share one answer."""
        loop = asyncio.get_running_loop()
        held_connect.wake = partial(loop.call_soon, self._answer_released, held_connect, exchange)
        exchange.on_disconnect = lambda: None if held_connect.is_released else self._cancel_held(held_connect)
        self._connect_timeouts.start(held_connect)

    def _answer_released(self, held_connect: HeldConnect, exchange: Exchange) -> None:
        if exchange.is_disconnected:
            self._cancel_held(held_connect)
            return
        self._connect_timeouts.stop(held_connect)
        try:
            answer = self._server.finish(held_connect, self._clock.now())
        except Exception:  # noqa: BLE001 (any fault: it is logged, and the client gets an answer)
            _log.exception("a connect could not be answered")
            exchange.answer(500, _RESPONSE_HEADERS, b"")
            return
        exchange.answer(200 if answer else SUPERSEDED_STATUS, _RESPONSE_HEADERS, answer or b"")

    def _cancel_held(self, held_connect: HeldConnect) -> None:
        held_connect.clear_wake()
        self._connect_timeouts.stop(held_connect)
        self._server.cancel(held_connect, self._clock.now())

    async def get(self, user: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve messages in the query; the answer is a script that calls the client's function."""
        if self._pause is not None:
            await _send_stopping(send, self._pause())
            return
        query: bytes = scope.get("query_string", b"")
        if len(query) > self._max_body_bytes:
            await http.send_error(send, 413, f"the query is longer than {self._max_body_bytes} bytes")
            return
        try:
            text = query.decode("ascii", "replace")
            callback = self._callback(text)
            requests = decode_parameters(text, "message")
        except MalformedRequestError as error:
            await http.send_error(send, 400, str(error), _NO_SNIFFING)
            return
        context, more = self._request_context(Transport.CALLBACK_POLLING, user, scope, requests)
        outcome = self._server.receive(context, requests, self._clock.now())
        answer = await self._await_release(outcome, receive) if isinstance(outcome, HeldConnect) else outcome
        if answer is None:
            return
        script = f"/**/{callback}({answer.decode().translate(_LINE_ENDS)});" if answer else ""
        await http.answer(
            send, 200 if answer else SUPERSEDED_STATUS, script.encode(), http.SCRIPT, _NO_SNIFFING, *more
        )

    def _callback(self, query: str) -> str:
        """Return the name of the client's function; any other text could be a script of an attacker."""
        name, max_length = (
            self._server.options.callback_parameter,
            self._server.options.callback_parameter_max_length,
        )
        callback = next((value for key, value in parameters(query) if key == name), None)
        if callback is None:
            raise MalformedRequestError(
                f"Bayeux messages are sent with POST, or with GET and {name}=FUNCTION"
            )
        if len(callback) > max_length or not _CALLBACK.fullmatch(callback):
            raise MalformedRequestError(
                f"{name} must be a name of at most {max_length} letters, digits, dots, _ and -"
            )
        return callback

    def _request_context(
        self, transport: Transport, user: str | None, scope: Scope, requests: Sequence[ClientMessage]
    ) -> tuple[Context, tuple[http.Header, ...]]:
        """Return the context of a request; a browser without a cookie gets one for its handshake."""
        if user is not None:
            return Context(transport, scope, user), ()
        shares = not scope.get("http_version", "1.1").startswith("1")
        browser = self._cookie.read(scope)
        if browser is None and any(request.channel == HANDSHAKE for request in requests):
            browser, header = self._cookie.new()
            return Context(transport, scope, None, browser, shares), (header,)
        return Context(transport, scope, None, browser, shares), ()

    async def _await_release(self, held_connect: HeldConnect, receive: Receive) -> bytes | None:
        """Wait until the connect is released, and return the answer: empty if a newer connect supersedes it.

        None: the client disconnected before, and the connect is cancelled.

        The task waits for the client to disconnect. The release interrupts it as a cancellation would, which
        saves the second task that a wait for two things otherwise takes. The task continues a turn of the
        loop later, so events of one turn share one answer.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (an ASGI server runs each request as one)
        held_connect.wake = task.cancel
        self._connect_timeouts.start(held_connect)
        released = False
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not held_connect.is_released or task.uncancel():  # the task was cancelled from outside
                raise
            released = True
        finally:
            self._connect_timeouts.stop(held_connect)
            if not released:
                self._server.cancel(held_connect, self._clock.now())
        return (self._server.finish(held_connect, self._clock.now()) or b"") if released else None


async def _send_stopping(send: Send, pause: int) -> None:
    seconds = max(1, -(-pause // 1000))
    await http.send_error(send, 503, "the server is stopping", (b"retry-after", b"%d" % seconds))


def _decode(body: bytes, content_type: bytes | None) -> list[ClientMessage]:
    """Return the messages of a body; a form that looks like JSON is JSON, because curl sends it so."""
    if content_type is None or content_type in _USUAL_CONTENT_TYPES:
        return decode(body)
    form, charset = http.media_type(content_type)
    if form == _FORM_CONTENT_TYPE and body.lstrip()[:1] not in (b"[", b"{"):
        return decode_parameters(decode_text(body, charset), "message")
    return decode(body, charset)
