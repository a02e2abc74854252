"""The transport of WebSocket: one connection for everything, and events are written as they come."""

import asyncio
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from starlette.types import Receive, Scope, Send

from bridge.bayeux.core.context import Context, Transport
from bridge.bayeux.core.messages import MalformedRequestError, decode, join
from bridge.bayeux.core.server import Server
from bridge.bayeux.core.session import Line
from bridge.bayeux.transports import http
from bridge.bayeux.transports.connect_timeouts import Waits
from bridge.runtime.clock import Clock

_LONGEST_FRAME = 32_768  # bytes after which another frame begins; clients have limits of 64 KiB and more
_LONGEST_REASON = 120  # bytes; the protocol has room for 123

GOING_AWAY = 1001
UNWANTED = 1008  # its client reads too slowly, or its user has to log in again
TOO_BIG = 1009
BROKEN = 1011  # what CometD's server says to messages it cannot read


class Sockets:
    """Serves all sockets of an endpoint.

    What is to be written is collected for one turn of the loop, and then written for all sockets in one go.

    Args:
        server: the rules and the sessions.
        clock: the time.
        waits: ends held connects in time.

    """

    def __init__(self, server: Server, clock: Clock, waits: Waits) -> None:
        self._server = server
        self._clock = clock
        self._waits = waits
        self._cookie = http.BrowserCookie(server.options, server.new_id)
        self._patience = server.options.rest + server.options.timeout / 1000
        self._open: dict[_Socket, float] = {}  # and when it is to be looked at; in that order
        self._awake: list[_Socket] = []

    def __len__(self) -> int:
        """Return how many sockets are open."""
        return len(self._open)

    async def serve(self, user: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it closes."""
        browser = self._cookie.read(scope) if user is None else None
        context = Context(Transport.WEBSOCKET, scope, user, browser, shares_connection=True)
        await send({"type": "websocket.accept"})
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (an ASGI server runs each socket as one)
        socket = _Socket(self, context, send, task)
        self._open[socket] = self._clock.now() + self._patience
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await socket.hear(message)
        except asyncio.CancelledError:
            if not socket.is_closed or task.uncancel():  # somebody else cancelled the task
                raise
        finally:
            del self._open[socket]
            socket.hang_up()

    def sweep(self, now: float) -> None:
        """Close the sockets over which no session has been reached for as long as a session may live."""
        while self._open:
            socket, when = next(iter(self._open.items()))
            if when > now:
                break
            del self._open[socket]
            self._open[socket] = now + self._patience
            if socket.is_idle:
                socket.close(GOING_AWAY)

    def close(self) -> None:
        """Write what there is to write and close all sockets."""
        for socket in tuple(self._open):
            socket.write()
            socket.close(GOING_AWAY)

    def wake(self, socket: "_Socket") -> None:
        """See to it that a socket writes, in the next turn of the loop."""
        if not self._awake:
            asyncio.get_running_loop().call_soon(self._write)
        self._awake.append(socket)

    def _write(self) -> None:
        awake, self._awake = self._awake, []
        for socket in awake:
            socket.write()

    def obey(self, socket: "_Socket", message: str | bytes) -> None:
        """Obey what came in over a socket.

        Raises:
            MalformedRequestError: that is not made of messages.

        """
        now = self._clock.now()
        for hold in self._server.converse(socket.line, socket.context, decode(message), now):
            self._waits.begin(hold)

    def take(self, line: Line) -> list[bytes]:
        """Return the messages that are to be written on a line now."""
        for hold in line.released:
            self._waits.end(hold)
        return self._server.flush(line, self._clock.now())

    def part(self, line: Line) -> None:
        """Let the sessions that are reached over a line wait for another."""
        for hold in self._server.hang_up(line, self._clock.now()):
            self._waits.end(hold)

    def is_too_long(self, message: str | bytes) -> bool:
        """Say whether a message is longer than what is read."""
        return len(message) > self._server.options.max_message_size


class _Socket:
    """One socket: hears one message at a time, and writes whenever its line has something."""

    __slots__ = ("_all", "_send", "_task", "_writer", "context", "is_closed", "line")

    def __init__(self, all_of_them: Sockets, context: Context, send: Send, task: asyncio.Task[Any]) -> None:
        self._all = all_of_them
        self._send = send
        self._task = task
        self._writer: asyncio.Task[None] | None = None  # while the client does not read as fast as is written
        self.context = context
        self.is_closed = False
        self.line = Line(lambda: all_of_them.wake(self), self._relieve)

    @property
    def is_idle(self) -> bool:
        """Whether no session is reached over it."""
        return not self.line.sessions

    async def hear(self, message: Any) -> None:  # noqa: ANN401 (an ASGI message)
        """Obey what came in, and read no more before the answers are written."""
        text = message.get("text")
        body: str | bytes = message.get("bytes") or b"" if text is None else text
        if self._all.is_too_long(body):
            self.close(TOO_BIG)
            return
        try:
            self._all.obey(self, body)
        except MalformedRequestError as error:
            self.close(BROKEN, str(error))
            return
        self.write()
        if self._writer is not None:
            await asyncio.wait((self._writer,))

    def write(self) -> None:
        """Write all there is, unless the client still has to read what was written before."""
        if self._writer is None and not self.is_closed:
            frames = _frames(self._all.take(self.line))
            for frame in frames:
                begun = self._begin({"type": "websocket.send", "text": frame})
                if begun is not None:
                    self._writer = asyncio.get_running_loop().create_task(self._go_on(begun, frames))
                    break
        if self.line.doomed:
            self.close(UNWANTED)

    def close(self, code: int, reason: str = "") -> None:
        """Close the socket; one whose client does not read is dropped."""
        if self.is_closed:
            return
        if self._writer is None:
            reason = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
            begun = self._begin({"type": "websocket.close", "code": code, "reason": reason})
            self.is_closed = True
            if begun is None:
                return
            begun.close()
        self.is_closed = True
        self._task.cancel()

    def hang_up(self) -> None:
        """Forget a socket that has closed."""
        self.is_closed = True
        if self._writer is not None:
            self._writer.cancel()
        self._all.part(self.line)

    def _relieve(self) -> bool:
        if self.is_closed or self._writer is not None:
            return False
        self.write()
        return True

    def _begin(self, message: dict[str, Any]) -> "_Begun | None":
        """Send at once, without a task; None: it is done, which it is unless the client reads too slowly."""
        steps = self._send(message).__await__()
        try:
            return _Begun(next(steps), steps)
        except StopIteration:
            return None
        except OSError:  # the client has gone; that is going to be heard, too
            self.is_closed = True
            return None

    async def _go_on(self, begun: "_Begun", frames: Iterator[str]) -> None:
        """Write the rest as fast as the client reads."""
        try:
            await begun
            for frame in frames:
                await self._send({"type": "websocket.send", "text": frame})
        except OSError:
            self.is_closed = True
        finally:
            self._writer = None
        self.write()


class _Begun:
    """A sending that was begun outside of a task, and has to wait; awaiting it goes on."""

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
    """Put messages into frames that no client finds too long."""
    frame: list[bytes] = []
    size = 0
    for message in messages:
        if frame and size + len(message) > _LONGEST_FRAME:
            yield join(frame).decode()
            frame, size = [], 0
        frame.append(message)
        size += len(message)
    if frame:
        yield join(frame).decode()
