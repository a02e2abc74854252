"""The functions that an application has called for messages and sessions of its clients."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec
from msgspec import Raw
from starlette.requests import HTTPConnection

from bridge.bayeux.core.channels import is_service, matching_subscriptions, normalise
from bridge.bayeux.core.context import Context
from bridge.bayeux.core.messages import ClientMessage
from bridge.bayeux.core.session import Session
from bridge.bayeux.remote_session import RemoteSession

_MOST_TASKS = 10_000  # asynchronous listeners at work; more are dropped, so memory has a bound

_log = logging.getLogger(__name__)


class ServiceListener(Protocol):
    """Is called for what clients publish on a service channel."""

    def __call__(self, session: RemoteSession, channel: str, data: Any, /) -> Awaitable[None] | None:  # noqa: ANN401 (JSON)
        """Handle one message; answers can be delivered at any time."""


class SessionAddedListener(Protocol):
    """Is called for each new session."""

    def __call__(self, session: RemoteSession, request: HTTPConnection, /) -> Awaitable[None] | None:
        """Handle a session; `request` is that of the handshake, or the one that opened the socket."""


class SessionRemovedListener(Protocol):
    """Is called for each session that has ended."""

    def __call__(self, session: RemoteSession, *, timed_out: bool) -> Awaitable[None] | None:
        """Handle its end; `timed_out`: its client stayed away and did not disconnect."""


class Listeners:
    """Calls the functions; a `Listener` for the core, so none of this raises.

    Args:
        remote_session: makes the `RemoteSession` for a session of the core.

    """

    def __init__(self, remote_session: Callable[[Session], RemoteSession]) -> None:
        self._remote_session = remote_session
        self._services: dict[str, list[ServiceListener]] = {}
        self._added: list[SessionAddedListener] = []
        self._removed: list[SessionRemovedListener] = []
        self._tasks: set[asyncio.Future[None]] = set()

    def add_service(self, channel: str, function: ServiceListener) -> None:
        """Add a function for a service channel, or for all that match a pattern.

        Raises:
            ValueError: that is no channel below `/service`.

        """
        name = normalise(channel)
        if name is None or not is_service(name):
            raise ValueError(f"{channel!r} is not a channel below /service")
        self._services.setdefault(name, []).append(function)

    def add_session_added(self, function: SessionAddedListener) -> None:
        """Add a function for new sessions."""
        self._added.append(function)

    def add_session_removed(self, function: SessionRemovedListener) -> None:
        """Add a function for ended sessions."""
        self._removed.append(function)

    def session_added(self, session: Session, message: ClientMessage, context: Context) -> None:  # noqa: ARG002 (a listener's signature)
        """Call the functions for new sessions."""
        if self._added:
            remote_session, request = self._remote_session(session), HTTPConnection(dict(context.scope))
            for function in self._added:
                self._call(function, remote_session, request)

    def session_removed(self, session: Session, *, timed_out: bool) -> None:
        """Call the functions for ended sessions."""
        for function in self._removed:
            self._call(function, self._remote_session(session), timed_out=timed_out)

    def service(
        self,
        session: Session,
        channel: str,
        data: Raw,
        message: ClientMessage,  # noqa: ARG002 (a listener's signature)
        context: Context,  # noqa: ARG002
    ) -> None:
        """Call the functions for the channel; without one, the message is ignored."""
        functions = [one for name in matching_subscriptions(channel) for one in self._services.get(name, ())]
        if not functions:
            return
        try:
            value = msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError) as error:  # a number beyond all bounds, for one
            _log.info("a message on %s is passed over: %s", channel, error)
            return
        remote_session = self._remote_session(session)
        for function in functions:
            self._call(function, remote_session, channel, value)

    def _call(self, function: Callable[..., Awaitable[None] | None], *given: object, **named: object) -> None:
        """Call a listener; an exception in it is logged and never affects a client."""
        try:
            outcome = function(*given, **named)
        except Exception:  # noqa: BLE001 (whatever it is, it is logged and stays here)
            _log.exception("a listener failed")
            return
        if inspect.isawaitable(outcome):
            self._start(outcome)

    def _start(self, outcome: Awaitable[None]) -> None:
        if len(self._tasks) >= _MOST_TASKS:
            _log.error("a listener is passed over, since %s are at work", _MOST_TASKS)
            if inspect.iscoroutine(outcome):
                outcome.close()
            return
        task = asyncio.ensure_future(outcome)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Future[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a listener failed", exc_info=error)
