"""The connection to one T-Server: connect, register, correlate, pace, reconnect."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog
from twisted.application.internet import backoffPolicy
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IDelayedCall, IProtocol, IReactorTime
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure as TwistedFailure

from bridge.link.core.connection_states import ConnectionState, Inputs, machine
from bridge.link.core.requests import Failure, RequestQueue, failure_of
from bridge.link.endpoints import Endpoint
from bridge.link.protocol import LinkProtocol
from bridge.runtime.clock import Clock, Timer
from bridge.tlib.codec import BadMessageError
from bridge.tlib.messages import Event, EventError, EventServerInfo, Request
from bridge.tlib.session import Credentials, LinkState
from bridge.tlib.wire import Wire

OUTCOME_TIMEOUT_SECONDS = 10.0
"""How long a request may go without an outcome."""

CLOSING_SECONDS = 2.0
"""How long a T-Server may take to close its side when a connection is closed."""

Retry = Callable[[int], float]
"""Returns the seconds to wait before an attempt to connect, from the number of failed attempts."""

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)

FailedRequests = Sequence[tuple[C, Failure]]


class LinkConnectionListener(Protocol[C_contra]):
    """The listener of a connection. `failed_requests` get no outcome any more, and no call of `failed`."""

    def came_up(self) -> None:
        """Handle that requests can be sent."""

    def went_down(self, reason: str, failed_requests: FailedRequests[C_contra]) -> None:
        """Handle that the T-Server has lost its switch; the connection stays."""

    def was_lost(self, reason: str, failed_requests: FailedRequests[C_contra]) -> None:
        """Handle that the connection is lost, and with it all registrations of this client."""

    def received(self, event: Event, pending: C_contra | None) -> None:
        """Handle an event; `pending` is that of the request whose ReferenceID it is the first to have."""

    def failed(self, pending: C_contra, failure: Failure) -> None:
        """Handle that a request was refused, or had no outcome in time."""


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """The settings and surroundings of a connection.

    Attributes:
        switch: the name of the switch, for messages.
        clock: the time of everything but reconnecting and closing, which go by the reactor's.
        retry: the back-off; the default grows from 0.1 to 5 seconds, and up to a second more by chance.

    """

    switch: str
    credentials: Credentials
    wire: Wire
    clock: Clock
    reactor: IReactorTime
    retry: Retry | None = None


class NotConnectedError(Exception):
    """A request cannot be sent: the link is down. The text is the reason, to be shown to users."""


def accept_any_server(_info: EventServerInfo) -> None:
    """Accept any T-Server: the rejection that never rejects."""


class LinkConnection(Generic[C]):
    """One connection, kept up from `start` to `stop`. Implements `Effects` and `ProtocolOwner`.

    Args:
        config: its settings and surroundings.
        endpoint: where the T-Server is.
        listener: what events and changes of the connection are passed to.
        rejection: returns from an EventServerInfo why the T-Server cannot be used; None if it can.

    """

    def __init__(
        self,
        config: LinkConfig,
        endpoint: Endpoint,
        listener: LinkConnectionListener[C],
        rejection: Callable[[EventServerInfo], str | None] = accept_any_server,
    ) -> None:
        self._log = structlog.get_logger().bind(switch=config.switch, address=endpoint.address)
        self._clock = config.clock
        self._config, self._endpoint, self._listener, self._rejection = config, endpoint, listener, rejection
        self._request_queue: RequestQueue[C] = RequestQueue(OUTCOME_TIMEOUT_SECONDS)
        self._retry = config.retry or backoffPolicy(0.1, 5.0)
        self._state = self._previous_state = ConnectionState.STOPPED
        self._attempts = 0
        self._attempt: Deferred[IProtocol] | None = None
        self._reconnect_call: IDelayedCall | None = None
        self._protocol: LinkProtocol | None = None
        self._last_link_state: LinkState | None = None
        self._closing: dict[LinkProtocol, tuple[Deferred[None], IDelayedCall]] = {}
        self._timer: Timer | None = None
        self._last_down_reason = "not connected yet"
        self._machine: Inputs = machine(self)
        self._factory = Factory.forProtocol(self._build_protocol)
        self._factory.noisy = False

    @property
    def address(self) -> str:
        """Where the T-Server is, for messages."""
        return self._endpoint.address

    @property
    def down_reason(self) -> str | None:
        """Why no request can be sent, to be shown to users; None when requests can be sent."""
        return (
            None
            if self._state is ConnectionState.UP and self._protocol
            else self._describe_down(self._last_down_reason)
        )

    def start(self) -> None:
        """Begin to connect, and go on until `stop`."""
        if self._state is ConnectionState.STOPPED:
            self._machine.start()

    def stop(self) -> Deferred[None]:
        """Close the connection for good. The listener is not called; open requests are forgotten."""
        self._machine.stop("it was stopped")
        return wait_for_all(deferred for deferred, _ in self._closing.values())

    def send(self, request: Request, pending: C) -> None:
        """Give a request its ReferenceID and write it, or queue it.

        Raises:
            NotConnectedError: it cannot be sent; the text is the reason, to be shown to users.
            TooManyOutstandingError: too many requests are open already.

        """
        protocol = self._protocol
        if self._state is not ConnectionState.UP or protocol is None:
            raise NotConnectedError(self._describe_down(self._last_down_reason))
        now = self._clock.now()
        if self._timer is None:  # no request is outstanding, so this one becomes the oldest
            self._timer = self._clock.call_at(now + OUTCOME_TIMEOUT_SECONDS, self._expire)
        sendable = self._request_queue.submit(request, pending, now)
        if sendable is not None:
            self._log.debug("request", name=sendable.name, reference=sendable.reference_id)
            protocol.send(sendable)

    def abandon_requests(self, reason: str) -> FailedRequests[C]:
        """Stop tracking all requests and return them with `reason` as their failure."""
        return self._request_queue.fail_all(reason)

    # --- called by the protocol (ProtocolOwner) -----------------------------------------------------

    def connection_made(self, connection: LinkProtocol) -> None:
        """Use the connection; abort it if it came too late."""
        if self._state is not ConnectionState.CONNECTING:
            connection.abort()
            return
        self._protocol, self._last_link_state = connection, None
        self._machine.connected()

    def item_received(self, connection: LinkProtocol, item: Event | BadMessageError) -> None:
        """Log an error; pass an event to the listener, with the request that it answers."""
        if connection is not self._protocol:
            return
        if isinstance(item, BadMessageError):
            self._log.warning("event not understood", message=item.number, reason=str(item))
            return
        self._log.debug("event", name=item.name, reference=item.reference_id)
        if isinstance(item, EventServerInfo) and (rejection := self._rejection(item)):
            connection.disconnect(rejection)
            return
        if connection.session.state is not self._last_link_state:
            self._apply_link_state(connection.session.state)
        reference = item.reference_id
        pending = None if reference is None else self._request_queue.settle(reference)
        if not isinstance(item, EventError):
            self._listener.received(item, pending)
        elif pending is not None:
            failure = failure_of(item)
            self._log.info("request refused", code=failure.code.value, text=failure.text)
            self._listener.failed(pending, failure)
        else:
            self._log.warning("error for no request of ours", reference=item.reference_id)

    def data_processed(self, connection: LinkProtocol) -> None:
        """Write the requests whose turn has come."""
        if connection is self._protocol and self._state is ConnectionState.UP and self._request_queue.unsent:
            for request in self._request_queue.pop_sendable(self._clock.now()):
                self._log.debug("request", name=request.name, reference=request.reference_id)
                connection.send(request)

    def connection_lost(self, connection: LinkProtocol, reason: str | TwistedFailure) -> None:
        """Leave a connection that is lost or was given up."""
        if connection is self._protocol:
            self._protocol = None
            self._machine.lost(reason if isinstance(reason, str) else self._explain_loss(connection, reason))

    def socket_closed(self, connection: LinkProtocol) -> None:
        """Fire the result of `stop` for this connection."""
        closing = self._closing.pop(connection, None)
        if closing is not None:
            deferred, abort_call = closing
            if abort_call.active():
                abort_call.cancel()
            deferred.callback(None)

    # --- the effects of the state table (Effects) ---------------------------------------------------

    def enter(self, state: ConnectionState) -> None:
        """Record the state."""
        self._previous_state, self._state = self._state, state

    def connect(self, _reason: str) -> None:
        """Begin an attempt to connect."""
        self._attempt = self._endpoint.endpoint.connect(self._factory)
        self._attempt.addErrback(self._not_connected)

    def came_up(self, _reason: str) -> None:
        """Notify the listener."""
        self._attempts = 0
        self._log.info("link up")
        self._listener.came_up()

    def went_down(self, reason: str) -> None:
        """Fail the requests that were not written, and notify the listener."""
        self._attempts = 0
        self._log_down(reason)
        self._listener.went_down(reason, self._request_queue.fail_unsent(self._describe_down(reason)))

    def was_lost(self, reason: str) -> None:
        """Fail all requests, and notify the listener."""
        self._attempt = None
        reason = reason.rstrip(".")
        self._log_down(reason)
        self._listener.was_lost(reason, self._request_queue.fail_all(self._describe_down(reason)))

    def wait(self, _reason: str) -> None:
        """Schedule the next attempt to connect."""
        self._attempts += 1
        self._reconnect_call = self._config.reactor.callLater(
            self._retry(self._attempts), self._machine.retry
        )

    def close(self, reason: str) -> None:
        """Close the connection, or cancel the attempt or the waiting."""
        self._last_down_reason = reason
        self._request_queue.fail_all(reason)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._reconnect_call and self._reconnect_call.active():
            self._reconnect_call.cancel()
        attempt, self._attempt = self._attempt, None
        connection, self._protocol = self._protocol, None
        if connection:
            abort_call = self._config.reactor.callLater(CLOSING_SECONDS, connection.abort)
            self._closing[connection] = (Deferred(), abort_call)
            connection.close()
        elif attempt:
            attempt.cancel()

    # --- inside -------------------------------------------------------------------------------------

    def _build_protocol(self) -> LinkProtocol:
        session = self._config.wire.client_session(self._config.credentials, self._clock.now())
        return LinkProtocol(self, session, self._clock)

    def _not_connected(self, failure: TwistedFailure) -> None:
        if self._state is ConnectionState.CONNECTING and not isinstance(failure.value, CancelledError):
            self._machine.lost(self._endpoint.explain_failure(failure))

    def _explain_loss(self, connection: LinkProtocol, reason: TwistedFailure) -> str:
        text = self._endpoint.explain_failure(reason)
        if connection.session.state is LinkState.IDENTIFYING and isinstance(reason.value, ConnectionDone):
            # A T-Server closes at once when it cannot read RequestRegisterClient.
            wire = self._config.wire.name
            return f"{text.rstrip('.')} before EventServerInfo; is the T-Server's wire {wire}, too?"
        return text

    def _apply_link_state(self, link_state: LinkState) -> None:
        self._last_link_state = link_state
        if link_state is LinkState.UP:
            self._machine.switch_up()
        elif link_state is LinkState.SWITCH_DOWN:
            self._machine.switch_down(link_state.value)

    def _describe_down(self, reason: str) -> str:
        return f"The link to {self._config.switch} at {self.address} is down: {reason}"

    def _log_down(self, reason: str) -> None:
        """Log why it is down; a reason that repeats is logged once."""
        if self._previous_state is ConnectionState.UP:
            self._log.warning("link down", reason=reason)
        elif reason != self._last_down_reason:
            self._log.warning("cannot connect", reason=reason)
        self._last_down_reason = reason

    def _arm(self) -> None:
        deadline = self._request_queue.deadline
        self._timer = None if deadline is None else self._clock.call_at(deadline, self._expire)

    def _expire(self) -> None:
        for pending, failure in self._request_queue.expire(self._clock.now()):
            self._listener.failed(pending, failure)
        if self._protocol:
            self.data_processed(self._protocol)
        self._arm()


def wait_for_all(deferreds: Iterable[Deferred[None]]) -> Deferred[None]:
    """Return a result that fires when all have fired."""
    return gatherResults(deferreds).addCallback(lambda _: None)
