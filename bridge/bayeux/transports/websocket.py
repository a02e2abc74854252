"""The transport of WebSocket: one connection for everything, and events are written as they come."""

import asyncio
import logging
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from starlette.types import Receive, Scope, Send

from bridge.bayeux.core.context import Context, Transport
from bridge.bayeux.core.messages import MalformedRequestError, decode, join
from bridge.bayeux.core.server import Server
from bridge.bayeux.core.session import BayeuxConnection
from bridge.bayeux.core.states import SocketState
from bridge.bayeux.transports import http
from bridge.bayeux.transports.connect_timeouts import ConnectTimeouts
from bridge.runtime.clock import Clock

_log = logging.getLogger(__name__)

_MAX_FRAME_BYTES = 32_768  # bytes after which another frame begins; clients have limits of 64 KiB and more
_MAX_REASON_BYTES = 120  # bytes; the protocol has room for 123

_CLOSING, _CLOSED = SocketState.CLOSING, SocketState.CLOSED  # looked at for every event

GOING_AWAY = 1001
POLICY_VIOLATION = 1008  # its client reads too slowly, or its user has to log in again
MESSAGE_TOO_BIG = 1009
INTERNAL_ERROR = 1011  # as CometD's server closes after messages it cannot read


class WebSocketTransport:
    """Serves all sockets of an endpoint.

    What is to be written is collected for one turn of the loop, and then written for all sockets in one go.

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
        self._idle_seconds = server.options.lifetime_seconds + server.options.timeout / 1000
        self._open_sockets: dict[_WebSocket, float] = {}  # and when it is to be looked at; in that order
        self._with_output: list[_WebSocket] = []

    def __len__(self) -> int:
        """Return how many sockets are open."""
        return len(self._open_sockets)

    async def serve(self, user: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it closes."""
        browser = self._cookie.read(scope) if user is None else None
        context = Context(Transport.WEBSOCKET, scope, user, browser, shares_connection=True)
        await send({"type": "websocket.accept"})
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (an ASGI server runs each socket as one)
        socket = _WebSocket(self, context, send, task)
        self._open_sockets[socket] = self._clock.now() + self._idle_seconds
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await socket.handle_message(message)
        except asyncio.CancelledError:
            if not socket.is_closed or task.uncancel():  # the task was cancelled from outside
                raise
        finally:
            del self._open_sockets[socket]
            socket.connection_closed()

    def sweep(self, now: float) -> None:
        """Close the sockets that had no session for as long as a session may live."""
        while self._open_sockets:
            socket, when = next(iter(self._open_sockets.items()))
            if when > now:
                break
            del self._open_sockets[socket]
            self._open_sockets[socket] = now + self._idle_seconds
            if socket.is_idle:
                socket.close(GOING_AWAY)

    def close(self) -> None:
        """Write what there is to write and close all sockets."""
        for socket in tuple(self._open_sockets):
            socket.write()
            socket.close(GOING_AWAY)

    def wake(self, socket: "_WebSocket") -> None:
        """Schedule that a socket writes in the next turn of the loop."""
        if not self._with_output:
            asyncio.get_running_loop().call_soon(self._write_all)
        self._with_output.append(socket)

    def _write_all(self) -> None:
        awake, self._with_output = self._with_output, []
        for socket in awake:
            try:
                socket.write()
            except Exception:  # noqa: BLE001 (any fault in the output of one socket: the others still get theirs)
                _log.exception("a web socket could not be written")
                socket.close(INTERNAL_ERROR)

    def handle_requests(self, socket: "_WebSocket", message: str | bytes) -> None:
        """Handle the messages of a frame.

        Raises:
            MalformedRequestError: the frame is not made of Bayeux messages.

        """
        now = self._clock.now()
        for held_connect in self._server.receive_on_connection(
            socket.connection, socket.context, decode(message), now
        ):
            self._connect_timeouts.start(held_connect)

    def collect_output(self, connection: BayeuxConnection) -> list[bytes]:
        """Return the messages that are to be written on a connection now."""
        for held_connect in connection.released:
            self._connect_timeouts.stop(held_connect)
        return self._server.flush(connection, self._clock.now())

    def detach_sessions(self, connection: BayeuxConnection) -> None:
        """Detach the sessions of a connection whose socket closed."""
        for held_connect in self._server.connection_closed(connection, self._clock.now()):
            self._connect_timeouts.stop(held_connect)

    def is_too_long(self, message: str | bytes) -> bool:
        """Return whether a message is longer than the option `max_message_size`."""
        return len(message) > self._server.options.max_message_size


class _WebSocket:
    """One socket: handles one frame at a time, and writes whenever its connection has something."""

    __slots__ = ("_send", "_task", "_transport", "_writer", "connection", "context")

    def __init__(
        self, transport: WebSocketTransport, context: Context, send: Send, task: asyncio.Task[Any]
    ) -> None:
        self._transport = transport
        self._send = send
        self._task = task
        self._writer: asyncio.Task[None] | None = None  # while the client does not read as fast as is written
        self.context = context
        self.connection = BayeuxConnection(lambda: transport.wake(self), self._try_write)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be written any more."""
        return self.connection.state is _CLOSED

    @property
    def is_idle(self) -> bool:
        """Whether no session is reached over it."""
        return not self.connection.sessions

    async def handle_message(self, message: Any) -> None:  # noqa: ANN401 (an ASGI message)
        """Handle a frame, and read no more before its answers are written."""
        text = message.get("text")
        body: str | bytes = message.get("bytes") or b"" if text is None else text
        if self._transport.is_too_long(body):
            self.close(MESSAGE_TOO_BIG)
            return
        try:
            self._transport.handle_requests(self, body)
        except MalformedRequestError as error:
            self.close(INTERNAL_ERROR, str(error))
            return
        self.write()
        if self._writer is not None:
            await asyncio.wait((self._writer,))

    def write(self) -> None:
        """Write all there is, unless earlier writes still wait for the client to read."""
        connection = self.connection
        if self._writer is None and connection.state is not _CLOSED:
            frames = _frames(self._transport.collect_output(connection))
            for frame in frames:
                pending_send = self._start_send({"type": "websocket.send", "text": frame})
                if pending_send is not None:
                    self._writer = asyncio.get_running_loop().create_task(
                        self._write_rest(pending_send, frames)
                    )
                    break
        if connection.state is _CLOSING:
            self.close(POLICY_VIOLATION)

    def close(self, code: int, reason: str = "") -> None:
        """Close the socket; without waiting if its client does not read."""
        if self.is_closed:
            return
        if self._writer is None:
            reason = reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
            pending_send = self._start_send({"type": "websocket.close", "code": code, "reason": reason})
            self.connection.mark_closed()
            if pending_send is None:
                return
            pending_send.close()
        self.connection.mark_closed()
        self._task.cancel()

    def connection_closed(self) -> None:
        """Forget a socket that has closed."""
        self.connection.mark_closed()
        if self._writer is not None:
            self._writer.cancel()
        self._transport.detach_sessions(self.connection)

    def _try_write(self) -> bool:
        if self.is_closed or self._writer is not None:
            return False
        self.write()
        return True

    def _start_send(self, message: dict[str, Any]) -> "_PendingSend | None":
        """Send at once, without a task; None: done, which is so unless the client reads too slowly."""
        steps = self._send(message).__await__()
        try:
            return _PendingSend(next(steps), steps)
        except StopIteration:
            return None
        except OSError:  # the client disconnected; its event follows
            self.connection.mark_closed()
            return None

    async def _write_rest(self, pending_send: "_PendingSend", frames: Iterator[str]) -> None:
        """Write the rest as fast as the client reads."""
        try:
            await pending_send
            for frame in frames:
                await self._send({"type": "websocket.send", "text": frame})
        except OSError:
            self.connection.mark_closed()
        finally:
            self._writer = None
        self.write()


class _PendingSend:
    """A send that was begun outside of a task and has to wait; awaiting it continues it."""

    __slots__ = ("_awaited", "_steps")

    def __init__(self, awaited: Any, steps: Generator[Any, None, None]) -> None:  # noqa: ANN401 (the loop's matter)
        self._awaited = awaited
        self._steps = steps

    def __await__(self) -> Generator[Any, None, None]:
        yield self._awaited
        yield from self._steps

    def close(self) -> None:
        self._steps.close()


def _frames(messages: Sequence[bytes]) -> Iterator[str]:
    """Yield frames of messages that are not too long for any client."""
    frame: list[bytes] = []
    size = 0
    for message in messages:
        if frame and size + len(message) > _MAX_FRAME_BYTES:
            yield join(frame).decode()
            frame, size = [], 0
        frame.append(message)
        size += len(message)
    if frame:
        yield join(frame).decode()
