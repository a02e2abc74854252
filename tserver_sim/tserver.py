"""One switch with its phones behind one T-Server, put together; still without I/O."""

import itertools
from collections.abc import Collection
from dataclasses import replace
from hashlib import sha256

from bridge.runtime.clock import Clock, Timer
from bridge.tlib import messages as m
from bridge.tlib.codec import Codec
from bridge.tlib.enums import ServerRole
from bridge.tlib.errors import ErrorCode
from tserver_sim.phones.phones import Phones
from tserver_sim.server.pair.member import Pair
from tserver_sim.server.pair.replication import Counters, Whole
from tserver_sim.server.pair.roles import INFORMED, LEADS, Member, Role
from tserver_sim.server.peers.iscc import Sites
from tserver_sim.server.requests.dispatcher import Hub, at_once
from tserver_sim.server.requests.server_info import Identity, Place
from tserver_sim.site import SimSite, SwitchPart
from tserver_sim.site.tservers import place
from tserver_sim.switch.interface.commands import Command, Done
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.interface.stimuli import AnyStimulus, TimePassed
from tserver_sim.switch.iscc.messages import Heard, NotFound, Seek, SiteMessage
from tserver_sim.switch.state.switch_data import Asked
from tserver_sim.switch.switch import Switch

CALLS_PER_EPOCH = 1 << 20
"""How far apart the calls of a switch are numbered that begins anew, so that no ConnID comes twice."""

MAX_EPOCHS = 1 << 10


class TServer:
    """A T-Server of the site, as its `hub`, and the `switch` behind it.

    Args:
        part: the switch in the site file.
        site: the whole site file.
        clock: the time of the switch.
        codec: how messages are written.
        member: which one of a pair it is.

    Raises:
        ValueError: it is to be a backup, and the site file names none.

    """

    def __init__(
        self, part: SwitchPart, site: SimSite, clock: Clock, codec: Codec, member: Member = Member.PRIMARY
    ) -> None:
        self.part = part
        self.own = part.tserver.member(member)
        """What the site file says of this member."""
        self._clock = clock
        self._timer: Timer | None = None
        self._timer_due = 0.0
        self.leads = part.tserver.backup is None
        """Whether it is the primary, or has no other member."""
        config = site.switch_config(part)
        self.switch = Switch(config, self._publish, Phones(), send=self._send)
        self.neighbours = Sites(self, [other.switch for other in config.other_locations])
        """The T-Servers of other sites."""
        self.switch.advance(clock.now())
        self._identity = Identity(self.own.application, int(clock.now()))
        self.pair: Pair | None = None
        """None: it has no other member."""
        if part.tserver.backup is not None:
            self._identity = replace(self._identity, role=ServerRole.Backup, is_informed=False)
            self.pair = Pair(member, part.tserver.redundancy, _terms(part), self)
        self.hub = Hub(
            self._identity,
            self.switch,
            clock,
            codec,
            self._watch,
            self.pair.outbox.deliver if self.pair else at_once,
            itertools.count(2 if member is Member.BACKUP else 1, 2),
        )

    def command(self, command: Command) -> Done:
        """Do what somebody wants who is no client.

        Raises:
            RefusedError: it cannot be done; nothing has changed.

        """
        if not self.leads:
            raise RefusedError(ErrorCode.SwitchNotConnected, "this T-Server is the backup: ask the primary")
        try:
            return self.switch.command(command, self._clock.now())
        finally:
            self._watch()

    # --- other sites (sites.Home) -----------------------------------------------------------------

    @property
    def sites(self) -> Collection[str]:
        """The switches of other sites that its switch takes for reachable."""
        return self.switch.state.sites

    def hear(self, site: str, message: Heard) -> None:
        """Take in what another site says."""
        if isinstance(message, Seek) and not self.hub.link_is_up:
            text = f"{self.part.name}: the T-Server has lost its switch"
            self._send(site, NotFound(message.xref, ErrorCode.RemoteLinkDown, text))
            return
        try:
            self.switch.hear(site, message, self._clock.now())
        finally:
            self._watch()

    def _send(self, site: str, message: SiteMessage) -> None:
        if self.leads:
            self.neighbours.send(site, message)

    # --- inside -----------------------------------------------------------------------------------

    def _publish(self, event: m.Event, asked: Asked) -> None:
        self.hub.publish(event, asked)

    def _watch(self) -> None:
        """See to it that the switch's deadline is not missed; a timer that comes too early does no harm."""
        self.hub.settle()
        if self.pair is not None:
            self.pair.turn_over()
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
            self._watch()

    # --- what the role in a pair demands (pair.Duties) --------------------------------------------

    @property
    def counters(self) -> Counters:
        """What the switch has counted."""
        state = self.switch.state
        return Counters(
            state.sequence, state.call_count, state.timer_count, state.leg_count, state.chance_count
        )

    def whole(self, epoch: int) -> Whole:
        """Return everything that is known."""
        return Whole(epoch, self._identity.start_time, self.switch.image())

    def restore(self, whole: Whole) -> None:
        """Take over everything that the primary knows."""
        self.switch.restore(whole.image)
        self._identity = replace(self._identity, start_time=whole.start_time)

    def replay(self, stimulus: AnyStimulus) -> None:
        """Let happen what has happened at the primary."""
        self.switch.replay(stimulus)
        self.hub.settle()

    @property
    def start_time(self) -> int:
        """The ServerStartTime, in seconds since 1970-01-01T00:00:00Z."""
        return self._identity.start_time

    def begin(self, epoch: int, after: int) -> None:
        """Begin with a switch on which nothing has happened. The first one begins as it is."""
        if epoch == 1:
            return
        self.switch.begin_anew((epoch - 1) % MAX_EPOCHS * CALLS_PER_EPOCH)
        self.switch.advance(self._clock.now())
        start_time = max(int(self._clock.now()), self.start_time + 1, after + 1)
        self._identity = replace(self._identity, start_time=start_time)

    def time_passed(self) -> TimePassed:
        """Return an entry that brings only the time and the numbers."""
        return TimePassed(self.switch.state.now, self.switch.state.sequence)

    def stands(self, role: Role) -> None:
        """Be what the role says, and tell the clients what they see of it."""
        self.leads = role in LEADS
        self.switch.record = self.pair.record if self.pair is not None and role is Role.MIRRORED else None
        self._identity = replace(
            self._identity,
            role=ServerRole.Primary if self.leads else ServerRole.Backup,
            is_informed=role in INFORMED,
            primary=self._primary(),
        )
        self.hub.become(self._identity)
        self.neighbours.stands()
        self._watch()

    def _primary(self) -> Place:
        first, second = self.part.tserver, self.part.tserver.backup or self.part.tserver
        other = first if self.own is second else second
        return place(self.own if self.leads else other)


def _terms(part: SwitchPart) -> str:
    """Sum up what both members must know alike."""
    return sha256(part.model_dump_json(exclude={"tserver"}).encode()).hexdigest()
