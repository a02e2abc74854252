"""The ASGI application: finds the transport of a request, sweeps sessions, and stops gracefully."""

from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

from bridge.bayeux.core.context import Transport
from bridge.bayeux.core.server import Server
from bridge.bayeux.transports import http
from bridge.bayeux.transports.connect_timeouts import ConnectTimeouts
from bridge.bayeux.transports.polling import PollingTransport
from bridge.bayeux.transports.websocket import WebSocketTransport
from bridge.runtime.clock import Clock, Timer
from bridge.runtime.http.short import Exchange


def _no_pause() -> int:
    return 0


class CometdEndpoint:
    """Serves `{url}`, `{url}/` and `{url}/{anything}`: clients append verbs or a slash as they like.

    Args:
        server: the rules and the sessions.
        clock: the time, for holding connects and for sweeping.
        identify: reads the user that an outer layer authenticated from the ASGI scope; None: there is none,
            and the cookie distinguishes browsers.
        foreign_scripts: whether pages of other sites may load the scripts of callback-polling, which browsers
            let them, with the user's cookies. An outer layer decides which pages may open sockets.

    """

    def __init__(
        self,
        server: Server,
        clock: Clock,
        identify: Callable[[Scope], str | None],
        *,
        foreign_scripts: bool = True,
    ) -> None:
        self._server = server
        self._clock = clock
        self._identify = identify
        self._foreign_scripts = foreign_scripts
        self._connect_timeouts = ConnectTimeouts(clock)
        self._polling = PollingTransport(server, clock, self._connect_timeouts)
        self._sockets = WebSocketTransport(server, clock, self._connect_timeouts)
        self._transports = frozenset(server.options.transports)
        self._sweeper: Timer | None = None
        self._is_closed = False

    def close(self, pause: Callable[[], int] = _no_pause) -> None:
        """End all sessions and answer every held connect at once; later requests get a 503.

        Args:
            pause: returns for each client how many milliseconds it shall wait before it comes back; random
                values keep a fleet of clients from coming back all at once.

        """
        self._is_closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._connect_timeouts.close()
        self._polling.close(pause)
        self._server.close(pause)
        self._sockets.close()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request, or one socket; without a coroutine of its own, which a held poll would keep."""
        if scope["type"] == "websocket":
            return self._serve_websocket(scope, receive, send)
        self._schedule_sweep(is_due=True)
        if scope["method"] == "POST" and Transport.LONG_POLLING in self._transports:
            return self._polling.post(self._identify(scope), scope, receive, send)
        if scope["method"] != "GET" or Transport.CALLBACK_POLLING not in self._transports:
            return http.send_error(send, 400, "Bayeux messages are sent with POST")
        if self._is_foreign_script(scope):
            return http.send_error(send, 403, "pages of other sites may not load this")
        return self._polling.get(self._identify(scope), scope, receive, send)

    def handle_exchange(self, exchange: Exchange) -> bool:
        """Serve a POST the short way; False: `__call__` is to serve it."""
        if self._is_closed or Transport.LONG_POLLING not in self._transports:
            return False
        self._schedule_sweep(is_due=True)
        return self._polling.handle_exchange(self._identify(exchange.scope), exchange)

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a socket, or refuse it before it opens: clients then fall back to polling."""
        await receive()  # that it wants to open
        if self._is_closed or Transport.WEBSOCKET not in self._transports:
            await send({"type": "websocket.close", "code": 1000})
            return
        self._schedule_sweep(is_due=True)
        await self._sockets.serve(self._identify(scope), scope, receive, send)

    def _is_foreign_script(self, scope: Scope) -> bool:
        """Return whether a page loads a script that it may not load."""
        return not self._foreign_scripts and http.header(scope, b"sec-fetch-site") == b"cross-site"

    def _schedule_sweep(self, *, is_due: bool = False) -> None:
        """Schedule the next sweep while there are sessions."""
        if (
            self._sweeper is None
            and not self._is_closed
            and (is_due or len(self._server) or len(self._sockets))
        ):
            when = self._clock.now() + self._server.options.sweep_period / 1000
            self._sweeper = self._clock.call_at(when, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        now = self._clock.now()
        self._server.sweep(now)
        self._sockets.sweep(now)
        self._schedule_sweep()
