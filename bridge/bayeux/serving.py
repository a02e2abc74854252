"""Runs an ASGI application in a process of its own, for those who have no program around it yet.

The service has a loop shared with Twisted, in `bridge.runtime.loop`; here is none of that.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from bridge.runtime.short import ShortHandler
from bridge.runtime.web import BACKLOG, uvicorn_config


class _StandaloneServer(uvicorn.Server):
    """A uvicorn server that says when it serves, and lets held polls go before it waits for answers."""

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
        """End well on the first signal, which is what was asked for; uvicorn would raise it once more."""
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
    """Serve `app` until SIGINT or SIGTERM; then nothing new is accepted and what is under way is answered.

    Args:
        app: any ASGI application.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        short: serves what it can before `app` is asked, such as `Application.short()`: twice as many polls.
        ready: is told the address once it serves.
        stop: is called first when it is to end, such as `Application.close`, so that no poll is waited for.

    Raises:
        OSError: the port is in use, the address is not this machine's, or there is no permission.

    """
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.create_server(address[:2], family=family, backlog=BACKLOG) as listener:
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{listener.getsockname()[1]}"
        _StandaloneServer(uvicorn_config(app, short), lambda: ready(url), stop).run([listener])
