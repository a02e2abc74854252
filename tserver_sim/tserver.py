"""One T-Server with the switch and the phones behind it, put together. No I/O."""

import itertools
from collections.abc import Collection
from dataclasses import replace
from hashlib import sha256

from bridge.runtime.clock import Clock, Timer
from bridge.tlib import messages as m
from bridge.tlib.enums import ServerRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.wire import Wire
from tserver_sim.phones.phones import Phones
from tserver_sim.server.pair.member import PairMember
from tserver_sim.server.pair.replication import Counters, FullState
from tserver_sim.server.pair.roles import INFORMED_ROLES, PRIMARY_ROLES, ConfiguredRole, PairRole
from tserver_sim.server.peers.iscc import IsccConnections
from tserver_sim.server.requests.dispatcher import ClientDispatcher, deliver_immediately
from tserver_sim.server.requests.server_info import ServerAddress, ServerInfo
from tserver_sim.site import SimSite, SwitchPart
from tserver_sim.site.tservers import server_address
from tserver_sim.switch.interface.commands import Command, Done
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.interface.stimuli import AnyStimulus, TimePassed
from tserver_sim.switch.iscc.messages import NotFound, Seek, SiteInput, SiteMessage
from tserver_sim.switch.state.switch_data import Requester
from tserver_sim.switch.switch import Switch

CALLS_PER_EPOCH = 1 << 20
"""How far the call numbers of a switch that starts empty again are moved, so that no ConnID comes twice."""

MAX_EPOCHS = 1 << 10
"""After so many moves of the role, call numbers start over."""


class SimulatedTServer:
    """A T-Server of the site (`dispatcher`), the switch behind it (`switch`), and what connects them.

    Args:
        part: the switch in the site file.
        site: the whole site file.
        clock: the time of the switch.
        wire: encodes messages as frames.
        member: its place in the pair, if the switch has one.

    Raises:
        ValueError: `member` is the backup, and the site file has no backup.

    """

    def __init__(
        self,
        part: SwitchPart,
        site: SimSite,
        clock: Clock,
        wire: Wire,
        member: ConfiguredRole = ConfiguredRole.PRIMARY,
    ) -> None:
        self.part = part
        self.member_part = part.tserver.member(member)
        """This member in the site file."""
        self._clock = clock
        self._timer: Timer | None = None
        self._timer_due = 0.0
        self.leads = part.tserver.backup is None
        """Whether it is the primary, or has no other member: it has the calls of the switch."""
        config = site.switch_config(part)
        self.switch = Switch(config, self._publish, Phones(), send=self._send)
        self.iscc = IsccConnections(self, [other.switch for other in config.other_locations])
        """The connections to the T-Servers of other sites."""
        self.switch.advance(clock.now())
        self._server_info = ServerInfo(self.member_part.application, int(clock.now()))
        self.pair: PairMember | None = None
        """None: the switch has no pair of T-Servers."""
        if part.tserver.backup is not None:
            self._server_info = replace(self._server_info, role=ServerRole.Backup, is_informed=False)
            self.pair = PairMember(member, part.tserver.redundancy, _pair_terms(part), self)
        self.dispatcher = ClientDispatcher(
            self._server_info,
            self.switch,
            clock,
            wire,
            self._on_change,
            self.pair.outbox.deliver if self.pair else deliver_immediately,
            itertools.count(2 if member is ConfiguredRole.BACKUP else 1, 2),
        )

    def command(self, command: Command) -> Done:
        """Carry out a command of the control API.

        Raises:
            RefusedError: this T-Server is the backup, or the switch refuses; nothing has changed.

        """
        if not self.leads:
            raise RefusedError(ErrorCode.SwitchNotConnected, "this T-Server is the backup: ask the primary")
        try:
            return self.switch.command(command, self._clock.now())
        finally:
            self._on_change()

    # --- other sites (LocalTServer) ---------------------------------------------------------------

    @property
    def sites(self) -> Collection[str]:
        """The switches of other sites that its switch regards as reachable."""
        return self.switch.state.sites

    def receive_from_site(self, site: str, message: SiteInput) -> None:
        """Handle a message of another site; refuse a request while the link to the switch is down."""
        if isinstance(message, Seek) and not self.dispatcher.link_is_up:
            text = f"{self.part.name}: the T-Server has lost its switch"
            self._send(site, NotFound(message.xref, ErrorCode.RemoteLinkDown, text))
            return
        try:
            self.switch.receive_from_site(site, message, self._clock.now())
        finally:
            self._on_change()

    def _send(self, site: str, message: SiteMessage) -> None:
        if self.leads:
            self.iscc.send(site, message)

    # --- events and timers of the switch ----------------------------------------------------------

    def _publish(self, event: m.Event, requester: Requester) -> None:
        self.dispatcher.publish(event, requester)

    def _on_change(self) -> None:
        """Send what a change has collected, and set a timer for the switch's next deadline.

        A timer that fires too early does no harm: it sets the next one.
        """
        self.dispatcher.notify_subscribers()
        if self.pair is not None:
            self.pair.flush_deferred()
        due = self.switch.deadline
        if due is None or not self.leads or (self._timer is not None and self._timer_due <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_at(due, self._tick)
        self._timer_due = due

    def _tick(self) -> None:
        self._timer = None
        if self.leads:
            self.switch.advance(self._clock.now())
            self._on_change()

    # --- the role in a pair (ReplicatedTServer) ---------------------------------------------------

    @property
    def counters(self) -> Counters:
        """The counters of the switch."""
        state = self.switch.state
        return Counters(
            state.sequence, state.call_count, state.timer_count, state.leg_count, state.chance_count
        )

    def full_state(self, epoch: int) -> FullState:
        """Return the whole state of the switch."""
        return FullState(epoch, self._server_info.start_time, self.switch.image())

    def restore(self, full_state: FullState) -> None:
        """Replace the state of the switch, and the start time, by those of the primary."""
        self.switch.restore(full_state.image)
        self._server_info = replace(self._server_info, start_time=full_state.start_time)

    def replay(self, stimulus: AnyStimulus) -> None:
        """Carry out a stimulus of the primary's log."""
        self.switch.replay(stimulus)
        self.dispatcher.notify_subscribers()

    @property
    def start_time(self) -> int:
        """The ServerStartTime, in seconds since 1970-01-01T00:00:00Z."""
        return self._server_info.start_time

    def start_empty(self, epoch: int, after: int) -> None:
        """Start with an empty switch and a later ServerStartTime.

        In the first epoch the switch is empty already.

        Args:
            epoch: how often the role has moved.
            after: the latest ServerStartTime known of the other member.

        """
        if epoch == 1:
            return
        self.switch.reset((epoch - 1) % MAX_EPOCHS * CALLS_PER_EPOCH)
        self.switch.advance(self._clock.now())
        start_time = max(int(self._clock.now()), self.start_time + 1, after + 1)
        self._server_info = replace(self._server_info, start_time=start_time)

    def time_passed(self) -> TimePassed:
        """Return a stimulus that only brings the time and the event number up to date."""
        return TimePassed(self.switch.state.now, self.switch.state.sequence)

    def on_role_changed(self, role: PairRole) -> None:
        """Apply a role, and send the clients the events that announce it."""
        self.leads = role in PRIMARY_ROLES
        self.switch.record = (
            self.pair.record if self.pair is not None and role is PairRole.PRIMARY_REPLICATING else None
        )
        self._server_info = replace(
            self._server_info,
            role=ServerRole.Primary if self.leads else ServerRole.Backup,
            is_informed=role in INFORMED_ROLES,
            primary=self._primary(),
        )
        self.dispatcher.set_server_info(self._server_info)
        self.iscc.on_role_changed()
        self._on_change()

    def _primary(self) -> ServerAddress:
        first, second = self.part.tserver, self.part.tserver.backup or self.part.tserver
        other = first if self.member_part is second else second
        return server_address(self.member_part if self.leads else other)


def _pair_terms(part: SwitchPart) -> str:
    """Return a digest of what both members must have alike: the switch in the site file."""
    return sha256(part.model_dump_json(exclude={"tserver"}).encode()).hexdigest()
