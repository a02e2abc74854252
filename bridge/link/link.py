"""A link to the T-Server of one switch: the one interface that the rest of the bridge knows."""

from collections.abc import Callable
from functools import partial
from typing import Generic, Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.python.failure import Failure as TwistedFailure

from bridge.link.endpoints import Endpoint
from bridge.link.line import FailedRequests, LinkConfig, LinkConnection, Retry, accept_any_server
from bridge.link.requests import Failure
from bridge.runtime.clock import Clock
from bridge.tlib.enums import ServerRole
from bridge.tlib.messages import Event, EventServerInfo, Request
from bridge.tlib.session import Credentials
from bridge.tlib.wire import Wire

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)


class LinkListener(Protocol[C_contra]):
    """Who is told what the link brings; `pending` is what was given to `send`."""

    def link_up(self, switch: str) -> None:
        """DNs may be registered now; none is."""

    def link_down(self, switch: str, reason: str) -> None:
        """Nothing will be heard of this switch's DNs until `link_up`."""

    def received(self, switch: str, event: Event, pending: C_contra | None) -> None:
        """An event arrived; `pending` is set on the first event with the ReferenceID of a request."""

    def failed(self, switch: str, pending: C_contra, failure: Failure) -> None:
        """A request was refused, or its outcome cannot be known. Told once for a request."""


class AnyLink(Protocol[C_contra]):
    """A link, be it to one T-Server or to a pair."""

    @property
    def down_reason(self) -> str | None:
        """Why nothing can be sent, in words for people; None when the link is up."""

    def start(self) -> None:
        """Begin to connect, and go on until `stop`."""

    def stop(self) -> Deferred[None]:
        """Close the connections and stay closed. Nobody is told: whoever stops the link knows."""

    def send(self, request: Request, pending: C_contra) -> None:
        """Give a request its ReferenceID and write it, or let it wait for its turn.

        Raises:
            NotConnectedError: the link is down; the text says why, in words for people.
            TooManyOutstandingError: the T-Server owes too many outcomes already.

        """


class Link(Generic[C]):
    """A link over one connection at a time, kept up for as long as it is started.

    Args:
        switch: the name of the switch.
        address: where the T-Server is, in words for people.
        endpoint: where it is, for Twisted.
        credentials: who this client is, and how often either side wants a sign of life.
        wire: how messages are written.
        clock: the time of everything but reconnecting and closing, which go by the reactor's.
        reactor: Twisted's time.
        listener: who is told.
        retry: the back-off; the default grows from 0.1 to 5 seconds, and up to a second more by chance.
        explain_failure: says why there is no connection, in words for people.
        rejection: says why a T-Server cannot be used, from its EventServerInfo; None if it can.

    """

    def __init__(  # noqa: PLR0913 (everything the link stands on is an argument)
        self,
        switch: str,
        address: str,
        *,
        endpoint: IStreamClientEndpoint,
        credentials: Credentials,
        wire: Wire,
        clock: Clock,
        reactor: IReactorTime,
        listener: LinkListener[C],
        retry: Retry | None = None,
        explain_failure: Callable[[TwistedFailure], str] = TwistedFailure.getErrorMessage,
        rejection: Callable[[EventServerInfo], str | None] = accept_any_server,
    ) -> None:
        self.switch = switch
        self.address = address
        """Where the T-Server is, in words for people."""
        self._listener = listener
        self._is_reported_up = False
        config = LinkConfig(switch, credentials, wire, clock, reactor, retry)
        self._connection: LinkConnection[C] = LinkConnection(
            config, Endpoint(address, endpoint, explain_failure), self, rejection
        )
        self.start = self._connection.start
        self.send = self._connection.send
        self.received = partial(listener.received, switch)
        self.failed = partial(listener.failed, switch)

    @property
    def down_reason(self) -> str | None:
        """Why nothing can be sent, in words for people; None when the link is up."""
        return self._connection.down_reason

    def stop(self) -> Deferred[None]:
        """Close the connection and stay closed."""
        self._is_reported_up = False
        return self._connection.stop()

    # --- what the line tells (line.LineListener) ---------------------------------------------------

    def came_up(self) -> None:
        """Pass it on."""
        self._is_reported_up = True
        self._listener.link_up(self.switch)

    def went_down(self, reason: str, failed_requests: FailedRequests[C]) -> None:
        """Pass it on, once."""
        if self._is_reported_up:
            self._is_reported_up = False
            self._listener.link_down(self.switch, reason)
        for pending, failure in failed_requests:
            self._listener.failed(self.switch, pending, failure)

    def was_lost(self, reason: str, failed_requests: FailedRequests[C]) -> None:
        """Do as if the switch were gone: nothing is heard either way."""
        self.went_down(reason, failed_requests)


def reject_backup(info: EventServerInfo) -> str | None:
    """Say that a backup cannot be used: of a pair in warm standby only the primary works."""
    return "it is the backup" if info.server_role is ServerRole.Backup else None
