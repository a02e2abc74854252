"""One member of a pair: its role, and how both members come to know the same. No I/O.

The switch does the same wherever the same happens to it, so the primary tells its backup what happened,
entry by entry, and the backup lets it happen again. A backup that joins gets an image of the whole switch
first. What the primary tells its clients waits until the backup has taken the entry that led to it. Time
passes for the backup only as the log says.

Of two members that both lead, because they could not hear each other, the one that was promoted later stays
the primary; the other one gives up what it did meanwhile.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from tserver_sim.server.pair.outbox import Outbox
from tserver_sim.server.pair.replication import (
    AnyFrame,
    AskForRole,
    Counters,
    Entry,
    Greeting,
    HandOver,
    Taken,
    Whole,
)
from tserver_sim.server.pair.roles import FIRST, LEADS, STEPS, Effect, Input, Member, Redundancy, Role
from tserver_sim.server.peers.peer_protocol import Peer
from tserver_sim.switch.interface.stimuli import AnyStimulus, TimePassed

MAX_HELD_BYTES = 32 << 20
"""How much may wait for the backup before it is given up."""

AnyPeer: TypeAlias = Peer[AnyFrame]


class CannotMoveError(Exception):
    """The role cannot move now; the text says why."""


class Duties(Protocol):
    """What a T-Server does as the role of its member demands."""

    def whole(self, epoch: int) -> Whole:
        """Return everything that is known."""

    def restore(self, whole: Whole) -> None:
        """Take over everything that the primary knows."""

    def replay(self, stimulus: AnyStimulus) -> None:
        """Let happen what has happened at the primary."""

    def begin(self, epoch: int, after: int) -> None:
        """Begin with a switch on which nothing has happened, and a ServerStartTime later than another."""

    def stands(self, role: Role) -> None:
        """Be what the role says, and tell the clients what they see of it."""

    def time_passed(self) -> TimePassed:
        """Return an entry that brings only the time and the numbers."""

    @property
    def counters(self) -> Counters:
        """What the switch has counted."""

    @property
    def start_time(self) -> int:
        """The ServerStartTime, in seconds since 1970-01-01T00:00:00Z."""


class Pair:
    """A member of a pair; it is the `Talk` of the connection to the other one.

    Args:
        member: which of the two it is.
        redundancy: what sort of pair it is.
        terms: what the other one must agree on.
        duties: the T-Server.

    """

    def __init__(self, member: Member, redundancy: Redundancy, terms: str, duties: Duties) -> None:
        self.role = FIRST[member]
        self.epoch = 0
        self.outbox = Outbox()
        self._member = member
        self._is_hot = redundancy is Redundancy.HOT
        self._steps = STEPS[redundancy]
        self._terms = f"{redundancy.value} {terms}"
        self._duties = duties
        self._peer: AnyPeer | None = None
        self.is_met = False
        """Whether the other member is there."""
        self._taken = self._confirmed = 0
        self._latest_start = 0
        self._effects: dict[Effect, Callable[[], None]] = {
            Effect.BEGIN: self._begin,
            Effect.TAKE_OVER: self._take_over,
            Effect.SEND_IMAGE: self._send_image,
            Effect.HAND_OVER: self._hand_over,
            Effect.RELEASE: self.outbox.release,
        }
        self._handlers: dict[type[AnyFrame], Callable[[AnyPeer, Any], None]] = {
            Greeting: self._greeted,
            Whole: self._restore,
            Entry: self._replay,
            Taken: self._release,
            HandOver: self._handed,
            AskForRole: self._asked,
        }

    @property
    def leads(self) -> bool:
        """Whether this member is the primary."""
        return self.role in LEADS

    # --- what its T-Server tells it --------------------------------------------------------------

    def record(self, stimulus: AnyStimulus) -> None:
        """Take what has happened to the switch."""
        if self.role is Role.MIRRORED and self._peer is not None:
            self.outbox.wrote()
            self._peer.send(Entry(stimulus, self._duties.counters))

    def turn_over(self) -> None:
        """Take note that nothing more happens now: what clients were told must get its entry."""
        if self.outbox.is_owing:
            self.record(self._duties.time_passed())
        if self.outbox.held_bytes > MAX_HELD_BYTES and self._peer is not None:
            self._peer.drop(f"{self.outbox.held_bytes} bytes wait for it")

    def unreached(self) -> None:
        """Take note that the other member was not there when this one looked for it."""
        self._move(Input.UNREACHED)

    def promote(self) -> None:
        """Make this member the primary; if the other one leads, it is asked to hand over.

        Raises:
            CannotMoveError: it leads already, or does not know enough yet.

        """
        if self.leads:
            raise CannotMoveError("it is the primary already")
        if self._peer is None or not self.is_met:
            self._move(Input.PROMOTE)
        elif self._is_hot and self.role is not Role.IN_STEP:
            raise CannotMoveError("it does not know yet what the primary knows")
        else:
            self._peer.send(AskForRole())

    def demote(self) -> None:
        """Hand the role over to the other member.

        Raises:
            CannotMoveError: it does not lead, or there is nobody to hand over to.

        """
        if not self.leads:
            raise CannotMoveError("it is not the primary")
        if not self.is_met or not self._move(Input.DEMOTE):
            raise CannotMoveError("no backup is ready to take over")

    # --- what the connection tells it (peers.Talk) -----------------------------------------------

    def connected(self, peer: AnyPeer) -> None:
        """Greet the other member. It knows best which of two connections is the good one: the new one."""
        if self._peer is not None:
            former, self._peer, self.is_met = self._peer, None, False
            former.drop("it has connected anew")
            self._move(Input.REPLACED)
        self._peer = peer
        self._greet(peer)

    def received(self, peer: AnyPeer, message: AnyFrame) -> None:
        """Do what it says."""
        if peer is not self._peer:
            return
        if not self.is_met and not isinstance(message, Greeting):
            peer.drop("it does not greet")
        else:
            self._handlers[type(message)](peer, message)

    def taken_in(self, peer: AnyPeer) -> None:
        """Tell the primary how far this member is."""
        if peer is self._peer and self._taken != self._confirmed:
            self._confirm(peer)

    def lost(self, peer: AnyPeer, reason: str) -> None:  # noqa: ARG002 (the connection has logged it)
        """Take note that the other member is gone."""
        if peer is not self._peer:
            return
        was_met, self._peer, self.is_met = self.is_met, None, False
        if was_met or self.role is Role.SEEKING:
            self._move(Input.LOST)

    def _greet(self, peer: AnyPeer) -> None:
        peer.send(Greeting(self._member, self.leads, self.epoch, self._duties.start_time, self._terms))

    # --- what the other member says --------------------------------------------------------------

    def _greeted(self, peer: AnyPeer, other: Greeting) -> None:
        if other.terms != self._terms or other.member is self._member:
            peer.drop("its site file has another switch, or another pair")
            return
        self.is_met = True
        meeting = self._meeting(other)
        self.epoch = max(self.epoch, other.epoch)
        self._latest_start = max(self._latest_start, other.start_time)
        if meeting is not None:
            self._move(meeting)

    def _meeting(self, other: Greeting) -> Input | None:
        if self.leads and other.leads:
            is_later = other.epoch > self.epoch or (
                other.epoch == self.epoch and other.member is Member.PRIMARY
            )
            return Input.MET_PRIMARY if is_later else Input.MET_BACKUP
        if self.leads:
            return Input.MET_BACKUP
        if other.leads:
            return Input.MET_PRIMARY
        return Input.NOBODY_LEADS if self._member is Member.PRIMARY else None

    def _restore(self, peer: AnyPeer, whole: Whole) -> None:
        if self.role is not Role.WAITING or not self._is_hot:
            peer.drop(f"it sends what it knows to a member that is: {self.role.value}")
            return
        self._duties.restore(whole)
        self.epoch = whole.epoch
        self._taken = self._confirmed = 0
        self._move(Input.RESTORED)

    def _replay(self, peer: AnyPeer, entry: Entry) -> None:
        if self.role is not Role.IN_STEP:
            peer.drop(f"it sends its log to a member that is: {self.role.value}")
            return
        try:
            self._duties.replay(entry.stimulus)
            fault = "" if self._duties.counters == entry.after else "it counts otherwise"
        except Exception as error:  # noqa: BLE001 (whatever it is, the members differ)
            fault = repr(error)
        if fault:
            self._diverge(peer, fault)
        else:
            self._taken += 1

    def _diverge(self, peer: AnyPeer, fault: str) -> None:
        self._peer, self.is_met = None, False
        self._move(Input.DIVERGED)
        peer.drop(f"what it did cannot be repeated: {fault}")

    def _release(self, _peer: AnyPeer, taken: Taken) -> None:
        self.outbox.taken(taken.entries)

    def _handed(self, peer: AnyPeer, handed: HandOver) -> None:
        if self.leads:
            peer.drop("it hands over to one that leads already")
            return
        self._taken += 1
        self._confirm(peer)
        self.epoch = handed.epoch - 1
        self._move(Input.HANDED)

    def _asked(self, _peer: AnyPeer, _ask: AskForRole) -> None:
        self._move(Input.DEMOTE)

    # --- moving ----------------------------------------------------------------------------------

    def _move(self, happened: Input) -> bool:
        step = self._steps.get((self.role, happened))
        if step is None:
            return False
        self.role = step.role
        for effect in step.effects:
            self._effects[effect]()
        self._duties.stands(step.role)
        self.turn_over()
        return True

    def _begin(self) -> None:
        self.epoch += 1
        self._duties.begin(self.epoch, self._latest_start)
        if self._peer is not None and self.is_met:
            self._greet(self._peer)  # the other one has to know the epoch

    def _take_over(self) -> None:
        self.epoch += 1
        if self.role is Role.MIRRORED:
            self.outbox.hold()

    def _send_image(self) -> None:
        if self._peer is not None:
            self.outbox.hold()
            self._peer.send(self._duties.whole(self.epoch))

    def _hand_over(self) -> None:
        if self._peer is not None:
            self.epoch += 1
            self.outbox.wrote()
            self.outbox.finish()
            self._peer.send(HandOver(self.epoch))
            self._taken = self._confirmed = 0

    def _confirm(self, peer: AnyPeer) -> None:
        self._confirmed = self._taken
        peer.send(Taken(self._taken))
