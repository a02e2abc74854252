"""Which member of a pair in hot standby is listened to, and what is told of what it says, without I/O.

Both members distribute the switch's events, and number them by one mirrored counter. One of them is the
*source*: what it tells is passed on. What the other one tells is held for as long as it can still be news:
its number is above all that was passed on. When the source is lost, or another member is the primary, the
other one becomes the source; what it holds is passed on, and nothing is lost or doubled. That is right only
if the other member *covers* the source:

- every DN that is registered here is registered there, and
- whatever happened before those registrations took effect has been told by the source. That is proved by a
  question to the source, asked after the last registration was confirmed: its answer comes behind all that.

Otherwise the listener is told that the link is down, and up again, and begins anew.

Source of the roles and of what frames a move: T-Library Events and Models and the deployment guides of
T-Servers, hot standby. The mirrored counter is the rule of this project's simulator, and so is that a
primary lets no client hear what its backup does not know yet.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from bridge.tlib.enums import ServerRole
from bridge.tlib.messages import RequestRegisterAddress

GRACE_SECONDS = 3.6
"""How long the pair may be without a primary before the link counts as down (T-Library, switchover time)."""

MAX_HELD = 16_384
"""How many events of the member that is not listened to are held."""

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
    """Another member is listened to; what `left` was asked has no outcome any more."""

    left: int


@dataclass(frozen=True, slots=True)
class Deliver(Generic[E]):
    """An event to pass on."""

    event: E


PairAction: TypeAlias = PairUp | PairDown | SwitchedOver | Deliver[E]


@dataclass(slots=True)
class MemberStatus(Generic[E]):
    """What is known of one member."""

    is_connected: bool = False
    is_up: bool = False
    role: ServerRole | None = None
    announced: int = 0
    """When it was said to be the primary, counted in announcements."""
    started: int | None = None
    """The ServerStartTime, which both members have in common."""
    is_interrupted: bool = False
    """It lost its switch, and no change of roles has explained it so far."""
    needs_role_query: bool = False
    """It is to be asked for its role: words of two members may have come in the wrong order."""
    delivered_before: int = 0
    """What had been told when it said that it became the primary: what it tells after that is above."""
    missing: dict[str, RequestRegisterAddress] = field(default_factory=dict)
    """The registrations that it has not confirmed, by DN, in order."""
    asked: set[str] = field(default_factory=set)
    """Those of them that it has been asked for since it came up."""
    is_proved: bool = True
    proof: int = 0
    """The number of the latest proof; what was begun before it proves nothing."""
    is_proving: bool = False
    held: deque[tuple[int, E]] = field(default_factory=deque)

    def invalidate_proof(self) -> None:
        """Take back what was proved."""
        self.is_proved = self.is_proving = False
        self.proof += 1
        self.held.clear()


class Pairing(Generic[E]):
    """The decisions. Members are 0 and 1; every input gives out what is to be done, in order."""

    def __init__(self) -> None:
        self.members: tuple[MemberStatus[E], MemberStatus[E]] = (MemberStatus(), MemberStatus())
        self.source: int | None = None
        """The member that is listened to; None while the link is down."""
        self.deadline: float | None = None
        """When `tick` wants to be called: the pair is without a primary."""
        self.down_reason = "not connected yet"
        """Why nothing can be sent, for when `active` is None."""
        self._last_delivered = 0
        self._is_numbered = True
        self._dns: dict[str, RequestRegisterAddress] = {}
        self._announcements = 0

    @property
    def active(self) -> int | None:
        """The member that requests go to."""
        source = self.source
        if source is None or source != self._primary() or not self.members[source].is_up:
            return None
        return source

    # --- what members say about themselves --------------------------------------------------------

    def identified(self, member: int, role: ServerRole, started: int, now: float) -> list[PairAction[E]]:
        """Take in an EventServerInfo."""
        status = self.members[member]
        status.is_connected, status.started = True, started
        self._set_role(member, role)
        return self._decide(now)

    def primary_changed(self, primary: int, now: float, *, reported_by: int) -> list[PairAction[E]]:
        """Take in an EventPrimaryChanged."""
        for member, status in enumerate(self.members):
            if status.is_interrupted and member != reported_by:
                status.invalidate_proof()
            status.is_interrupted = False
            status.needs_role_query = status.is_connected
        if primary == reported_by:
            self.members[primary].delivered_before = self._last_delivered
        self._set_role(primary, ServerRole.Primary)
        self._set_role(1 - primary, ServerRole.Backup)
        return self._decide(now)

    def came_up(self, member: int, now: float) -> list[PairAction[E]]:
        """Take in an EventLinkConnected."""
        status = self.members[member]
        status.is_up = True
        status.asked.clear()
        actions: list[PairAction[E]] = []
        if status.is_interrupted:
            status.is_interrupted = False
            status.needs_role_query = True
            status.invalidate_proof()
            if member == self.source:
                actions = self._down("the T-Server had lost its switch")
        return actions + self._decide(now)

    def went_down(self, member: int, reason: str, now: float) -> list[PairAction[E]]:
        """Take in an EventLinkDisconnected."""
        status = self.members[member]
        status.is_interrupted |= status.is_up
        status.is_up = False
        self._set_down_reason(member, reason)
        return self._decide(now)

    def pop_role_query(self, member: int) -> bool:
        """Say whether a member is to be asked for its role now."""
        status = self.members[member]
        if not (status.needs_role_query and status.is_up):
            return False
        status.needs_role_query = False
        return True

    def lost(self, member: int, reason: str, now: float) -> list[PairAction[E]]:
        """Take in that the connection is gone, and with it what the member knew of this client."""
        self._set_down_reason(member, reason)
        old_status = self.members[member]
        new_status: MemberStatus[E] = MemberStatus(
            missing=dict(self._dns), is_proved=not self._dns, proof=old_status.proof + 1
        )
        actions: list[PairAction[E]] = []
        if member == self.source:
            if self._can_take_over(1 - member):
                actions = self._switch_over(1 - member)
            else:
                actions = self._down(reason)
                new_status.missing.clear()
                new_status.is_proved = True
        self.members = (new_status, self.members[1]) if member == 0 else (self.members[0], new_status)
        return actions + self._decide(now)

    def tick(self, now: float) -> list[PairAction[E]]:
        """Take in that time has passed."""
        if self.deadline is None or now < self.deadline:
            return []
        return self._down(self.down_reason) + self._decide(now)

    # --- events -----------------------------------------------------------------------------------

    def event_received(
        self, member: int, number: int, event: E, now: float, *, is_answer: bool
    ) -> list[PairAction[E]]:
        """Take in an event. An answer is for this client alone, and the other member does not have it."""
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
            return []  # the former source has told it
        # A new primary that counts from further back was no mirror; nobody knows what else it has missed.
        return self._down("the new primary does not go on where the other one ended") + self._decide(now)

    def _hold_event(self, member: int, number: int, event: E) -> None:
        status = self.members[member]
        if self.source is not None and number > self._last_delivered and not status.missing:
            status.held.append((number, event))
            if len(status.held) > MAX_HELD:
                status.invalidate_proof()

    def _mark_delivered(self, number: int) -> None:
        self._last_delivered = max(self._last_delivered, number)
        for status in self.members:
            while status.held and status.held[0][0] <= self._last_delivered:
                status.held.popleft()

    # --- registrations ----------------------------------------------------------------------------

    def registering(self, request: RequestRegisterAddress) -> None:
        """Take in that the active member is being asked for a DN."""
        dn = request.this_dn
        was_registered = dn in self._dns
        self._dns[dn] = request
        for member, status in enumerate(self.members):
            if not was_registered or member == self.source:
                status.missing[dn] = request
                status.asked.discard(dn)
            if not was_registered:
                status.invalidate_proof()
        if self.source is not None:
            self.members[self.source].asked.add(dn)

    def unregistering(self, dn: str) -> None:
        """Take in that nobody wants a DN any more, or that there is no such DN."""
        self._dns.pop(dn, None)
        for status in self.members:
            status.missing.pop(dn, None)
            status.asked.discard(dn)

    def pop_registrations(self, member: int) -> list[RequestRegisterAddress]:
        """Take what a member other than the source is to be asked for now."""
        status = self.members[member]
        if member == self.source or self.source is None or not status.is_up:
            return []
        if len(status.missing) == len(status.asked):
            return []
        requests = [request for dn, request in status.missing.items() if dn not in status.asked]
        status.asked.update(status.missing)
        return requests

    def registered(self, member: int, dn: str, now: float, *, is_numbered: bool) -> list[PairAction[E]]:
        """Take in that a member has confirmed a DN. Of the source's own answers the number counts."""
        status = self.members[member]
        status.missing.pop(dn, None)
        status.asked.discard(dn)
        actions: list[PairAction[E]] = []
        if member == self.source and not is_numbered:
            # It became the backup meanwhile. What the other one tells may be in this answer already.
            actions = self._down("the T-Server is no longer the primary")
        return actions + self._decide(now)

    def start_proof(self, member: int) -> int | None:
        """Say whether the source is to be asked now, for a member; gives the number of the proof."""
        status = self.members[member]
        if member == self.source or self.source is None or not self.members[self.source].is_up:
            return None
        if not status.is_up or status.missing or status.is_proved or status.is_proving:
            return None
        status.invalidate_proof()
        status.is_proving = True
        return status.proof

    def proof_finished(self, member: int, proof: int, now: float, *, answered: bool) -> list[PairAction[E]]:
        """Take in the end of a proof: whether the source has answered."""
        status = self.members[member]
        if status.proof != proof:
            return []
        status.is_proved, status.is_proving = answered, False
        return self._decide(now)

    # --- decisions --------------------------------------------------------------------------------

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
        """Say who is the primary; of two that say so it is the one that said it last."""
        found = [
            i
            for i, status in enumerate(self.members)
            if status.is_connected and status.role is ServerRole.Primary
        ]
        return max(found, key=lambda i: self.members[i].announced, default=None)

    def _can_take_over(self, member: int) -> bool:
        if self.source is None:
            return False
        status, source = self.members[member], self.members[self.source]
        return (
            status.is_connected
            and status.is_proved
            and self._is_numbered
            and not status.missing
            and not source.missing  # else an answer that somebody waits for would never come
            and status.started == source.started
        )

    def _start(self, member: int) -> list[PairAction[E]]:
        self.source, self._last_delivered, self._is_numbered = member, 0, True
        for status in self.members:
            status.delivered_before = 0
            status.held.clear()
        return [PairUp()]

    def _switch_over(self, member: int) -> list[PairAction[E]]:
        assert self.source is not None  # noqa: S101 (only what is listened to can be left)
        held_events = list(self.members[member].held)
        left, self.source = self.source, member
        if held_events:
            self._mark_delivered(held_events[-1][0])
        return [SwitchedOver(left), *(Deliver(event) for _, event in held_events)]

    def _down(self, reason: str) -> list[PairAction[E]]:
        self.source, self.down_reason = None, reason
        self._dns.clear()
        for status in self.members:
            status.missing.clear()
            status.invalidate_proof()
            status.is_proved = True  # nothing is registered
        return [PairDown(reason)]

    def _set_role(self, member: int, role: ServerRole) -> None:
        status = self.members[member]
        if role is not status.role:
            self._announcements += 1
            status.announced = self._announcements
            if all(each.role is role for each in self.members if each is not status):
                for each in self.members:
                    each.needs_role_query = True
        status.role = role

    def _set_down_reason(self, member: int, reason: str) -> None:
        if member == self.source or self.source is None:
            self.down_reason = reason
