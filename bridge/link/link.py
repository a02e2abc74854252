"""A link to the T-Server of one switch: the one interface that the rest of the bridge knows."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.python.failure import Failure as TwistedFailure

from bridge.link.endpoints import Reach
from bridge.link.line import Ended, Footing, Line, Retry, anyone
from bridge.link.outstanding import Failure
from bridge.runtime.clock import Clock
from bridge.tlib.codec import Codec
from bridge.tlib.enums import ServerRole
from bridge.tlib.messages import Event, EventServerInfo, Request
from bridge.tlib.session import Credentials

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)


class LinkListener(Protocol[C_contra]):
    """Who is told what the link brings; `cause` is what was given to `send`."""

    def link_up(self, switch: str) -> None:
        """DNs may be registered now; none is."""

    def link_down(self, switch: str, reason: str) -> None:
        """Nothing will be heard of this switch's DNs until `link_up`."""

    def received(self, switch: str, event: Event, cause: C_contra | None) -> None:
        """An event arrived; `cause` is set on the first event with the ReferenceID of a request."""

    def failed(self, switch: str, cause: C_contra, failure: Failure) -> None:
        """A request was refused, or its outcome cannot be known. Told once for a request."""


class AnyLink(Protocol[C_contra]):
    """A link, be it to one T-Server or to a pair."""

    @property
    def why_down(self) -> str | None:
        """Why nothing can be sent, in words for people; None when the link is up."""

    def start(self) -> None:
        """Begin to connect, and go on until `stop`."""

    def stop(self) -> Deferred[None]:
        """Close the connections and stay closed. Nobody is told: whoever stops the link knows."""

    def send(self, request: Request, cause: C_contra) -> None:
        """Give a request its ReferenceID and write it, or let it wait for its turn.

        Raises:
            ValueError: the link is down (see `why_down`).
            TooManyOutstandingError: the T-Server owes too many outcomes already.

        """


class Link(Generic[C]):
    """A link over one connection at a time, kept up for as long as it is started.

    Args:
        switch: the name of the switch.
        address: where the T-Server is, in words for people.
        endpoint: where it is, for Twisted.
        credentials: who this client is, and how often either side wants a sign of life.
        codec: of the wire.
        clock: the time of everything but reconnecting and closing, which go by the reactor's.
        reactor: Twisted's time.
        listener: who is told.
        retry: the back-off; the default grows from 0.1 to 5 seconds, and up to a second more by chance.
        why: says why there is no connection, in words for people.
        unfit: says why a T-Server cannot be used, from its EventServerInfo; None if it can.

    """

    def __init__(  # noqa: PLR0913 (everything the link stands on is an argument)
        self,
        switch: str,
        address: str,
        *,
        endpoint: IStreamClientEndpoint,
        credentials: Credentials,
        codec: Codec,
        clock: Clock,
        reactor: IReactorTime,
        listener: LinkListener[C],
        retry: Retry | None = None,
        why: Callable[[TwistedFailure], str] = TwistedFailure.getErrorMessage,
        unfit: Callable[[EventServerInfo], str | None] = anyone,
    ) -> None:
        self.switch = switch
        self.address = address
        """Where the T-Server is, in words for people."""
        self._listener = listener
        self._told_up = False
        footing = Footing(switch, credentials, codec, clock, reactor, retry)
        self._line: Line[C] = Line(footing, Reach(address, endpoint, why), self, unfit)
        self.start = self._line.start
        self.send = self._line.send

    @property
    def why_down(self) -> str | None:
        """Why nothing can be sent, in words for people; None when the link is up."""
        return self._line.why_down

    def stop(self) -> Deferred[None]:
        """Close the connection and stay closed."""
        self._told_up = False
        return self._line.stop()

    # --- what the line tells (line.LineListener) ---------------------------------------------------

    def came_up(self) -> None:
        """Pass it on."""
        self._told_up = True
        self._listener.link_up(self.switch)

    def went_down(self, reason: str, ended: Ended[C]) -> None:
        """Pass it on, once."""
        if self._told_up:
            self._told_up = False
            self._listener.link_down(self.switch, reason)
        for cause, failure in ended:
            self._listener.failed(self.switch, cause, failure)

    def was_lost(self, reason: str, ended: Ended[C]) -> None:
        """Do as if the switch were gone: nothing is heard either way."""
        self.went_down(reason, ended)

    def received(self, event: Event, cause: C | None) -> None:
        """Pass it on."""
        self._listener.received(self.switch, event, cause)

    def failed(self, cause: C, failure: Failure) -> None:
        """Pass it on."""
        self._listener.failed(self.switch, cause, failure)


def backup_is_unfit(info: EventServerInfo) -> str | None:
    """Say that a backup cannot be used: of a pair in warm standby only the primary works."""
    return "it is the backup" if info.server_role is ServerRole.Backup else None
