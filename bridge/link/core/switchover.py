"""The decisions of a link to a pair in hot standby: which member is used, and which events pass, without I/O.

Both members distribute the switch's events, and number them by one mirrored counter. One of them is the
*source*: its events are delivered. Those of the other member are held as long as they may be news: their
number is above all that were delivered. When the source is lost, or the other member becomes the primary, the
other member becomes the source, its held events are delivered, and nothing is lost or doubled. That is right
only if the other member *covers* the source:

- every DN that is registered with the source is registered with it, and
- the source has sent all that happened before those registrations took effect. That is proved by a query to
  the source, sent after the last registration was confirmed: the answer comes behind all those events.

Otherwise the listener is notified that the link is down, and up again, and begins anew.

The mirrored counter is the rule of this project's simulator, and so is that a primary sends no client an
event that its backup does not have yet.
"""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from bridge.link.core.pair_member import (
    MEMBER_TABLE,
    MemberEffect,
    MemberInput,
    MemberStatus,
    ProofInput,
    ProofState,
)
from bridge.tlib.enums import ServerRole
from bridge.tlib.messages import RequestRegisterAddress

GRACE_SECONDS = 3.6
"""How long the pair may be without a primary before the link counts as down (T-Library, switchover time)."""

MAX_HELD = 16_384
"""How many events of the member that is not the source are held."""

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class PairUp:
    """The link is up; nothing is registered."""


@dataclass(frozen=True, slots=True)
class PairDown:
    """The link is down."""

    reason: str


@dataclass(frozen=True, slots=True)
class SwitchedOver:
    """The other member is the source; the open requests of `left` get no outcome any more."""

    left: int


@dataclass(frozen=True, slots=True)
class Deliver(Generic[E]):
    """An event to deliver."""

    event: E


PairAction: TypeAlias = PairUp | PairDown | SwitchedOver | Deliver[E]


class Switchover(Generic[E]):
    """The decisions. Members are 0 and 1; each input returns the actions to carry out, in order."""

    def __init__(self) -> None:
        self.members: tuple[MemberStatus[E], MemberStatus[E]] = (MemberStatus(), MemberStatus())
        self.source: int | None = None
        """The member whose events are delivered; None while the link is down."""
        self.deadline: float | None = None
        """When to call `tick`; set while the pair is without a primary."""
        self.down_reason = "not connected yet"
        """Why no request can be sent, when `active` is None."""
        self._last_delivered = 0
        self._is_numbered = True
        self._dns: dict[str, RequestRegisterAddress] = {}
        self._announcements = 0
        self._effects = {
            MemberEffect.FORGET_REQUESTED: self._forget_requested,
            MemberEffect.QUERY_ROLE: self._query_role,
            MemberEffect.CANCEL_ROLE_QUERY: self._cancel_role_query,
            MemberEffect.INVALIDATE_PROOF: self._invalidate_proof,
            MemberEffect.LINK_DOWN_IF_SOURCE: self._link_down_if_source,
            MemberEffect.LEAVE_IF_SOURCE: self._leave_if_source,
            MemberEffect.FORGET_MEMBER: self._forget_member,
        }

    @property
    def active(self) -> int | None:
        """The member that requests are sent to."""
        source = self.source
        if source is None or source != self._primary() or not self.members[source].is_up:
            return None
        return source

    # --- events of the members themselves -----------------------------------------------------------

    def identified(self, member: int, role: ServerRole, start_time: int, now: float) -> list[PairAction[E]]:
        """Apply an EventServerInfo."""
        self._fire(member, MemberInput.IDENTIFIED)
        self.members[member].start_time = start_time
        self._set_role(member, role)
        return self._decide(now)

    def primary_changed(self, primary: int, now: float, *, reported_by: int) -> list[PairAction[E]]:
        """Apply an EventPrimaryChanged."""
        self._fire(reported_by, MemberInput.CHANGE_FROM_ITSELF)
        self._fire(1 - reported_by, MemberInput.CHANGE_FROM_OTHER)
        if primary == reported_by:
            self.members[primary].delivered_before = self._last_delivered
        self._set_role(primary, ServerRole.Primary)
        self._set_role(1 - primary, ServerRole.Backup)
        return self._decide(now)

    def came_up(self, member: int, now: float) -> list[PairAction[E]]:
        """Apply an EventLinkConnected."""
        return self._fire(member, MemberInput.SWITCH_UP) + self._decide(now)

    def went_down(self, member: int, reason: str, now: float) -> list[PairAction[E]]:
        """Apply an EventLinkDisconnected."""
        self._set_down_reason(member, reason)
        return self._fire(member, MemberInput.SWITCH_DOWN) + self._decide(now)

    def lost(self, member: int, reason: str, now: float) -> list[PairAction[E]]:
        """Apply the loss of a connection, and with it of the member's registrations."""
        self._set_down_reason(member, reason)
        return self._fire(member, MemberInput.LOST) + self._decide(now)

    def pop_role_query(self, member: int) -> bool:
        """Return whether a member is to be asked for its role now."""
        status = self.members[member]
        if not (status.needs_role_query and status.is_up):
            return False
        status.needs_role_query = False
        return True

    def tick(self, now: float) -> list[PairAction[E]]:
        """Apply the deadline, if it has passed."""
        if self.deadline is None or now < self.deadline:
            return []
        return self._down(self.down_reason) + self._decide(now)

    # --- the effects of the member table ------------------------------------------------------------

    def _fire(self, member: int, given: MemberInput) -> list[PairAction[E]]:
        actions: list[PairAction[E]] = []
        MEMBER_TABLE.fire(self.members[member], given, self._effects, member, actions)
        return actions

    def _forget_requested(self, member: int, _actions: list[PairAction[E]]) -> None:
        self.members[member].requested.clear()

    def _query_role(self, member: int, _actions: list[PairAction[E]]) -> None:
        self.members[member].needs_role_query = True

    def _cancel_role_query(self, member: int, _actions: list[PairAction[E]]) -> None:
        self.members[member].needs_role_query = False

    def _invalidate_proof(self, member: int, _actions: list[PairAction[E]]) -> None:
        self.members[member].fire_proof(ProofInput.INVALIDATED)

    def _link_down_if_source(self, member: int, actions: list[PairAction[E]]) -> None:
        if member == self.source:
            actions += self._down("the T-Server had lost its switch")

    def _leave_if_source(self, member: int, actions: list[PairAction[E]]) -> None:
        if member != self.source:
            return
        can_take_over = self._can_take_over(1 - member)
        actions += self._switch_over(1 - member) if can_take_over else self._down(self.down_reason)

    def _forget_member(self, member: int, _actions: list[PairAction[E]]) -> None:
        status = self.members[member]
        status.forget()
        status.unconfirmed = dict(self._dns)
        status.requested.clear()
        status.fire_proof(ProofInput.INVALIDATED if self._dns else ProofInput.NOTHING_REGISTERED)

    # --- events of the switch -----------------------------------------------------------------------

    def event_received(
        self, member: int, number: int, event: E, now: float, *, is_answer: bool
    ) -> list[PairAction[E]]:
        """Apply an event of a DN, a call or a request.

        Args:
            member: who sent it.
            number: its EventSequenceNumber; 0 if it has none.
            event: the event.
            now: the time.
            is_answer: whether it is for this client alone, so that the other member does not have it.

        """
        if member != self.source:
            self._is_numbered &= is_answer or number > 0
            self._hold_event(member, number, event)
            return []
        if is_answer or not number:
            self._is_numbered &= is_answer
            self._mark_delivered(number)
            return [Deliver(event)]
        if number > self._last_delivered:
            self._mark_delivered(number)
            return [Deliver(event)]
        if number > self.members[member].delivered_before:
            return []  # the former source has sent it
        # A new primary that counts from further back was no mirror, and may have missed other events too.
        return self._down("the new primary does not go on where the other one ended") + self._decide(now)

    def _hold_event(self, member: int, number: int, event: E) -> None:
        status = self.members[member]
        if self.source is not None and number > self._last_delivered and not status.unconfirmed:
            status.held.append((number, event))
            if len(status.held) > MAX_HELD:
                status.fire_proof(ProofInput.INVALIDATED)

    def _mark_delivered(self, number: int) -> None:
        self._last_delivered = max(self._last_delivered, number)
        for status in self.members:
            while status.held and status.held[0][0] <= self._last_delivered:
                status.held.popleft()

    # --- registrations ------------------------------------------------------------------------------

    def registering(self, request: RequestRegisterAddress) -> None:
        """Record that a registration is being sent to the active member."""
        dn = request.this_dn
        was_registered = dn in self._dns
        self._dns[dn] = request
        for member, status in enumerate(self.members):
            if not was_registered or member == self.source:
                status.unconfirmed[dn] = request
                status.requested.discard(dn)
            if not was_registered:
                status.fire_proof(ProofInput.INVALIDATED)
        if self.source is not None:
            self.members[self.source].requested.add(dn)

    def unregistering(self, dn: str) -> None:
        """Record that a DN is being unregistered, or that there is no such DN."""
        self._dns.pop(dn, None)
        for status in self.members:
            status.unconfirmed.pop(dn, None)
            status.requested.discard(dn)

    def pop_registrations(self, member: int) -> list[RequestRegisterAddress]:
        """Return the registrations to send now to a member other than the source."""
        status = self.members[member]
        if member == self.source or self.source is None or not status.is_up:
            return []
        if len(status.unconfirmed) == len(status.requested):
            return []
        requests = [request for dn, request in status.unconfirmed.items() if dn not in status.requested]
        status.requested.update(status.unconfirmed)
        return requests

    def registered(self, member: int, dn: str, now: float, *, is_numbered: bool) -> list[PairAction[E]]:
        """Apply an EventRegistered; `is_numbered` matters in those of the source's own registrations."""
        status = self.members[member]
        status.unconfirmed.pop(dn, None)
        status.requested.discard(dn)
        actions: list[PairAction[E]] = []
        if member == self.source and not is_numbered:
            # It became the backup meanwhile. Events of the other one may be in this snapshot already.
            actions = self._down("the T-Server is no longer the primary")
        return actions + self._decide(now)

    def start_proof(self, member: int) -> int | None:
        """Return the number of a proof for a member, if the source is to be queried for it now."""
        status = self.members[member]
        if member == self.source or self.source is None or not self.members[self.source].is_up:
            return None
        if not status.is_up or status.unconfirmed or status.proof.state is not ProofState.UNPROVED:
            return None
        status.fire_proof(ProofInput.QUERIED)
        return status.proof.number

    def proof_finished(self, member: int, proof: int, now: float, *, answered: bool) -> list[PairAction[E]]:
        """Apply the end of a proof."""
        status = self.members[member]
        if status.proof.number != proof:
            return []
        status.fire_proof(ProofInput.ANSWERED if answered else ProofInput.UNANSWERED)
        return self._decide(now)

    # --- decisions ----------------------------------------------------------------------------------

    def _decide(self, now: float) -> list[PairAction[E]]:
        primary = self._primary()
        actions: list[PairAction[E]] = []
        if primary is not None and self.members[primary].is_up and primary != self.source:
            if self.source is None:
                actions = self._start(primary)
            elif self._can_take_over(primary):
                actions = self._switch_over(primary)
        if self.source is None or self.active is not None:
            self.deadline = None
        elif self.deadline is None:
            self.deadline = now + GRACE_SECONDS
        if self.active is None and all(status.role is ServerRole.Backup for status in self.members):
            self.down_reason = "no member of the pair is the primary"
        return actions

    def _primary(self) -> int | None:
        """Return the primary; of two, the one that was announced last."""
        found = [
            i
            for i, status in enumerate(self.members)
            if status.is_connected and status.role is ServerRole.Primary
        ]
        return max(found, key=lambda i: self.members[i].announcement, default=None)

    def _can_take_over(self, member: int) -> bool:
        if self.source is None:
            return False
        status, source = self.members[member], self.members[self.source]
        return (
            status.is_connected
            and status.proof.state is ProofState.PROVED
            and self._is_numbered
            and not status.unconfirmed
            and not source.unconfirmed  # else the answer to that registration would never come
            and status.start_time == source.start_time
        )

    def _start(self, member: int) -> list[PairAction[E]]:
        self.source, self._last_delivered, self._is_numbered = member, 0, True
        for status in self.members:
            status.delivered_before = 0
            status.held.clear()
        return [PairUp()]

    def _switch_over(self, member: int) -> list[PairAction[E]]:
        assert self.source is not None  # noqa: S101 (only a source can be left)
        held_events = list(self.members[member].held)
        left, self.source = self.source, member
        if held_events:
            self._mark_delivered(held_events[-1][0])
        return [SwitchedOver(left), *(Deliver(event) for _, event in held_events)]

    def _down(self, reason: str) -> list[PairAction[E]]:
        self.source, self.down_reason = None, reason
        self._dns.clear()
        for status in self.members:
            status.unconfirmed.clear()
            status.fire_proof(ProofInput.NOTHING_REGISTERED)
        return [PairDown(reason)]

    def _set_role(self, member: int, role: ServerRole) -> None:
        status = self.members[member]
        if role is not status.role:
            self._announcements += 1
            status.announcement = self._announcements
            if all(each.role is role for each in self.members if each is not status):
                for each in self.members:
                    each.needs_role_query = True
        status.role = role

    def _set_down_reason(self, member: int, reason: str) -> None:
        if member == self.source or self.source is None:
            self.down_reason = reason
