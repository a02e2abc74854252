"""The short way past ASGI: its interface, which knows no HTTP server.

ASGI costs a task, an event and half a dozen coroutines for each request, and keeps them for as long as a
CometD connect is held: half of all that a poll costs. So a `ShortHandler` is asked first, when a request has
come whole. Whatever it does not take goes to the ASGI application, unchanged. The short way is a speed-up
only: `bridge.runtime.short_http` offers it on uvicorn, and without it every request goes by ASGI.
"""

from collections.abc import Callable
from typing import Any, Protocol


class Exchange(Protocol):
    """A request that has come whole, and the means to answer it.

    Attributes:
        scope: the ASGI scope of the request.
        body: the body of the request.
        extra_headers: whole header lines that the answer gets besides those of its handler.
        on_disconnect: called if the client disconnects before it has its answer.

    """

    scope: dict[str, Any]
    body: bytes
    extra_headers: bytes
    on_disconnect: Callable[[], object]

    @property
    def is_disconnected(self) -> bool:
        """Whether the client has disconnected, so that an answer would be lost."""

    def answer(self, status: int, headers: bytes, body: bytes) -> None:
        """Send the answer; a second one, or one after the client disconnected, is ignored.

        Args:
            status: the HTTP status.
            headers: whole header lines, without Content-Length.
            body: the body.

        """


ShortHandler = Callable[[Exchange], bool]
"""Serves a POST, now or later, but never waits; False: the request is to go by ASGI."""
