"""One asyncio loop for everything: uvicorn, FastAPI and Twisted.

The loop is uvloop's where that is installed. Twisted's reactor is laid over it before anything else can
import one, so there is no second loop and no thread on the path.
"""

import asyncio
import errno
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import uvicorn
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.main import installReactor

from bridge.runtime.clock import Clock
from bridge.runtime.http.short import ShortHandler
from bridge.runtime.http.uvicorn_config import BACKLOG, GRACEFUL_SECONDS, uvicorn_config
from bridge.runtime.loopclock import LoopClock

_new_loop: Callable[[], asyncio.AbstractEventLoop]
try:
    from uvloop import new_event_loop as _new_loop
except ImportError:
    _new_loop = asyncio.SelectorEventLoop  # the only kind of asyncio loop that Twisted's reactor can share


class CannotStartError(Exception):
    """The program cannot do its work; the text is the one line that its user gets to see."""


# --- the loop ------------------------------------------------------------------------------------


def install_reactor() -> tuple[asyncio.AbstractEventLoop, AsyncioSelectorReactor]:
    """Make the loop and lay Twisted's reactor over it; once per process.

    Raises:
        ReactorAlreadyInstalledError: something imported Twisted's default reactor before.

    """
    loop = _new_loop()
    asyncio.set_event_loop(loop)
    reactor = AsyncioSelectorReactor(loop)
    installReactor(reactor)  # type: ignore[no-untyped-call]
    return loop, reactor


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a program runs on."""

    reactor: AsyncioSelectorReactor
    clock: Clock
    stop: asyncio.Event
    """Set when the program shall end: by Ctrl-C, by SIGTERM, or by itself."""


def run(main: Callable[[Runtime], Coroutine[Any, Any, None]]) -> None:
    """Run a program until `main` returns, and pass on what it raises.

    Ctrl-C and SIGTERM ask it to stop; a second one cancels it. SIGHUP is ignored: a terminal that closes
    or a log rotation does not end the calls of all agents.
    """
    loop, reactor = install_reactor()
    runtime = Runtime(reactor, LoopClock(loop), asyncio.Event())
    task = loop.create_task(main(runtime))
    task.add_done_callback(lambda _: reactor.stop())  # type: ignore[no-untyped-call]

    def request_stop() -> None:
        if runtime.stop.is_set():
            task.cancel()
        runtime.stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, request_stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        reactor.run(installSignalHandlers=False)  # type: ignore[no-untyped-call]
    finally:
        _close_loop(loop)
    if not task.cancelled():
        task.result()


def freeze_heap() -> None:
    """Leave what exists now out of all garbage collections to come; call it when a program begins to serve.

    Modules, tables and the site stay for ever. Walking them again and again costs a twentieth of the
    processor, and a stop of up to 60 ms each time, which every agent would feel.
    """
    gc.freeze()  # without a collection before it: next to nothing of what exists then is garbage
    gc.enable()
    gc.set_threshold(50_000, 20, 20)  # a thousand polls that come and go are half of that: no garbage


def _close_loop(loop: asyncio.AbstractEventLoop) -> None:
    left_over = asyncio.all_tasks(loop)
    for task in left_over:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left_over, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


# --- listening -----------------------------------------------------------------------------------


def bind(host: str, port: int) -> socket.socket:
    """Take a port and listen on it; port 0 takes a free one (`getsockname()[1]` tells which).

    Raises:
        CannotStartError: the port is in use, the address is not this machine's, or there is no permission.

    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotStartError(f"cannot listen on {host}:{port}: {_reason(error)}") from error
    listener.settimeout(0)
    return listener


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the port is in use; choose another one, or 0 for any that is free"
    if error.errno is None or isinstance(error, socket.gaierror):
        return error.strerror or str(error)
    return os.strerror(error.errno)


class _LoopServer(uvicorn.Server):
    """A uvicorn server that leaves the signals alone and says when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit as error:
            raise CannotStartError("the HTTP application could not start; its log tells why") from error
        self.serving.set()


@asynccontextmanager
async def serve_http(
    app: Any,  # noqa: ANN401 (uvicorn has no public name for an ASGI application)
    listener: socket.socket,
    *,
    short: ShortHandler | None = None,
    graceful_seconds: int = GRACEFUL_SECONDS,
) -> AsyncIterator[None]:
    """Serve an ASGI application on the running loop, on a socket that `bind` gave; it is closed at the end.

    What `short` takes of the plain POSTs does not come to the application.

    On leaving it stops listening, and waits up to `graceful_seconds` for the answers under way.

    Raises:
        CannotStartError: the application failed to start.

    """
    server = _LoopServer(uvicorn_config(app, short, graceful_seconds))
    serving = asyncio.create_task(server.serve([listener]))
    ready = asyncio.create_task(server.serving.wait())
    await asyncio.wait((serving, ready), return_when=asyncio.FIRST_COMPLETED)
    try:
        if serving.done():
            await serving  # raises why it ended
        yield
    finally:
        ready.cancel()
        server.should_exit = True
        await asyncio.wait((serving,))
        listener.close()
