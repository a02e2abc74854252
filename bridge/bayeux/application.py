"""A CometD server for any application: plain functions, Python values, no global state.

This is the layer for people. `Server` and `CometdEndpoint` beneath it take bytes, and every choice as an
argument.
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
from bridge.runtime.loopclock import LoopClock
from bridge.runtime.short import Exchange, ShortHandler

_ID_BYTES = 20  # 160 bits of chance, which nobody guesses

S = TypeVar("S", bound=ServiceListener)
A = TypeVar("A", bound=SessionAddedListener)
R = TypeVar("R", bound=SessionRemovedListener)


class AllowAll:
    """A policy without refusals; inherit from it to refuse something."""

    def can_handshake(self, context: Context, message: ClientMessage) -> Verdict:  # noqa: ARG002 (a policy's signature)
        """Let everybody open a session."""
        return True

    def can_subscribe(self, context: Context, session: Session, channel: str) -> Verdict:  # noqa: ARG002
        """Let everybody listen."""
        return True

    def can_publish(self, context: Context, session: Session, channel: str) -> Verdict:  # noqa: ARG002
        """Let everybody publish."""
        return True


class Application:
    """An ASGI application that is one CometD server; several in one process share nothing.

    Listeners are plain functions or coroutine functions. A plain one is carried out before the client's
    message is answered and must not block. An asynchronous one runs on its own, beside the others; what it
    raises is logged and concerns nobody else.

    Args:
        options: the options, or some of them by CometD's names, such as `{"timeout": 5000}`.
        policy: who may do what; None: everybody everything.
        identify: reads from the ASGI scope who an outer layer found the client to be. None: nobody asks, and
            the browser cookie proves that a session is the sender's own.
        allowed_origins: origins of the pages on other hosts that may connect, with cookies; `*` for all.
        clock: the time; None: the running loop's.
        new_id: makes the id of a session; letters and digits that nobody can guess.

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
        """Return the routes that bring it `path` and all that clients append to that, without redirects."""
        return Route(path, self), WebSocketRoute(path, self), Mount(path, self)

    def wrap(self, rest: ASGIApp, path: str = "/cometd") -> ASGIApp:
        """Return an application that serves the same paths as `routes`, and leaves all others to `rest`.

        Polls are many and small: the layers of a framework would cost as much as all that is done for them.
        """

        def serve(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            is_cometd = scope["type"] != "lifespan" and f"{scope['path']}/".startswith(f"{path}/")
            return (self._app if is_cometd else rest)(scope, receive, send)

        return serve

    def short(self, path: str = "/cometd") -> ShortHandler:
        """Return what serves polls of programs at `path` the short way; see `serve`."""

        def handle_exchange(exchange: Exchange) -> bool:
            is_cometd = f"{exchange.scope['path']}/".startswith(f"{path}/")
            return (
                is_cometd
                and not is_from_browser_page(exchange.scope)
                and self._endpoint.handle_exchange(exchange)
            )

        return handle_exchange

    def close(self, spread: int = 5_000) -> None:
        """Answer what is held and end all sessions; to be called before a server waits for open requests.

        Args:
            spread: milliseconds over which clients are told to come back, each at its own time, so that they
                do not come all at once; 0: at once.

        """
        self._endpoint.close(lambda: secrets.randbelow(spread + 1))

    # Listening

    def service(self, channel: str) -> Callable[[S], S]:
        """Let a function hear what clients publish on a service channel, or on all that match a pattern.

        Raises:
            ValueError: that is no channel below `/service`.

        """

        def listen(function: S) -> S:
            self._listeners.add_service(channel, function)
            return function

        return listen

    def session_added(self, function: A) -> A:
        """Let a function hear of new sessions, before their handshakes are answered."""
        self._listeners.add_session_added(function)
        return function

    def session_removed(self, function: R) -> R:
        """Let a function hear of sessions that have ended, in whatever way."""
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
