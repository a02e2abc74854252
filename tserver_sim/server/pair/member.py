"""One member of a pair: its role, and the replication of the switch from primary to backup. No I/O.

The switch is deterministic: the same stimuli lead to the same state. So the primary sends its stimuli to the
backup as a log, and the backup replays them. A backup that joins first receives an image of the whole switch.
Frames from the primary to its clients are deferred until the backup has confirmed the log entry that caused
them. The switch of a backup has no time of its own: the log moves it.

If both members lead because they lost their connection, the one promoted later stays primary when they
connect again; the other one discards what it did meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from tserver_sim.server.pair.outbox import Outbox
from tserver_sim.server.pair.replication import (
    AskForRole,
    Counters,
    EntriesConfirmed,
    FullState,
    Greeting,
    HandOver,
    PairMessage,
    ReplicatedStimulus,
)
from tserver_sim.server.pair.roles import (
    INITIAL_ROLES,
    PRIMARY_ROLES,
    ROLE_TRANSITIONS,
    ConfiguredRole,
    PairRole,
    RoleEffect,
    RoleInput,
    StandbyType,
)
from tserver_sim.server.peers.peer_protocol import Peer
from tserver_sim.switch.interface.stimuli import AnyStimulus, TimePassed

MAX_HELD_BYTES = 32 << 20
"""How many deferred bytes may wait for the backup before it is disconnected."""

PairPeer: TypeAlias = Peer[PairMessage]


class CannotMoveError(Exception):
    """The role cannot move now; the text is the reason."""


class ReplicatedTServer(Protocol):
    """The T-Server of a member: what its changes of role need."""

    def full_state(self, epoch: int) -> FullState:
        """Return the whole state of the switch."""

    def restore(self, full_state: FullState) -> None:
        """Replace the state of the switch by that of the primary."""

    def replay(self, stimulus: AnyStimulus) -> None:
        """Carry out a stimulus of the primary's log."""

    def start_empty(self, epoch: int, after: int) -> None:
        """Start with an empty switch and a ServerStartTime later than `after`."""

    def on_role_changed(self, role: PairRole) -> None:
        """Apply a role, and send the clients the events that announce it."""

    def time_passed(self) -> TimePassed:
        """Return a stimulus that only brings the time and the event number up to date."""

    @property
    def counters(self) -> Counters:
        """The counters of the switch."""

    @property
    def start_time(self) -> int:
        """The ServerStartTime, in seconds since 1970-01-01T00:00:00Z."""


@dataclass(slots=True)
class _Connection:
    """The connection to the other member, and how much of the log it has brought."""

    peer: PairPeer
    has_greeted: bool = False
    """Whether the greeting of the other member has been received and accepted."""
    applied_entries: int = 0
    confirmed_entries: int = 0

    def restart_log(self) -> None:
        """Count the entries of a new log from 0."""
        self.applied_entries = self.confirmed_entries = 0

    def confirm(self) -> None:
        """Send the number of entries that have been applied."""
        self.confirmed_entries = self.applied_entries
        self.peer.send(EntriesConfirmed(self.applied_entries))


class PairMember:
    """A member of a pair, and the `PeerHandler` of the connection to the other member.

    Args:
        member: its place in the site file.
        redundancy: hot or warm standby.
        terms: a digest of what both members must have alike.
        tserver: its T-Server.

    """

    def __init__(
        self, member: ConfiguredRole, redundancy: StandbyType, terms: str, tserver: ReplicatedTServer
    ) -> None:
        self.role = INITIAL_ROLES[member]
        self.epoch = 0
        self.outbox = Outbox()
        self._member = member
        self._is_hot = redundancy is StandbyType.HOT
        self._transitions = ROLE_TRANSITIONS[redundancy]
        self._terms = f"{redundancy.value} {terms}"
        self._tserver = tserver
        self._connection: _Connection | None = None
        self._latest_start_time = 0
        self._effects: dict[RoleEffect, Callable[[], None]] = {
            RoleEffect.BEGIN: self._start_empty,
            RoleEffect.TAKE_OVER: self._take_over,
            RoleEffect.SEND_IMAGE: self._send_image,
            RoleEffect.HAND_OVER: self._hand_over,
            RoleEffect.RELEASE: self.outbox.send_all_deferred,
        }
        self._handlers: dict[type[PairMessage], Callable[[_Connection, Any], None]] = {
            Greeting: self._handle_greeting,
            FullState: self._handle_full_state,
            ReplicatedStimulus: self._handle_entry,
            EntriesConfirmed: self._handle_confirmation,
            HandOver: self._handle_hand_over,
            AskForRole: self._handle_role_request,
        }

    @property
    def leads(self) -> bool:
        """Whether this member is the primary."""
        return self.role in PRIMARY_ROLES

    @property
    def is_peer_connected(self) -> bool:
        """Whether the other member is connected and has greeted."""
        return self._connection is not None and self._connection.has_greeted

    # --- called by its T-Server and by commands --------------------------------------------------

    def record(self, stimulus: AnyStimulus) -> None:
        """Send a stimulus of the switch to the backup, if there is one in sync."""
        if self.role is PairRole.PRIMARY_REPLICATING and self._connection is not None:
            self.outbox.entry_sent()
            self._connection.peer.send(ReplicatedStimulus(stimulus, self._tserver.counters))

    def flush_deferred(self) -> None:
        """Send the log entry that deferred frames wait for; disconnect a backup that is too far behind.

        Called at the end of each change of the switch.
        """
        if self.outbox.is_entry_missing:
            self.record(self._tserver.time_passed())
        if self.outbox.deferred_bytes > MAX_HELD_BYTES and self._connection is not None:
            self._connection.peer.disconnect(f"{self.outbox.deferred_bytes} bytes wait for it")

    def on_peer_unreachable(self) -> None:
        """Handle that the other member could not be reached when this one started."""
        self._apply_input(RoleInput.UNREACHED)

    def promote(self) -> None:
        """Make this member the primary, or ask the connected primary to hand over.

        Raises:
            CannotMoveError: it leads already, or is not in sync yet (hot standby).

        """
        if self.leads:
            raise CannotMoveError("it is the primary already")
        if self._connection is None or not self._connection.has_greeted:
            self._apply_input(RoleInput.PROMOTE)
        elif self._is_hot and self.role is not PairRole.BACKUP_IN_SYNC:
            raise CannotMoveError("it does not know yet what the primary knows")
        else:
            self._connection.peer.send(AskForRole())

    def demote(self) -> None:
        """Hand the role over to the other member.

        Raises:
            CannotMoveError: it does not lead, or no backup is ready.

        """
        if not self.leads:
            raise CannotMoveError("it is not the primary")
        if not self.is_peer_connected or not self._apply_input(RoleInput.DEMOTE):
            raise CannotMoveError("no backup is ready to take over")

    # --- PeerHandler -----------------------------------------------------------------------------

    def connected(self, peer: PairPeer) -> None:
        """Send the greeting. A new connection replaces an old one: the other member has given that up."""
        former, self._connection = self._connection, None
        if former is not None:
            former.peer.disconnect("it has connected anew")
            self._apply_input(RoleInput.REPLACED)
        self._connection = _Connection(peer)
        self._send_greeting(peer)

    def received(self, peer: PairPeer, message: PairMessage) -> None:
        """Handle a message; the first one must be a Greeting."""
        connection = self._connection_to(peer)
        if connection is None:
            return
        if not connection.has_greeted and not isinstance(message, Greeting):
            peer.disconnect("it does not greet")
        else:
            self._handlers[type(message)](connection, message)

    def batch_received(self, peer: PairPeer) -> None:
        """Confirm the entries that have been applied, once for all that arrived together."""
        connection = self._connection_to(peer)
        if connection is not None and connection.applied_entries != connection.confirmed_entries:
            connection.confirm()

    def lost(self, peer: PairPeer, reason: str) -> None:  # noqa: ARG002 (the connection has logged it)
        """Handle the end of the connection to the other member."""
        connection = self._connection_to(peer)
        if connection is None:
            return
        self._connection = None
        if connection.has_greeted or self.role is PairRole.STARTING:
            self._apply_input(RoleInput.LOST)

    def _connection_to(self, peer: PairPeer) -> _Connection | None:
        connection = self._connection
        return connection if connection is not None and connection.peer is peer else None

    def _send_greeting(self, peer: PairPeer) -> None:
        peer.send(Greeting(self._member, self.leads, self.epoch, self._tserver.start_time, self._terms))

    # --- messages of the other member ------------------------------------------------------------

    def _handle_greeting(self, connection: _Connection, other: Greeting) -> None:
        if other.terms != self._terms or other.member is self._member:
            connection.peer.disconnect("its site file has another switch, or another pair")
            return
        connection.has_greeted = True
        met = self._compare_roles(other)
        self.epoch = max(self.epoch, other.epoch)
        self._latest_start_time = max(self._latest_start_time, other.start_time)
        if met is not None:
            self._apply_input(met)

    def _compare_roles(self, other: Greeting) -> RoleInput | None:
        if self.leads and other.leads:
            is_later = other.epoch > self.epoch or (
                other.epoch == self.epoch and other.member is ConfiguredRole.PRIMARY
            )
            return RoleInput.MET_PRIMARY if is_later else RoleInput.MET_BACKUP
        if self.leads:
            return RoleInput.MET_BACKUP
        if other.leads:
            return RoleInput.MET_PRIMARY
        return RoleInput.NOBODY_LEADS if self._member is ConfiguredRole.PRIMARY else None

    def _handle_full_state(self, connection: _Connection, full_state: FullState) -> None:
        if self.role is not PairRole.BACKUP_NOT_SYNCED or not self._is_hot:
            connection.peer.disconnect(f"it sends what it knows to a member that is: {self.role.value}")
            return
        self._tserver.restore(full_state)
        self.epoch = full_state.epoch
        connection.restart_log()
        self._apply_input(RoleInput.RESTORED)

    def _handle_entry(self, connection: _Connection, entry: ReplicatedStimulus) -> None:
        if self.role is not PairRole.BACKUP_IN_SYNC:
            connection.peer.disconnect(f"it sends its log to a member that is: {self.role.value}")
            return
        try:
            self._tserver.replay(entry.stimulus)
            difference = "" if self._tserver.counters == entry.after else "it counts otherwise"
        except Exception as error:  # noqa: BLE001 (any exception means that the members differ)
            difference = repr(error)
        if difference:
            self._handle_divergence(connection.peer, difference)
        else:
            connection.applied_entries += 1

    def _handle_divergence(self, peer: PairPeer, difference: str) -> None:
        self._connection = None
        self._apply_input(RoleInput.DIVERGED)
        peer.disconnect(f"what it did cannot be repeated: {difference}")

    def _handle_confirmation(self, _connection: _Connection, confirmed: EntriesConfirmed) -> None:
        self.outbox.confirmed(confirmed.entries)

    def _handle_hand_over(self, connection: _Connection, hand_over: HandOver) -> None:
        if self.leads:
            connection.peer.disconnect("it hands over to one that leads already")
            return
        connection.applied_entries += 1
        connection.confirm()
        self.epoch = hand_over.epoch - 1
        self._apply_input(RoleInput.HANDED)

    def _handle_role_request(self, _connection: _Connection, _request: AskForRole) -> None:
        self._apply_input(RoleInput.DEMOTE)

    # --- transitions and their effects -----------------------------------------------------------

    def _apply_input(self, role_input: RoleInput) -> bool:
        transition = self._transitions.get((self.role, role_input))
        if transition is None:
            return False
        self.role = transition.role
        for effect in transition.effects:
            self._effects[effect]()
        self._tserver.on_role_changed(transition.role)
        self.flush_deferred()
        return True

    def _start_empty(self) -> None:
        self.epoch += 1
        self._tserver.start_empty(self.epoch, self._latest_start_time)
        if self._connection is not None and self._connection.has_greeted:
            self._send_greeting(self._connection.peer)  # the other member compares epochs when both lead

    def _take_over(self) -> None:
        self.epoch += 1
        if self.role is PairRole.PRIMARY_REPLICATING:
            self.outbox.start_deferring()

    def _send_image(self) -> None:
        if self._connection is not None:
            self.outbox.start_deferring()
            self._connection.peer.send(self._tserver.full_state(self.epoch))

    def _hand_over(self) -> None:
        if self._connection is not None:
            self.epoch += 1
            self.outbox.entry_sent()
            self.outbox.stop_deferring()
            self._connection.peer.send(HandOver(self.epoch))
            self._connection.restart_log()
