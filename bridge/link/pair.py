"""A link to a pair of T-Servers in hot standby: two lines, and what `Pairing` decides."""

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

import structlog
from twisted.internet.defer import Deferred

from bridge.link.endpoints import Reach
from bridge.link.line import Ended, Footing, Line, together
from bridge.link.link import LinkListener
from bridge.link.outstanding import Failure, TooManyOutstandingError
from bridge.link.pairing import Down, Moved, Outcome, Pairing, Tell, Up
from bridge.runtime.clock import Timer
from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode

C = TypeVar("C")

_FRAMING = (
    m.EventServerInfo,
    m.EventLinkConnected,
    m.EventLinkDisconnected,
    m.EventPrimaryChanged,
    m.EventRestoreConnection,
)
"""What a member says about itself; the listener is told of the pair instead."""

_ANSWERS = (
    m.EventRegistered,
    m.EventUnregistered,
    m.EventAddressInfo,
    m.EventPartyInfo,
    m.EventSwitchInfo,
    m.EventLocationInfo,
    m.EventACK,
)
"""What is for one client alone."""

_UNKNOWN = (ErrorCode.LinkDown, ErrorCode.Timeout)
"""Failures that say nothing about what became of the request."""


@dataclass(frozen=True, slots=True)
class _Users(Generic[C]):
    """A request that the listener sent."""

    cause: C
    dn: str | None = None
    """The DN that it registers."""


@dataclass(frozen=True, slots=True)
class _Mirrored:
    """A registration that is repeated with the other member."""

    dn: str


@dataclass(frozen=True, slots=True)
class _Proof:
    """A question to the source, for the other member's sake."""

    member: int
    number: int


@dataclass(frozen=True, slots=True)
class _Role:
    """A question to a member about its role."""


_Cause: TypeAlias = _Users[C] | _Mirrored | _Proof | _Role
_News: TypeAlias = tuple[m.Event, C | None]


@dataclass(frozen=True, slots=True)
class _Failed(Generic[C]):
    """A failure to tell when its turn comes."""

    cause: C
    failure: Failure


class HotPair(Generic[C]):
    """A link over two connections. Its listener cannot tell it from a `Link` that is rarely down."""

    def __init__(self, footing: Footing, first: Reach, second: Reach, listener: LinkListener[C]) -> None:
        self.switch = footing.switch
        self.address = f"{first.address} and {second.address}"
        """Where the T-Servers are, in words for people."""
        self._log = structlog.get_logger().bind(switch=footing.switch)
        self._clock = footing.clock
        self._listener = listener
        self._lines: tuple[Line[_Cause[C]], Line[_Cause[C]]] = (
            Line(footing, first, _Side(self, 0)),
            Line(footing, second, _Side(self, 1)),
        )
        self._begin()

    def _begin(self) -> None:
        self._pairing: Pairing[_News[C]] = Pairing()
        self._names: list[str | None] = [None, None]
        self._to_do: deque[Outcome[_News[C]] | _Failed[C]] = deque()
        self._is_busy = False
        self._timer: Timer | None = None

    @property
    def why_down(self) -> str | None:
        """Why nothing can be sent, in words for people; None when the link is up."""
        active = self._pairing.active
        if active is not None and self._lines[active].why_down is None:
            return None
        return f"The link to {self.switch} at {self.address} is down: {self._pairing.why_down}"

    def start(self) -> None:
        """Begin to connect to both, and go on until `stop`."""
        for line in self._lines:
            line.start()

    def stop(self) -> Deferred[None]:
        """Close both connections and stay closed. The listener is not told."""
        if self._timer:
            self._timer.cancel()
        self._begin()
        self._pairing.why_down = "it was stopped"
        return together([line.stop() for line in self._lines])

    def send(self, request: m.Request, cause: C) -> None:
        """Send a request to the primary, and registrations to the other member as well.

        Raises:
            ValueError: the link is down (see `why_down`).
            TooManyOutstandingError: the T-Server owes too many outcomes already.

        """
        active = self._pairing.active
        if active is None:
            raise ValueError(self.why_down)
        if isinstance(request, m.RequestRegisterAddress):
            self._lines[active].send(request, _Users(cause, request.this_dn))
            self._pairing.registering(request)
            self._see_to_members()
            return
        self._lines[active].send(request, _Users(cause))
        if isinstance(request, m.RequestUnregisterAddress):
            self._pairing.unregistering(request.this_dn)
            self._mirror(self._lines[1 - active], request)

    # --- what a line tells ------------------------------------------------------------------------

    def came_up(self, member: int) -> None:
        """A member has its switch."""
        self._do(self._pairing.came_up(member, self._clock.now()))

    def went_down(self, member: int, reason: str, ended: Ended[_Cause[C]]) -> None:
        """A member has lost its switch."""
        self._do(self._pairing.went_down(member, reason, self._clock.now()), self._ended(member, ended))

    def was_lost(self, member: int, reason: str, ended: Ended[_Cause[C]]) -> None:
        """A member is gone."""
        self._names[member] = None
        outcome = self._pairing.lost(member, reason, self._clock.now())
        self._do(outcome, self._ended(member, ended))

    def received(self, member: int, event: m.Event, cause: _Cause[C] | None) -> None:
        """Sort what a member says."""
        now = self._clock.now()
        if isinstance(event, _FRAMING):
            self._do(self._framing(member, event, now))
        if isinstance(cause, _Proof):
            self._do(self._pairing.proved(cause.member, cause.number, now, answered=True))
        elif isinstance(cause, _Mirrored):
            if isinstance(event, m.EventRegistered):
                self._do(self._pairing.registered(member, cause.dn, now, is_numbered=True))
        elif not isinstance(event, _FRAMING) and not isinstance(cause, _Role):
            self._tell(member, event, cause, now)

    def failed(self, member: int, cause: _Cause[C], failure: Failure) -> None:
        """Sort what a member refuses, or does not answer."""
        self._do([], self._ended(member, [(cause, failure)]))

    # --- inside -----------------------------------------------------------------------------------

    def _framing(self, member: int, event: m.Event, now: float) -> list[Outcome[_News[C]]]:
        if isinstance(event, m.EventServerInfo):
            self._names[member] = event.application_name
            return self._pairing.identified(member, event.server_role, event.server_start_time, now)
        if isinstance(event, m.EventPrimaryChanged):
            # The event names the new primary. Who names nobody, or a stranger, speaks of itself.
            other = self._names[1 - member]
            primary = 1 - member if other is not None and event.application_name == other else member
            return self._pairing.primary_is(primary, now, said_by=member)
        return []

    def _tell(self, member: int, event: m.Event, cause: _Users[C] | None, now: float) -> None:
        number = event.event_sequence_number
        is_answer = cause is not None or isinstance(event, _ANSWERS)
        news = (event, None if cause is None else cause.cause)
        outcome = self._pairing.heard(member, number, news, now, is_answer=is_answer)
        if cause is not None and cause.dn is not None and isinstance(event, m.EventRegistered):
            outcome += self._pairing.registered(member, cause.dn, now, is_numbered=number > 0)
        self._do(outcome)

    def _ended(self, member: int, ended: Ended[_Cause[C]]) -> list[_Failed[C]]:
        """Take in that requests failed; gives those that are the listener's."""
        failed = []
        for cause, failure in ended:
            if isinstance(cause, _Users):
                if cause.dn is not None and failure.code not in _UNKNOWN:
                    self._pairing.unregistering(cause.dn)
                failed.append(_Failed(cause.cause, failure))
            elif isinstance(cause, _Proof):
                answered = failure.code not in _UNKNOWN
                self._do(
                    self._pairing.proved(cause.member, cause.number, self._clock.now(), answered=answered)
                )
            elif isinstance(cause, _Mirrored) and failure.code not in _UNKNOWN:
                self._log.warning(
                    "not registered with both", dn=cause.dn, reason=failure.text, member=self._at(member)
                )
        return failed

    def _do(self, outcome: list[Outcome[_News[C]]], failed: list[_Failed[C]] | None = None) -> None:
        """Carry out what was decided, one thing after the other, whatever follows from it meanwhile."""
        failed = failed or []
        first = 1 if outcome and isinstance(outcome[0], Down) else 0
        self._to_do.extend([*outcome[:first], *failed, *outcome[first:]])
        if self._is_busy:
            return
        self._is_busy = True
        try:
            while self._to_do:
                self._do_one(self._to_do.popleft())
        finally:
            self._is_busy = False
        self._see_to_members()
        self._arm()

    def _do_one(self, what: Outcome[_News[C]] | _Failed[C]) -> None:
        if isinstance(what, Tell):
            self._listener.received(self.switch, *what.event)
        elif isinstance(what, _Failed):
            self._listener.failed(self.switch, what.cause, what.failure)
        elif isinstance(what, Moved):
            self._log.warning("moved to the other T-Server", address=self._at(1 - what.left))
            reason = f"the T-Server at {self._at(what.left)} is no longer the primary"
            abandoned = self._lines[what.left].abandon(reason)
            self._to_do.extendleft(reversed(self._ended(what.left, abandoned)))
        elif isinstance(what, Up):
            self._log.info("pair up")
            self._listener.link_up(self.switch)
        else:
            self._log.warning("pair down", reason=what.reason)
            self._listener.link_down(self.switch, what.reason)

    def _see_to_members(self) -> None:
        """Ask for roles; register with the member that is not listened to, and prove it up to date."""
        for member, line in enumerate(self._lines):
            if self._pairing.to_identify(member):
                self._try(line, m.RequestQueryServer(), _Role())
        source = self._pairing.source
        if source is None:
            return
        for request in self._pairing.to_register(1 - source):
            self._mirror(self._lines[1 - source], request)
        proof = self._pairing.to_prove(1 - source)
        if proof is not None and not self._try(
            self._lines[source], m.RequestQueryServer(), _Proof(1 - source, proof)
        ):
            self._pairing.proved(1 - source, proof, self._clock.now(), answered=False)

    def _mirror(
        self, line: Line[_Cause[C]], request: m.RequestRegisterAddress | m.RequestUnregisterAddress
    ) -> None:
        self._try(line, request, _Mirrored(request.this_dn))

    def _try(self, line: Line[_Cause[C]], request: m.Request, cause: _Mirrored | _Proof | _Role) -> bool:
        """Send what the listener knows nothing of. If it cannot be sent, the other member covers nothing."""
        if line.why_down is not None:
            return False
        try:
            line.send(request, cause)
        except TooManyOutstandingError:
            return False
        return True

    def _at(self, member: int) -> str:
        return self._lines[member].address

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
        deadline = self._pairing.deadline
        self._timer = None if deadline is None else self._clock.call_at(deadline, self._tick)

    def _tick(self) -> None:
        self._do(self._pairing.tick(self._clock.now()))


class _Side(Generic[C]):
    """What a line talks to: the pair, by the member's number. It implements `line.LineListener`."""

    def __init__(self, pair: HotPair[C], member: int) -> None:
        self._pair = pair
        self._member = member

    def came_up(self) -> None:
        self._pair.came_up(self._member)

    def went_down(self, reason: str, ended: Ended[_Cause[C]]) -> None:
        self._pair.went_down(self._member, reason, ended)

    def was_lost(self, reason: str, ended: Ended[_Cause[C]]) -> None:
        self._pair.was_lost(self._member, reason, ended)

    def received(self, event: m.Event, cause: _Cause[C] | None) -> None:
        self._pair.received(self._member, event, cause)

    def failed(self, cause: _Cause[C], failure: Failure) -> None:
        self._pair.failed(self._member, cause, failure)
