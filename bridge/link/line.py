"""A connection to one T-Server that is kept up: connect, register, correlate, pace, reconnect."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog
from twisted.application.internet import backoffPolicy
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.interfaces import IDelayedCall, IProtocol, IReactorTime
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure as TwistedFailure

from bridge.link.connection import Connection
from bridge.link.endpoints import Reach
from bridge.link.machine import Inputs, State, machine
from bridge.link.outstanding import Failure, failure_of
from bridge.link.pacing import Requests
from bridge.runtime.clock import Clock, Timer
from bridge.tlib.codec import BadMessageError, Codec
from bridge.tlib.messages import Event, EventError, EventServerInfo, Request
from bridge.tlib.session import ClientSession, Credentials, LinkState

PATIENCE_SECONDS = 10.0
"""How long a request may go without an outcome."""

CLOSING_SECONDS = 2.0
"""How long a T-Server may take to close its side when a connection is closed."""

Retry = Callable[[int], float]
"""Gives the seconds to wait before an attempt to connect, from the number of those that failed."""

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)

Ended = Sequence[tuple[C, Failure]]


class LineListener(Protocol[C_contra]):
    """Who is told what a line brings. `ended` are requests that get no outcome any more, told here only."""

    def came_up(self) -> None:
        """Requests can be sent."""

    def went_down(self, reason: str, ended: Ended[C_contra]) -> None:
        """The T-Server has lost its switch; the connection is still there."""

    def was_lost(self, reason: str, ended: Ended[C_contra]) -> None:
        """The connection is not there, and what the T-Server knew of this client is forgotten."""

    def received(self, event: Event, cause: C_contra | None) -> None:
        """An event arrived; `cause` is set on the first event with the ReferenceID of a request."""

    def failed(self, cause: C_contra, failure: Failure) -> None:
        """A request was refused, or had no outcome in time."""


@dataclass(frozen=True, slots=True)
class Footing:
    """What every connection of a link stands on.

    Attributes:
        switch: The name of the switch, for people.
        clock: The time of everything but reconnecting and closing, which go by the reactor's.
        retry: The back-off; the default grows from 0.1 to 5 seconds, and up to a second more by chance.

    """

    switch: str
    credentials: Credentials
    codec: Codec
    clock: Clock
    reactor: IReactorTime
    retry: Retry | None = None


def anyone(_info: EventServerInfo) -> None:
    """Accept a T-Server whatever it says of itself."""


class Line(Generic[C]):
    """The connection. It implements `machine.Effects` and `connection.Owner`.

    Args:
        footing: what it stands on.
        reach: where the T-Server is.
        listener: who is told.
        unfit: says why a T-Server cannot be used, from its EventServerInfo; None if it can.

    """

    def __init__(
        self,
        footing: Footing,
        reach: Reach,
        listener: LineListener[C],
        unfit: Callable[[EventServerInfo], str | None] = anyone,
    ) -> None:
        self._log = structlog.get_logger().bind(switch=footing.switch, address=reach.address)
        self._footing, self._reach, self._listener, self._unfit = footing, reach, listener, unfit
        self._requests: Requests[C] = Requests(PATIENCE_SECONDS)
        self._retry = footing.retry or backoffPolicy(0.1, 5.0)
        self._state = self._was = State.STOPPED
        self._attempts = 0
        self._attempt: Deferred[IProtocol] | None = None
        self._waiting: IDelayedCall | None = None
        self._connection: Connection | None = None
        self._heard: LinkState | None = None
        self._closing: dict[Connection, tuple[Deferred[None], IDelayedCall]] = {}
        self._timer: Timer | None = None
        self._why_down = "not connected yet"
        self._machine: Inputs = machine(self)
        self._factory = Factory.forProtocol(self._build)
        self._factory.noisy = False

    @property
    def address(self) -> str:
        """Where the T-Server is, in words for people."""
        return self._reach.address

    @property
    def why_down(self) -> str | None:
        """Why nothing can be sent, in words for people; None when it can."""
        return None if self._state is State.UP and self._connection else self._in_words(self._why_down)

    def start(self) -> None:
        """Begin to connect, and go on until `stop`."""
        if self._state is State.STOPPED:
            self._machine.start()

    def stop(self) -> Deferred[None]:
        """Close the connection and stay closed. The listener is not told; what was asked is forgotten."""
        self._machine.stop("it was stopped")
        return together(deferred for deferred, _ in self._closing.values())

    def send(self, request: Request, cause: C) -> None:
        """Give a request its ReferenceID and write it, or let it wait for its turn.

        Raises:
            ValueError: it cannot be sent (see `why_down`).
            TooManyOutstandingError: the T-Server owes too many outcomes already.

        """
        if self._state is not State.UP or self._connection is None:
            raise ValueError(self.why_down)
        now = self._clock.now()
        written = self._requests.ask(request, cause, now)
        if written is not None:
            self._write(self._connection, written)
            self._connection.flush()

    def abandon(self, reason: str) -> Ended[C]:
        """Wait for no outcome any more; gives what was asked."""
        return self._requests.lose(reason)

    # --- what the connection tells (connection.Owner) ---------------------------------------------

    def made(self, connection: Connection) -> None:
        """Take the connection; if it came too late, close it."""
        if self._state is not State.CONNECTING:
            connection.abort()
            return
        self._connection, self._heard = connection, None
        self._machine.connected()

    def take_in(self, connection: Connection, item: Event | BadMessageError) -> None:
        """Sort what arrived."""
        if connection is not self._connection:
            return
        if isinstance(item, BadMessageError):
            self._log.warning("event not understood", message=item.number, reason=str(item))
            return
        self._log.debug("event", name=item.name, reference=item.reference_id)
        if isinstance(item, EventServerInfo) and (unfit := self._unfit(item)):
            connection.give_up(unfit)
            return
        self._follow(connection.session.state)
        cause = self._requests.settle(item)
        if not isinstance(item, EventError):
            self._listener.received(item, cause)
        elif cause is not None:
            failure = failure_of(item)
            self._log.info("request refused", code=failure.code.value, text=failure.text)
            self._listener.failed(cause, failure)
        else:
            self._log.warning("error for no request of ours", reference=item.reference_id)

    def taken_in(self, connection: Connection) -> None:
        """Write the requests whose turn has come; the connection flushes them."""
        if connection is self._connection and self._state is State.UP:
            for request in self._requests.due(self._clock.now()):
                self._write(connection, request)

    def gone(self, connection: Connection, reason: str | TwistedFailure) -> None:
        """Take note that a connection is of no use any more."""
        if connection is self._connection:
            self._connection = None
            self._machine.lost(reason if isinstance(reason, str) else self._reach.why(reason))

    def closed(self, connection: Connection) -> None:
        """Tell who waits for it that a socket is closed."""
        waiting = self._closing.pop(connection, None)
        if waiting is not None:
            deferred, limit = waiting
            if limit.active():
                limit.cancel()
            deferred.callback(None)

    # --- what the states have as effects (machine.Effects) -----------------------------------------

    def enter(self, state: State) -> None:
        """Remember the state."""
        self._was, self._state = self._state, state

    def connect(self, _reason: str) -> None:
        """Begin an attempt."""
        self._attempt = self._reach.endpoint.connect(self._factory)
        self._attempt.addErrback(self._not_connected)

    def came_up(self, _reason: str) -> None:
        """Say so."""
        self._attempts = 0
        self._log.info("link up")
        self._listener.came_up()

    def went_down(self, reason: str) -> None:
        """Say so; what was not sent yet will not be."""
        self._attempts = 0
        self._note(reason)
        self._listener.went_down(reason, self._requests.give_up(self._in_words(reason)))

    def was_lost(self, reason: str) -> None:
        """Settle what cannot be known any more, and say so."""
        self._attempt = None
        reason = reason.rstrip(".")
        self._note(reason)
        self._listener.was_lost(reason, self._requests.lose(self._in_words(reason)))

    def wait(self, _reason: str) -> None:
        """Try again after a while."""
        self._attempts += 1
        self._waiting = self._footing.reactor.callLater(self._retry(self._attempts), self._machine.retry)

    def close(self, reason: str) -> None:
        """Give everything up."""
        self._why_down = reason
        self._requests.lose(reason)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._waiting and self._waiting.active():
            self._waiting.cancel()
        attempt, self._attempt = self._attempt, None
        connection, self._connection = self._connection, None
        if connection:
            limit = self._footing.reactor.callLater(CLOSING_SECONDS, connection.abort)
            self._closing[connection] = (Deferred(), limit)
            connection.close()
        elif attempt:
            attempt.cancel()

    # --- inside -----------------------------------------------------------------------------------

    @property
    def _clock(self) -> Clock:
        return self._footing.clock

    def _build(self) -> Connection:
        session = ClientSession(self._footing.codec, self._footing.credentials, self._clock.now())
        return Connection(self, session, self._clock)

    def _not_connected(self, failure: TwistedFailure) -> None:
        if self._state is State.CONNECTING and not isinstance(failure.value, CancelledError):
            self._machine.lost(self._reach.why(failure))

    def _follow(self, heard: LinkState) -> None:
        if heard is self._heard:
            return
        self._heard = heard
        if heard is LinkState.UP:
            self._machine.switch_up()
        elif heard is LinkState.SWITCH_DOWN:
            self._machine.switch_down(heard.value)

    def _in_words(self, reason: str) -> str:
        return f"The link to {self._footing.switch} at {self.address} is down: {reason}"

    def _note(self, reason: str) -> None:
        """Log why it is down, once for a reason that repeats."""
        if self._was is State.UP:
            self._log.warning("link down", reason=reason)
        elif reason != self._why_down:
            self._log.warning("cannot connect", reason=reason)
        self._why_down = reason

    def _write(self, connection: Connection, request: Request) -> None:
        connection.session.send(request)
        self._log.debug("request", name=request.name, reference=request.reference_id)
        if self._timer is None:
            self._arm()

    def _arm(self) -> None:
        deadline = self._requests.deadline
        self._timer = None if deadline is None else self._clock.call_at(deadline, self._expire)

    def _expire(self) -> None:
        for cause, failure in self._requests.expire(self._clock.now()):
            self._listener.failed(cause, failure)
        if self._connection:
            self.taken_in(self._connection)
            self._connection.flush()
        self._arm()


def together(deferreds: Iterable[Deferred[None]]) -> Deferred[None]:
    """Wait for all of them."""
    return gatherResults(deferreds).addCallback(lambda _: None)
