"""A link to a pair of T-Servers in hot standby: two connections, and the decisions of `Switchover`."""

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

import structlog
from twisted.internet.defer import Deferred

from bridge.link.connection import FailedRequests, LinkConfig, LinkConnection, NotConnectedError, wait_for_all
from bridge.link.core.requests import Failure, TooManyOutstandingError
from bridge.link.core.switchover import Deliver, PairAction, PairDown, PairUp, SwitchedOver, Switchover
from bridge.link.endpoints import Endpoint
from bridge.link.link import LinkListener
from bridge.runtime.clock import Timer
from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode

C = TypeVar("C")

_MEMBER_EVENTS = (
    m.EventServerInfo,
    m.EventLinkConnected,
    m.EventLinkDisconnected,
    m.EventPrimaryChanged,
    m.EventRestoreConnection,
)
"""The events of a member itself. The listener is notified of the pair instead."""

_CLIENT_ANSWERS = (
    m.EventRegistered,
    m.EventUnregistered,
    m.EventAddressInfo,
    m.EventPartyInfo,
    m.EventSwitchInfo,
    m.EventLocationInfo,
    m.EventACK,
)
"""The events that are for one client alone."""

_OUTCOME_UNKNOWN = (ErrorCode.LinkDown, ErrorCode.Timeout)
"""The failures after which it is unknown whether the request was carried out."""


@dataclass(frozen=True, slots=True)
class _ListenerRequest(Generic[C]):
    """A request of the listener."""

    pending: C
    dn: str | None = None
    """The DN that it registers, if it does."""


@dataclass(frozen=True, slots=True)
class _MirroredRegistration:
    """A registration that is repeated with the other member."""

    dn: str


@dataclass(frozen=True, slots=True)
class _ProofQuery:
    """A query to the source, to prove that the other member covers it."""

    member: int
    number: int


@dataclass(frozen=True, slots=True)
class _RoleQuery:
    """A query to a member for its role."""


_Pending: TypeAlias = _ListenerRequest[C] | _MirroredRegistration | _ProofQuery | _RoleQuery
_PendingEvent: TypeAlias = tuple[m.Event, C | None]


@dataclass(frozen=True, slots=True)
class _FailedRequest(Generic[C]):
    """A failure of a request of the listener, to be reported in its turn."""

    pending: C
    failure: Failure


class HotPair(Generic[C]):
    """A link over two connections; to its listener it is like a `Link`. Implements `AnyLink`."""

    def __init__(
        self, config: LinkConfig, first: Endpoint, second: Endpoint, listener: LinkListener[C]
    ) -> None:
        self.switch = config.switch
        self.address = f"{first.address} and {second.address}"
        """Where the T-Servers are, for messages."""
        self._log = structlog.get_logger().bind(switch=config.switch)
        self._clock = config.clock
        self._listener = listener
        self._connections: tuple[LinkConnection[_Pending[C]], LinkConnection[_Pending[C]]] = (
            LinkConnection(config, first, _MemberListener(self, 0)),
            LinkConnection(config, second, _MemberListener(self, 1)),
        )
        self._reset()

    def _reset(self) -> None:
        self._switchover: Switchover[_PendingEvent[C]] = Switchover()
        self._application_names: list[str | None] = [None, None]
        self._actions: deque[PairAction[_PendingEvent[C]] | _FailedRequest[C]] = deque()
        self._is_busy = False
        self._timer: Timer | None = None

    @property
    def down_reason(self) -> str | None:
        """Why no request can be sent, to be shown to users; None when the link is up."""
        active = self._switchover.active
        if active is not None and self._connections[active].down_reason is None:
            return None
        return f"The link to {self.switch} at {self.address} is down: {self._switchover.down_reason}"

    def start(self) -> None:
        """Begin to connect to both, and go on until `stop`."""
        for connection in self._connections:
            connection.start()

    def stop(self) -> Deferred[None]:
        """Close both connections for good. The listener is not called: its owner stops the link."""
        if self._timer:
            self._timer.cancel()
        self._reset()
        self._switchover.down_reason = "it was stopped"
        return wait_for_all([connection.stop() for connection in self._connections])

    def send(self, request: m.Request, pending: C) -> None:
        """Send a request to the primary, and registrations to the other member, too.

        Raises:
            NotConnectedError: the link is down; the text is the reason, to be shown to users.
            TooManyOutstandingError: too many requests are open already.

        """
        active, down_reason = self._switchover.active, self.down_reason
        if active is None or down_reason is not None:
            raise NotConnectedError(down_reason)
        if isinstance(request, m.RequestRegisterAddress):
            self._connections[active].send(request, _ListenerRequest(pending, request.this_dn))
            self._switchover.registering(request)
            self._send_to_members()
            return
        self._connections[active].send(request, _ListenerRequest(pending))
        if isinstance(request, m.RequestUnregisterAddress):
            self._switchover.unregistering(request.this_dn)
            self._send_mirrored(self._connections[1 - active], request)

    # --- called by the connections ------------------------------------------------------------------

    def came_up(self, member: int) -> None:
        """Handle that a member has its switch."""
        self._apply(self._switchover.came_up(member, self._clock.now()))

    def went_down(self, member: int, reason: str, failed_requests: FailedRequests[_Pending[C]]) -> None:
        """Handle that a member has lost its switch."""
        self._apply(
            self._switchover.went_down(member, reason, self._clock.now()),
            self._handle_failures(member, failed_requests),
        )

    def was_lost(self, member: int, reason: str, failed_requests: FailedRequests[_Pending[C]]) -> None:
        """Handle that the connection to a member is lost."""
        self._application_names[member] = None
        actions = self._switchover.lost(member, reason, self._clock.now())
        self._apply(actions, self._handle_failures(member, failed_requests))

    def received(self, member: int, event: m.Event, pending: _Pending[C] | None) -> None:
        """Handle an event of a member."""
        now = self._clock.now()
        if isinstance(event, _MEMBER_EVENTS):
            self._apply(self._handle_member_event(member, event, now))
        if isinstance(pending, _ProofQuery):
            self._apply(self._switchover.proof_finished(pending.member, pending.number, now, answered=True))
        elif isinstance(pending, _MirroredRegistration):
            if isinstance(event, m.EventRegistered):
                self._apply(self._switchover.registered(member, pending.dn, now, is_numbered=True))
        elif not isinstance(event, _MEMBER_EVENTS) and not isinstance(pending, _RoleQuery):
            self._handle_event(member, event, pending, now)

    def failed(self, member: int, pending: _Pending[C], failure: Failure) -> None:
        """Handle a request that a member refused or did not answer."""
        self._apply([], self._handle_failures(member, [(pending, failure)]))

    # --- inside -------------------------------------------------------------------------------------

    def _handle_member_event(
        self, member: int, event: m.Event, now: float
    ) -> list[PairAction[_PendingEvent[C]]]:
        if isinstance(event, m.EventServerInfo):
            self._application_names[member] = event.application_name
            return self._switchover.identified(member, event.server_role, event.server_start_time, now)
        if isinstance(event, m.EventPrimaryChanged):
            # The event names the new primary. Without a name, or with an unknown one, it is the sender.
            other = self._application_names[1 - member]
            primary = 1 - member if other is not None and event.application_name == other else member
            return self._switchover.primary_changed(primary, now, reported_by=member)
        return []

    def _handle_event(
        self, member: int, event: m.Event, pending: _ListenerRequest[C] | None, now: float
    ) -> None:
        number = event.event_sequence_number
        is_answer = pending is not None or isinstance(event, _CLIENT_ANSWERS)
        pending_event = (event, None if pending is None else pending.pending)
        actions = self._switchover.event_received(member, number, pending_event, now, is_answer=is_answer)
        if pending is not None and pending.dn is not None and isinstance(event, m.EventRegistered):
            actions += self._switchover.registered(member, pending.dn, now, is_numbered=number > 0)
        self._apply(actions)

    def _handle_failures(
        self, member: int, failed_requests: FailedRequests[_Pending[C]]
    ) -> list[_FailedRequest[C]]:
        """Apply failures of requests, and return those of the listener's requests."""
        failed = []
        for pending, failure in failed_requests:
            if isinstance(pending, _ListenerRequest):
                if pending.dn is not None and failure.code not in _OUTCOME_UNKNOWN:
                    self._switchover.unregistering(pending.dn)
                failed.append(_FailedRequest(pending.pending, failure))
            elif isinstance(pending, _ProofQuery):
                answered = failure.code not in _OUTCOME_UNKNOWN
                self._apply(
                    self._switchover.proof_finished(
                        pending.member, pending.number, self._clock.now(), answered=answered
                    )
                )
            elif isinstance(pending, _MirroredRegistration) and failure.code not in _OUTCOME_UNKNOWN:
                self._log.warning(
                    "not registered with both",
                    dn=pending.dn,
                    reason=failure.text,
                    member=self._address_of(member),
                )
        return failed

    def _apply(
        self, actions: list[PairAction[_PendingEvent[C]]], failed: list[_FailedRequest[C]] | None = None
    ) -> None:
        """Carry out actions in order. Those that they lead to meanwhile come after them."""
        failed = failed or []
        first = 1 if actions and isinstance(actions[0], PairDown) else 0
        self._actions.extend([*actions[:first], *failed, *actions[first:]])
        if self._is_busy:
            return
        self._is_busy = True
        try:
            while self._actions:
                self._apply_one(self._actions.popleft())
        finally:
            self._is_busy = False
        self._send_to_members()
        self._arm()

    def _apply_one(self, action: PairAction[_PendingEvent[C]] | _FailedRequest[C]) -> None:
        if isinstance(action, Deliver):
            self._listener.received(self.switch, *action.event)
        elif isinstance(action, _FailedRequest):
            self._listener.failed(self.switch, action.pending, action.failure)
        elif isinstance(action, SwitchedOver):
            self._log.warning("moved to the other T-Server", address=self._address_of(1 - action.left))
            reason = f"the T-Server at {self._address_of(action.left)} is no longer the primary"
            failed_requests = self._connections[action.left].abandon_requests(reason)
            self._actions.extendleft(reversed(self._handle_failures(action.left, failed_requests)))
        elif isinstance(action, PairUp):
            self._log.info("pair up")
            self._listener.link_up(self.switch)
        else:
            self._log.warning("pair down", reason=action.reason)
            self._listener.link_down(self.switch, action.reason)

    def _send_to_members(self) -> None:
        """Send role queries, and to the member that is not the source registrations and the proof."""
        for member, connection in enumerate(self._connections):
            if self._switchover.pop_role_query(member):
                self._try_send(connection, m.RequestQueryServer(), _RoleQuery())
        source = self._switchover.source
        if source is None:
            return
        for request in self._switchover.pop_registrations(1 - source):
            self._send_mirrored(self._connections[1 - source], request)
        proof = self._switchover.start_proof(1 - source)
        if proof is not None and not self._try_send(
            self._connections[source], m.RequestQueryServer(), _ProofQuery(1 - source, proof)
        ):
            self._switchover.proof_finished(1 - source, proof, self._clock.now(), answered=False)

    def _send_mirrored(
        self,
        connection: LinkConnection[_Pending[C]],
        request: m.RequestRegisterAddress | m.RequestUnregisterAddress,
    ) -> None:
        self._try_send(connection, request, _MirroredRegistration(request.this_dn))

    def _try_send(
        self,
        connection: LinkConnection[_Pending[C]],
        request: m.Request,
        pending: _MirroredRegistration | _ProofQuery | _RoleQuery,
    ) -> bool:
        """Send a request of the pair itself; return whether it was sent. If not, nothing is covered."""
        if connection.down_reason is not None:
            return False
        try:
            connection.send(request, pending)
        except TooManyOutstandingError:
            return False
        return True

    def _address_of(self, member: int) -> str:
        return self._connections[member].address

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
        deadline = self._switchover.deadline
        self._timer = None if deadline is None else self._clock.call_at(deadline, self._tick)

    def _tick(self) -> None:
        self._apply(self._switchover.tick(self._clock.now()))


class _MemberListener(Generic[C]):
    """Passes calls of a connection to the pair, with the member's number. A `LinkConnectionListener`."""

    def __init__(self, pair: HotPair[C], member: int) -> None:
        self._pair = pair
        self._member = member

    def came_up(self) -> None:
        self._pair.came_up(self._member)

    def went_down(self, reason: str, failed_requests: FailedRequests[_Pending[C]]) -> None:
        self._pair.went_down(self._member, reason, failed_requests)

    def was_lost(self, reason: str, failed_requests: FailedRequests[_Pending[C]]) -> None:
        self._pair.was_lost(self._member, reason, failed_requests)

    def received(self, event: m.Event, pending: _Pending[C] | None) -> None:
        self._pair.received(self._member, event, pending)

    def failed(self, pending: _Pending[C], failure: Failure) -> None:
        self._pair.failed(self._member, pending, failure)
