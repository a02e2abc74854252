"""The link to the T-Server of one switch: the interface for the rest of the bridge."""

from collections.abc import Callable
from functools import partial
from typing import Generic, Protocol, TypeVar

from twisted.internet.defer import Deferred

from bridge.link.connection import FailedRequests, LinkConfig, LinkConnection, accept_any_server
from bridge.link.core.requests import Failure
from bridge.link.endpoints import Endpoint
from bridge.tlib.enums import ServerRole
from bridge.tlib.messages import Event, EventServerInfo, Request

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)


class LinkListener(Protocol[C_contra]):
    """The listener of a link; `pending` is what was given to `send`."""

    def link_up(self, switch: str) -> None:
        """Handle that DNs may be registered; none is."""

    def link_down(self, switch: str, reason: str) -> None:
        """Handle that no events of this switch arrive until `link_up`."""

    def received(self, switch: str, event: Event, pending: C_contra | None) -> None:
        """Handle an event; `pending` is that of the request whose ReferenceID it is the first to have."""

    def failed(self, switch: str, pending: C_contra, failure: Failure) -> None:
        """Handle that a request was refused, or that its outcome is unknown. Called once for a request."""


class AnyLink(Protocol[C_contra]):
    """A link to one T-Server or to a pair."""

    @property
    def down_reason(self) -> str | None:
        """Why no request can be sent, to be shown to users; None when the link is up."""

    def start(self) -> None:
        """Begin to connect, and go on until `stop`."""

    def stop(self) -> Deferred[None]:
        """Close the connections for good. The listener is not called: its owner stops the link."""

    def send(self, request: Request, pending: C_contra) -> None:
        """Give a request its ReferenceID and write it, or queue it.

        Raises:
            NotConnectedError: the link is down; the text is the reason, to be shown to users.
            TooManyOutstandingError: too many requests are open already.

        """


class Link(Generic[C]):
    """A link over one connection at a time. Implements `AnyLink` and `LinkConnectionListener`.

    Args:
        config: the settings and surroundings of the connection.
        endpoint: where the T-Server is.
        listener: what events and changes of the link are passed to.
        rejection: returns from an EventServerInfo why the T-Server cannot be used; None if it can.

    """

    def __init__(
        self,
        config: LinkConfig,
        endpoint: Endpoint,
        listener: LinkListener[C],
        rejection: Callable[[EventServerInfo], str | None] = accept_any_server,
    ) -> None:
        self.switch = config.switch
        self.address = endpoint.address
        """Where the T-Server is, for messages."""
        self._listener = listener
        self._is_reported_up = False
        self._connection: LinkConnection[C] = LinkConnection(config, endpoint, self, rejection)
        self.start = self._connection.start
        self.send = self._connection.send
        self.received = partial(listener.received, config.switch)
        self.failed = partial(listener.failed, config.switch)

    @property
    def down_reason(self) -> str | None:
        """Why no request can be sent, to be shown to users; None when the link is up."""
        return self._connection.down_reason

    def stop(self) -> Deferred[None]:
        """Close the connection for good."""
        self._is_reported_up = False
        return self._connection.stop()

    # --- called by the connection (LinkConnectionListener) ------------------------------------------

    def came_up(self) -> None:
        """Notify the listener that the link is up."""
        self._is_reported_up = True
        self._listener.link_up(self.switch)

    def went_down(self, reason: str, failed_requests: FailedRequests[C]) -> None:
        """Notify the listener, once, that the link is down, and of failed requests."""
        if self._is_reported_up:
            self._is_reported_up = False
            self._listener.link_down(self.switch, reason)
        for pending, failure in failed_requests:
            self._listener.failed(self.switch, pending, failure)

    def was_lost(self, reason: str, failed_requests: FailedRequests[C]) -> None:
        """Handle it like a lost switch: either way no events arrive."""
        self.went_down(reason, failed_requests)


def reject_backup(info: EventServerInfo) -> str | None:
    """Reject a backup: of a pair in warm standby only the primary works."""
    return "it is the backup" if info.server_role is ServerRole.Backup else None
