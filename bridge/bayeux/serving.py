"""Runs an ASGI application as a program.

It has no part in the bridge, whose loop is shared with Twisted (`bridge.runtime.loop`).
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from bridge.runtime.http.short import ShortHandler
from bridge.runtime.http.uvicorn_config import BACKLOG, uvicorn_config


class _StandaloneServer(uvicorn.Server):
    """A uvicorn server that reports when it serves, and answers held polls when it stops."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], object], stop: Callable[[], object]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stop()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End normally at the first signal; uvicorn would raise it once more."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


def serve(
    app: ASGIApp,
    host: str = "127.0.0.1",
    port: int = 8088,
    *,
    short: ShortHandler | None = None,
    ready: Callable[[str], object] = print,
    stop: Callable[[], object] = lambda: None,
) -> None:
    """Serve `app` until SIGINT or SIGTERM; then accept nothing new and answer the open requests.

    Args:
        app: any ASGI application.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        short: is asked before `app`, such as `Application.short()`: twice as many polls.
        ready: called with the address once it serves.
        stop: called first when it is to end, such as `Application.close`, so that it waits for no poll.

    Raises:
        OSError: the port is in use, the address is not this machine's, or there is no permission.

    """
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.create_server(address[:2], family=family, backlog=BACKLOG) as listener:
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{listener.getsockname()[1]}"
        _StandaloneServer(uvicorn_config(app, short), lambda: ready(url), stop).run([listener])
