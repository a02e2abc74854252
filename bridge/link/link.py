"""The link itself: Twisted below, `ClientSession` and `Outstanding` above."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import msgspec
import structlog
from twisted.application.internet import ClientService, backoffPolicy
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
    ITCPTransport,
)
from twisted.internet.protocol import Factory, connectionDone
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.python.failure import Failure as TwistedFailure
from zope.interface import implementer

from bridge.link.outstanding import Failure, Outstanding, failure_of
from bridge.runtime.clock import Clock, Timer
from bridge.tlib.codec import BadMessageError, Codec
from bridge.tlib.messages import Event, EventError, Request
from bridge.tlib.session import ClientSession, Credentials, LinkState, ProtocolViolationError

PATIENCE_SECONDS = 10.0
"""How long a request may go without an outcome."""

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)


class LinkListener(Protocol[C_contra]):
    """Who is told what the link brings; `cause` is what was given to `Link.send`."""

    def link_up(self, switch: str) -> None:
        """DNs may be registered now; none is."""

    def link_down(self, switch: str, reason: str) -> None:
        """Nothing will be heard of this switch's DNs until `link_up`."""

    def received(self, switch: str, event: Event, cause: C_contra | None) -> None:
        """An event arrived; `cause` is set on the first event with the ReferenceID of a request."""

    def failed(self, switch: str, cause: C_contra, failure: Failure) -> None:
        """A request was refused, or its outcome cannot be known. Told once for a request."""


class _Connection(TwistedProtocol):
    """One TCP connection: bytes in, bytes out, and when to look after it."""

    def __init__(self, link: "Link[object]", session: ClientSession, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._timer: Timer | None = None
        self.session = session

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(True)  # a request is short, and an agent waits for it
        self.flush()
        self._arm()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        try:
            for event in self.session.receive(data, self._clock.now()):
                self._link.take_in(event)
        except ProtocolViolationError as error:
            self._give_up(error)
        else:
            self.flush()

    def connectionLost(self, reason: TwistedFailure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        if self._timer:
            self._timer.cancel()
        self._link.lost(self, reason.getErrorMessage())

    def flush(self) -> None:
        data = self.session.take()
        if data and self.transport:
            self.transport.write(data)

    def _give_up(self, error: ProtocolViolationError) -> None:
        self._link.lost(self, str(error))
        if self.transport:
            self.transport.abortConnection()  # type: ignore[attr-defined] # TCP and TLS transports have it

    def _arm(self) -> None:
        deadline = self.session.deadline
        self._timer = self._clock.call_at(deadline, self._tick) if deadline is not None else None

    def _tick(self) -> None:
        try:
            self.session.tick(self._clock.now())
        except ProtocolViolationError as error:
            self._give_up(error)
        else:
            self.flush()
            self._arm()


@implementer(IStreamClientEndpoint)
class _Watched:
    """An endpoint that tells why an attempt failed; the service that uses it only tries again."""

    def __init__(
        self, endpoint: IStreamClientEndpoint, failed: Callable[[TwistedFailure], TwistedFailure]
    ) -> None:
        self._endpoint = endpoint
        self._failed = failed

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        attempt: Deferred[IProtocol] = self._endpoint.connect(factory)
        return attempt.addErrback(self._failed)


class Link(Generic[C]):
    """A link to the T-Server of one switch, kept up for as long as it is started."""

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
        retry: Callable[[int], float] | None = None,
    ) -> None:
        self._log = structlog.get_logger().bind(switch=switch, address=address)
        self.switch = switch
        self.address = address
        """Where the T-Server is, in words for people."""
        self._credentials = credentials
        self._codec = codec
        self._clock = clock
        self._listener = listener
        self._outstanding: Outstanding[C] = Outstanding(PATIENCE_SECONDS)
        self._timer: Timer | None = None
        self._connection: _Connection | None = None
        self._up = False
        self._why_down = "not connected yet"
        factory = Factory.forProtocol(self._connect)
        factory.noisy = False
        self._service = ClientService(
            _Watched(endpoint, self._not_connected),
            factory,
            retryPolicy=retry or backoffPolicy(0.1, 5.0),
            clock=reactor,
        )

    @property
    def why_down(self) -> str | None:
        """Why nothing can be sent, in words for people; None when the link is up."""
        return None if self._up else f"The link to {self.switch} at {self.address} is down: {self._why_down}"

    def start(self) -> None:
        """Begin to connect, and go on until `stop`."""
        self._service.startService()

    def stop(self) -> Deferred[None]:
        """Close the connection and stay closed. Nobody is told: whoever stops the link knows."""
        self._connection = None
        self._up = False
        self._why_down = "it was stopped"
        if self._timer:
            self._timer.cancel()
        return self._service.stopService()

    def send(self, request: Request, cause: C) -> None:
        """Give a request its ReferenceID and write it.

        Raises:
            ValueError: the link is down (see `why_down`).
            TooManyOutstandingError: the T-Server owes too many outcomes already.

        """
        if not self._up or self._connection is None:
            raise ValueError(self.why_down)
        reference = self._outstanding.add(request.name, cause, self._clock.now())
        self._connection.session.send(msgspec.structs.replace(request, reference_id=reference))
        self._connection.flush()
        self._log.debug("request", name=request.name, reference=reference)
        if self._timer is None:
            self._arm()

    # --- what the connection tells ---------------------------------------------------------------

    def take_in(self, event: Event | BadMessageError) -> None:
        """Sort what arrived."""
        if isinstance(event, BadMessageError):
            self._log.warning("event not understood", message=event.number, reason=str(event))
            return
        self._log.debug("event", name=event.name, reference=event.reference_id)
        self._follow()
        cause = self._outstanding.settle(event)
        if not isinstance(event, EventError):
            self._listener.received(self.switch, event, cause)
        elif cause is not None:
            failure = failure_of(event)
            self._log.info("request refused", code=failure.code.value, text=failure.text)
            self._listener.failed(self.switch, cause, failure)
        else:
            self._log.warning("error for no request of ours", reference=event.reference_id)

    def lost(self, connection: _Connection, reason: str) -> None:
        """Settle what cannot be known any more; called once or twice for a connection."""
        if connection is not self._connection:
            return
        self._connection = None
        self._go_down(reason)
        for cause, failure in self._outstanding.lose(self.why_down or reason):
            self._listener.failed(self.switch, cause, failure)

    # --- inside ----------------------------------------------------------------------------------

    def _connect(self) -> _Connection:
        session = ClientSession(self._codec, self._credentials, self._clock.now())
        connection = _Connection(self, session, self._clock)  # type: ignore[arg-type] # of any cause
        self._connection = connection
        return connection

    def _not_connected(self, failure: TwistedFailure) -> TwistedFailure:
        self._go_down(failure.getErrorMessage())
        return failure

    def _follow(self) -> None:
        if self._connection is None:
            return
        state = self._connection.session.state
        if state is LinkState.UP and not self._up:
            self._up = True
            self._log.info("link up")
            self._listener.link_up(self.switch)
        elif state is LinkState.SWITCH_DOWN and self._up:
            self._go_down(state.value)

    def _go_down(self, reason: str) -> None:
        """Take note that the link is down, or that it still is; a reason that repeats is logged once."""
        reason = reason.rstrip(".")
        was_up, known = self._up, self._why_down
        self._up, self._why_down = False, reason
        if was_up:
            self._log.warning("link down", reason=reason)
            self._listener.link_down(self.switch, reason)
        elif reason != known:
            self._log.warning("cannot connect", reason=reason)

    def _arm(self) -> None:
        deadline = self._outstanding.deadline
        self._timer = None if deadline is None else self._clock.call_at(deadline, self._expire)

    def _expire(self) -> None:
        for cause, failure in self._outstanding.expire(self._clock.now()):
            self._listener.failed(self.switch, cause, failure)
        self._arm()
