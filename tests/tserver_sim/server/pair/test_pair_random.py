"""Random calls at a pair whose members die at any moment: no event that a client has seen is lost."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from bridge.tlib import messages as m
from tests.tserver_sim.in_memory_server import Client
from tests.tserver_sim.server_pair import OTHER, A, B, MemberServer, ServerPair
from tserver_sim.server.pair.member import CannotMoveError
from tserver_sim.server.pair.replication import FullState, PairMessage, ReplicatedStimulus
from tserver_sim.server.pair.roles import ConfiguredRole, PairRole
from tserver_sim.switch.interface.commands import DialNumber
from tserver_sim.switch.interface.refusal import RefusedError

DNS = ("15000", "15001", "15002", "15003")
MEMBERS = st.sampled_from(ConfiguredRole)
ON_CALLS = (
    m.RequestAnswerCall,
    m.RequestReleaseCall,
    m.RequestHoldCall,
    m.RequestRetrieveCall,
)


class RandomPair(RuleBasedStateMachine):
    """A client at each member that is alive; frames between the members travel when a rule says so."""

    def __init__(self) -> None:
        super().__init__()
        self.servers = ServerPair(phones={"15003": 2.0}, ring_timeout=30)
        self.clients: dict[ConfiguredRole, Client] = {}
        self.seen: dict[ConfiguredRole, int] = {}
        self.alive = {A: True, B: True}
        self.written: dict[tuple[int, int], m.Event] = {}
        """Every numbered event that any client has seen, by start time and number."""
        self.images: list[bytes] = []
        """The leader's switch after the image and after each entry that followed."""

    @initialize()
    def start(self) -> None:
        self.meet()
        for member in ConfiguredRole:
            self.connect_client(member)

    # --- who is there ----------------------------------------------------------------------------

    def meet(self) -> None:
        self.servers.sent = Sent(self)
        self.servers.meet()

    def connect_client(self, member: ConfiguredRole) -> None:
        self.clients[member] = client = Client(self.servers.members[member], member.value)
        self.seen[member] = 0
        client.asks(m.RequestRegisterClient(application_name="desk", protocol_version="1"))
        for dn in DNS:
            client.asks(m.RequestRegisterAddress(this_dn=dn, reference_id=1))

    @property
    def leader(self) -> MemberServer | None:
        return next(
            (d for d in self.servers.members.values() if self.alive[d.member] and d.tserver.leads), None
        )

    # --- stimuli ---------------------------------------------------------------------------------

    @rule(who=MEMBERS, dn=st.sampled_from(DNS), number=st.sampled_from(DNS))
    def calls(self, who: ConfiguredRole, dn: str, number: str) -> None:
        if self.alive[who]:
            self.clients[who].asks(m.RequestMakeCall(this_dn=dn, other_dn=number, reference_id=2))

    @rule(who=MEMBERS, dn=st.sampled_from(DNS), kind=st.sampled_from(ON_CALLS), data=st.data())
    def acts(self, who: ConfiguredRole, dn: str, kind: type[m.CallRequest], data: st.DataObject) -> None:
        conn_ids = [1, *self.servers.members[who].tserver.switch.state.calls]
        if self.alive[who]:
            self.clients[who].asks(
                kind(this_dn=dn, conn_id=data.draw(st.sampled_from(conn_ids)), reference_id=3)
            )

    @rule(dn=st.sampled_from(DNS), number=st.sampled_from(DNS))
    def somebody_dials(self, dn: str, number: str) -> None:
        if self.leader is not None:
            try:
                self.leader.tserver.command(DialNumber(dn, number))
            except RefusedError:
                return

    @rule(seconds=st.sampled_from((0.0, 1.0, 2.0, 30.0)))
    def time_passes(self, seconds: float) -> None:
        self.servers.clock.advance(seconds)

    # --- what happens to the pair ----------------------------------------------------------------

    @rule(to=MEMBERS, frames=st.integers(1, 4))
    def frames_arrive(self, to: ConfiguredRole, frames: int) -> None:
        for _ in range(frames):
            if self.all_alive() and self.servers.wire is not None:
                self.servers.wire.step(to)

    @rule(member=MEMBERS)
    @precondition(lambda self: self.all_alive())
    def hand_over(self, member: ConfiguredRole) -> None:
        pair = self.servers.members[member].pair
        try:
            if pair.leads:
                pair.demote()
            else:
                pair.promote()
        except CannotMoveError:
            return

    @rule(member=MEMBERS, data=st.data())
    @precondition(lambda self: self.all_alive())
    def dies(self, member: ConfiguredRole, data: st.DataObject) -> None:
        """A prefix of the frames it has sent may still arrive."""
        wire, survivor = self.servers.wire, OTHER[member]
        assert wire is not None
        for _ in range(data.draw(st.integers(0, len(wire.queues[survivor])))):
            wire.step(survivor)
        self.alive[member] = False
        self.servers.members[member].tserver.leads = False  # its timers do nothing any more
        successor = self.servers.members[survivor]
        was = successor.pair.role
        if was is PairRole.BACKUP_IN_SYNC and wire.members[member].pair.role is not PairRole.BACKUP_IN_SYNC:
            assert successor.image in self.images
        wire.dies(member)
        if was is not PairRole.BACKUP_NOT_SYNCED:
            assert successor.pair.role is PairRole.PRIMARY

    @rule()
    @precondition(lambda self: not self.all_alive())
    def the_dead_one_is_started_again(self) -> None:
        dead = next(member for member in ConfiguredRole if not self.alive[member])
        self.servers.members[dead] = MemberServer(self.servers, dead)
        self.alive[dead] = True
        self.meet()
        self.connect_client(dead)

    # --- what must hold --------------------------------------------------------------------------

    def all_alive(self) -> bool:
        return all(self.alive.values())

    @invariant()
    def one_leads_at_most(self) -> None:
        assert (
            sum(server.pair.leads for server in self.servers.members.values() if self.alive[server.member])
            <= 1
        )

    @invariant()
    def no_number_says_two_things(self) -> None:
        started = 0
        for member, client in self.clients.items():
            for at, event in enumerate(client.events):
                if isinstance(event, m.EventServerInfo):
                    started = event.server_start_time
                if at >= self.seen[member] and event.event_sequence_number:
                    plain = replace(event, reference_id=None)
                    key = started, event.event_sequence_number
                    assert self.written.setdefault(key, plain) == plain
            self.seen[member] = len(client.events)

    @invariant()
    def what_was_seen_is_known_to_all_who_could_lead(self) -> None:
        for server in self.servers.members.values():
            if self.alive[server.member] and server.pair.role is not PairRole.BACKUP_NOT_SYNCED:
                assert server.tserver.counters.events >= self.delivered(server.tserver.start_time)

    def delivered(self, started: int) -> int:
        return max((number for start, number in self.written if start == started), default=0)

    def teardown(self) -> None:
        """When everything has arrived, both know the same."""
        if self.all_alive() and self.servers.wire is not None:
            self.servers.wire.flow()
            if self.leader is not None:  # what is refused moves only the time, and that is told with the next
                self.leader.pair.record(self.leader.tserver.time_passed())
                self.servers.wire.flow()
            if {server.pair.role for server in self.servers.members.values()} == {
                PairRole.PRIMARY_REPLICATING,
                PairRole.BACKUP_IN_SYNC,
            }:
                assert self.servers.a.image == self.servers.b.image
            self.no_number_says_two_things()


class Sent(list[tuple[ConfiguredRole, PairMessage]]):
    """Remembers what the leader's switch was like whenever it wrote to the log."""

    def __init__(self, machine: RandomPair) -> None:
        super().__init__()
        self._machine = machine

    def append(self, sent: tuple[ConfiguredRole, PairMessage]) -> None:
        member, frame = sent
        if isinstance(frame, FullState | ReplicatedStimulus):
            self._machine.images.append(self._machine.servers.members[member].image)


TestRandomPair = RandomPair.TestCase
TestRandomPair.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
