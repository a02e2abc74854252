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
class Up:
    """The link is up; nothing is registered."""


@dataclass(frozen=True, slots=True)
class Down:
    """The link is down."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Another member is listened to; what `left` was asked has no outcome any more."""

    left: int


@dataclass(frozen=True, slots=True)
class Tell(Generic[E]):
    """An event to pass on."""

    event: E


Outcome: TypeAlias = Up | Down | Moved | Tell[E]


@dataclass(slots=True)
class Member(Generic[E]):
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
    is_unsure: bool = False
    """It is to be asked for its role: words of two members may have come in the wrong order."""
    floor: int = 0
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

    def doubt(self) -> None:
        """Take back what was proved."""
        self.is_proved = self.is_proving = False
        self.proof += 1
        self.held.clear()


class Pairing(Generic[E]):
    """The decisions. Members are 0 and 1; every input gives out what is to be done, in order."""

    def __init__(self) -> None:
        self.members: tuple[Member[E], Member[E]] = (Member(), Member())
        self.source: int | None = None
        """The member that is listened to; None while the link is down."""
        self.deadline: float | None = None
        """When `tick` wants to be called: the pair is without a primary."""
        self.why_down = "not connected yet"
        """Why nothing can be sent, for when `active` is None."""
        self._told = 0
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

    def identified(self, member: int, role: ServerRole, started: int, now: float) -> list[Outcome[E]]:
        """Take in an EventServerInfo."""
        its = self.members[member]
        its.is_connected, its.started = True, started
        self._announce(member, role)
        return self._decide(now)

    def primary_is(self, primary: int, now: float, *, said_by: int) -> list[Outcome[E]]:
        """Take in an EventPrimaryChanged."""
        for member, its in enumerate(self.members):
            if its.is_interrupted and member != said_by:
                its.doubt()
            its.is_interrupted = False
            its.is_unsure = its.is_connected
        if primary == said_by:
            self.members[primary].floor = self._told
        self._announce(primary, ServerRole.Primary)
        self._announce(1 - primary, ServerRole.Backup)
        return self._decide(now)

    def came_up(self, member: int, now: float) -> list[Outcome[E]]:
        """Take in an EventLinkConnected."""
        its = self.members[member]
        its.is_up = True
        its.asked.clear()
        outcome: list[Outcome[E]] = []
        if its.is_interrupted:
            its.is_interrupted = False
            its.is_unsure = True
            its.doubt()
            if member == self.source:
                outcome = self._down("the T-Server had lost its switch")
        return outcome + self._decide(now)

    def went_down(self, member: int, reason: str, now: float) -> list[Outcome[E]]:
        """Take in an EventLinkDisconnected."""
        its = self.members[member]
        its.is_interrupted |= its.is_up
        its.is_up = False
        self._blame(member, reason)
        return self._decide(now)

    def to_identify(self, member: int) -> bool:
        """Say whether a member is to be asked for its role now."""
        its = self.members[member]
        if not (its.is_unsure and its.is_up):
            return False
        its.is_unsure = False
        return True

    def lost(self, member: int, reason: str, now: float) -> list[Outcome[E]]:
        """Take in that the connection is gone, and with it what the member knew of this client."""
        self._blame(member, reason)
        former = self.members[member]
        fresh: Member[E] = Member(missing=dict(self._dns), is_proved=not self._dns, proof=former.proof + 1)
        outcome: list[Outcome[E]] = []
        if member == self.source:
            if self._covers(1 - member):
                outcome = self._move(1 - member)
            else:
                outcome = self._down(reason)
                fresh.missing.clear()
                fresh.is_proved = True
        self.members = (fresh, self.members[1]) if member == 0 else (self.members[0], fresh)
        return outcome + self._decide(now)

    def tick(self, now: float) -> list[Outcome[E]]:
        """Take in that time has passed."""
        if self.deadline is None or now < self.deadline:
            return []
        return self._down(self.why_down) + self._decide(now)

    # --- events -----------------------------------------------------------------------------------

    def heard(self, member: int, number: int, event: E, now: float, *, is_answer: bool) -> list[Outcome[E]]:
        """Take in an event. An answer is for this client alone, and the other member does not have it."""
        if member != self.source:
            self._is_numbered &= is_answer or number > 0
            self._hold(member, number, event)
            return []
        if is_answer or not number:
            self._is_numbered &= is_answer
            self._advance(number)
            return [Tell(event)]
        if number > self._told:
            self._advance(number)
            return [Tell(event)]
        if number > self.members[member].floor:
            return []  # the former source has told it
        # A new primary that counts from further back was no mirror; nobody knows what else it has missed.
        return self._down("the new primary does not go on where the other one ended") + self._decide(now)

    def _hold(self, member: int, number: int, event: E) -> None:
        its = self.members[member]
        if self.source is not None and number > self._told and not its.missing:
            its.held.append((number, event))
            if len(its.held) > MAX_HELD:
                its.doubt()

    def _advance(self, number: int) -> None:
        self._told = max(self._told, number)
        for its in self.members:
            while its.held and its.held[0][0] <= self._told:
                its.held.popleft()

    # --- registrations ----------------------------------------------------------------------------

    def registering(self, request: RequestRegisterAddress) -> None:
        """Take in that the active member is being asked for a DN."""
        dn = request.this_dn
        known = dn in self._dns
        self._dns[dn] = request
        for member, its in enumerate(self.members):
            if not known or member == self.source:
                its.missing[dn] = request
                its.asked.discard(dn)
            if not known:
                its.doubt()
        if self.source is not None:
            self.members[self.source].asked.add(dn)

    def unregistering(self, dn: str) -> None:
        """Take in that nobody wants a DN any more, or that there is no such DN."""
        self._dns.pop(dn, None)
        for its in self.members:
            its.missing.pop(dn, None)
            its.asked.discard(dn)

    def to_register(self, member: int) -> list[RequestRegisterAddress]:
        """Take what a member other than the source is to be asked for now."""
        its = self.members[member]
        if member == self.source or self.source is None or not its.is_up:
            return []
        if len(its.missing) == len(its.asked):
            return []
        requests = [request for dn, request in its.missing.items() if dn not in its.asked]
        its.asked.update(its.missing)
        return requests

    def registered(self, member: int, dn: str, now: float, *, is_numbered: bool) -> list[Outcome[E]]:
        """Take in that a member has confirmed a DN. Of the source's own answers the number counts."""
        its = self.members[member]
        its.missing.pop(dn, None)
        its.asked.discard(dn)
        outcome: list[Outcome[E]] = []
        if member == self.source and not is_numbered:
            # It became the backup meanwhile. What the other one tells may be in this answer already.
            outcome = self._down("the T-Server is no longer the primary")
        return outcome + self._decide(now)

    def to_prove(self, member: int) -> int | None:
        """Say whether the source is to be asked now, for a member; gives the number of the proof."""
        its = self.members[member]
        if member == self.source or self.source is None or not self.members[self.source].is_up:
            return None
        if not its.is_up or its.missing or its.is_proved or its.is_proving:
            return None
        its.doubt()
        its.is_proving = True
        return its.proof

    def proved(self, member: int, proof: int, now: float, *, answered: bool) -> list[Outcome[E]]:
        """Take in the end of a proof: whether the source has answered."""
        its = self.members[member]
        if its.proof != proof:
            return []
        its.is_proved, its.is_proving = answered, False
        return self._decide(now)

    # --- decisions --------------------------------------------------------------------------------

    def _decide(self, now: float) -> list[Outcome[E]]:
        primary = self._primary()
        outcome: list[Outcome[E]] = []
        if primary is not None and self.members[primary].is_up and primary != self.source:
            if self.source is None:
                outcome = self._begin(primary)
            elif self._covers(primary):
                outcome = self._move(primary)
        if self.source is None or self.active is not None:
            self.deadline = None
        elif self.deadline is None:
            self.deadline = now + GRACE_SECONDS
        if self.active is None and all(its.role is ServerRole.Backup for its in self.members):
            self.why_down = "no member of the pair is the primary"
        return outcome

    def _primary(self) -> int | None:
        """Say who is the primary; of two that say so it is the one that said it last."""
        found = [
            i for i, its in enumerate(self.members) if its.is_connected and its.role is ServerRole.Primary
        ]
        return max(found, key=lambda i: self.members[i].announced, default=None)

    def _covers(self, member: int) -> bool:
        if self.source is None:
            return False
        its, source = self.members[member], self.members[self.source]
        return (
            its.is_connected
            and its.is_proved
            and self._is_numbered
            and not its.missing
            and not source.missing  # else an answer that somebody waits for would never come
            and its.started == source.started
        )

    def _begin(self, member: int) -> list[Outcome[E]]:
        self.source, self._told, self._is_numbered = member, 0, True
        for its in self.members:
            its.floor = 0
            its.held.clear()
        return [Up()]

    def _move(self, member: int) -> list[Outcome[E]]:
        assert self.source is not None  # noqa: S101 (only what is listened to can be left)
        news = list(self.members[member].held)
        left, self.source = self.source, member
        if news:
            self._advance(news[-1][0])
        return [Moved(left), *(Tell(event) for _, event in news)]

    def _down(self, reason: str) -> list[Outcome[E]]:
        self.source, self.why_down = None, reason
        self._dns.clear()
        for its in self.members:
            its.missing.clear()
            its.doubt()
            its.is_proved = True  # nothing is registered
        return [Down(reason)]

    def _announce(self, member: int, role: ServerRole) -> None:
        its = self.members[member]
        if role is not its.role:
            self._announcements += 1
            its.announced = self._announcements
            if all(each.role is role for each in self.members if each is not its):
                for each in self.members:
                    each.is_unsure = True
        its.role = role

    def _blame(self, member: int, reason: str) -> None:
        if member == self.source or self.source is None:
            self.why_down = reason
