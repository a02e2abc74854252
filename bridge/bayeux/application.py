"""A CometD server for any application: plain functions, Python values, no global state.

`Server` and `CometdEndpoint` beneath it take bytes, and every choice as an argument.
"""

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TypeVar

import msgspec
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.bayeux.core.context import Context
from bridge.bayeux.core.messages import ClientMessage
from bridge.bayeux.core.options import Options
from bridge.bayeux.core.policy import Policy, Verdict
from bridge.bayeux.core.server import Server
from bridge.bayeux.core.session import Session
from bridge.bayeux.listeners import Listeners, ServiceListener, SessionAddedListener, SessionRemovedListener
from bridge.bayeux.origins import OriginMiddleware, is_from_browser_page
from bridge.bayeux.remote_session import RemoteSession, check_channel
from bridge.bayeux.transports.endpoint import CometdEndpoint
from bridge.runtime.clock import Clock
from bridge.runtime.http.short import Exchange, ShortHandler
from bridge.runtime.loopclock import LoopClock

_ID_BYTES = 20  # 160 random bits, which cannot be guessed

S = TypeVar("S", bound=ServiceListener)
A = TypeVar("A", bound=SessionAddedListener)
R = TypeVar("R", bound=SessionRemovedListener)


class AllowAll:
    """A policy that allows everything; a subclass refuses what it overrides."""

    def can_handshake(self, context: Context, message: ClientMessage) -> Verdict:  # noqa: ARG002 (a policy's signature)
        """Allow every handshake."""
        return True

    def can_subscribe(self, context: Context, session: Session, channel: str) -> Verdict:  # noqa: ARG002
        """Allow every subscription."""
        return True

    def can_publish(self, context: Context, session: Session, channel: str) -> Verdict:  # noqa: ARG002
        """Allow every publish."""
        return True


class Application:
    """An ASGI application that is one CometD server; several in one process share nothing.

    Listeners are plain functions or coroutine functions. A plain one runs before the client's message is
    answered and must not block. An asynchronous one runs as a task of its own; an exception in it is logged
    and affects nothing else.

    Args:
        options: the options, or some of them by CometD's names, such as `{"timeout": 5000}`.
        policy: decides what clients may do; None: everything.
        identify: returns the user that an outer layer put into the ASGI scope. None: there are no users, and
            the browser cookie proves that a session is the sender's own.
        allowed_origins: origins of the pages on other hosts that may connect, with cookies; `*` for all.
        clock: the time; None: the running loop's.
        new_id: makes the id of a session: letters and digits that cannot be guessed.

    Raises:
        ValueError: an option is unknown or cannot have its value.

    """

    def __init__(
        self,
        options: Options | Mapping[str, object] | None = None,
        *,
        policy: Policy | None = None,
        identify: Callable[[Scope], str | None] | None = None,
        allowed_origins: Collection[str] = (),
        clock: Clock | None = None,
        new_id: Callable[[], str] = lambda: secrets.token_hex(_ID_BYTES),
    ) -> None:
        if not isinstance(options, Options):
            options = Options.from_mapping(options or {})
        self._listeners = Listeners(self._remote_session)
        clock = clock or LoopClock()
        self._server = Server(policy or AllowAll(), new_id, options, self._listeners, clock.now)
        self._endpoint = CometdEndpoint(self._server, clock, identify or (lambda _scope: None))
        self._app = OriginMiddleware(self._endpoint, allowed_origins)

    # Being served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one socket."""
        await self._app(scope, receive, send)

    def routes(self, path: str = "/cometd") -> Sequence[BaseRoute]:
        """Return the routes of `path` and of all that clients append to it, without redirects."""
        return Route(path, self), WebSocketRoute(path, self), Mount(path, self)

    def wrap(self, rest: ASGIApp, path: str = "/cometd") -> ASGIApp:
        """Return an application that serves the same paths as `routes`, and leaves all others to `rest`.

        Polls are many and small: the layers of a framework would double their cost.
        """

        def serve(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            is_cometd = scope["type"] != "lifespan" and f"{scope['path']}/".startswith(f"{path}/")
            return (self._app if is_cometd else rest)(scope, receive, send)

        return serve

    def short(self, path: str = "/cometd") -> ShortHandler:
        """Return the handler that serves polls at `path` the short way; see `serve`."""

        def handle_exchange(exchange: Exchange) -> bool:
            is_cometd = f"{exchange.scope['path']}/".startswith(f"{path}/")
            return (
                is_cometd
                and not is_from_browser_page(exchange.scope)
                and self._endpoint.handle_exchange(exchange)
            )

        return handle_exchange

    def close(self, spread: int = 5_000) -> None:
        """Answer held connects and end all sessions; to be called before a server waits for open requests.

        Args:
            spread: milliseconds over which clients shall come back, each at its own time, so that they do not
                come all at once; 0: at once.

        """
        self._endpoint.close(lambda: secrets.randbelow(spread + 1))

    # Listening

    def service(self, channel: str) -> Callable[[S], S]:
        """Call a function for what clients publish on a service channel, or on all that match a pattern.

        Raises:
            ValueError: that is no channel below `/service`.

        """

        def listen(function: S) -> S:
            self._listeners.add_service(channel, function)
            return function

        return listen

    def session_added(self, function: A) -> A:
        """Call a function for each new session, before its handshake is answered."""
        self._listeners.add_session_added(function)
        return function

    def session_removed(self, function: R) -> R:
        """Call a function for each session that has ended, in any way."""
        self._listeners.add_session_removed(function)
        return function

    # Sending

    def publish(self, channel: str, data: object) -> int:
        """Send `data` to every session that subscribed to `channel`; return how many those were.

        Raises:
            ValueError: that is no channel to send on.

        """
        return self._server.publish(check_channel(channel), msgspec.json.encode(data))

    def deliver(self, user: str, channel: str, data: object) -> int:
        """Send `data` to a user's sessions that subscribed to `channel`; return how many those were.

        Raises:
            ValueError: that is no channel to send on.

        """
        return self._server.deliver(user, check_channel(channel), msgspec.json.encode(data))

    def __len__(self) -> int:
        """Return how many sessions there are."""
        return len(self._server)

    def _remote_session(self, session: Session) -> RemoteSession:
        return RemoteSession(session.id, session.user, self._server)
