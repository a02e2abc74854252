"""A pair of T-Servers in memory: clients at both, and a wire between them that the test moves by hand."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from bridge.runtime.clock import HeldClock
from bridge.tlib.codec import MessagePackCodec
from tests.tserver_sim.in_memory_server import NOW, Client, Desk, site
from tserver_sim.server.pair.member import Pair
from tserver_sim.server.pair.replication import AnyFrame, decoder
from tserver_sim.server.pair.roles import Member, Role
from tserver_sim.tserver import TServer

A, B = Member.PRIMARY, Member.BACKUP
OTHER = {A: B, B: A}


class MemberDesk(Desk):
    """One member's T-Server and its clients. Everything that both are told goes into one ladder."""

    def __init__(self, room: "PairDesk", member: Member) -> None:
        self.clock, self.codec, self.told = room.clock, room.codec, room.told
        self.member = member
        self.tserver = TServer(room.site.switches[0], room.site, room.clock, room.codec, member)
        assert self.tserver.pair is not None
        self.pair: Pair = self.tserver.pair

    @property
    def image(self) -> bytes:
        return msgspec.msgpack.encode(self.tserver.switch.image())


class End:
    """One end of the wire; the `Peer` of the member who has it."""

    def __init__(self, wire: "Wire", owner: Member) -> None:
        self.who = OTHER[owner].value
        self._wire, self._owner = wire, owner

    def send(self, message: AnyFrame) -> None:
        self._wire.sent(self._owner, message)
        self._wire.queues[OTHER[self._owner]].append(msgspec.msgpack.encode(message))

    def drop(self, reason: str) -> None:
        self._wire.dropped.append(reason)
        self._wire.cut()


class Wire:
    """Carries frames from member to member, one by one."""

    def __init__(self, desks: Mapping[Member, MemberDesk], sent: Callable[[Member, AnyFrame], None]) -> None:
        self.desks = desks
        self.sent = sent
        self.queues: dict[Member, deque[bytes]] = {A: deque(), B: deque()}
        """What is on its way to whom."""
        self.ends = {member: End(self, member) for member in Member}
        self.dropped: list[str] = []
        self._decode = decoder().decode
        self._is_cut = False
        for member in Member:
            desks[member].pair.connected(self.ends[member])

    def step(self, to: Member) -> bool:
        """Let one frame arrive."""
        if not self.queues[to]:
            return False
        frame = self.queues[to].popleft()
        self.desks[to].pair.received(self.ends[to], self._decode(frame))
        self.desks[to].pair.taken_in(self.ends[to])
        return True

    def flow(self) -> None:
        """Let everything arrive."""
        while self.step(A) or self.step(B):
            pass

    def cut(self) -> None:
        """Lose the connection, with what was on its way; both notice."""
        if self._is_cut:
            return
        self._is_cut = True
        self.silence()
        for member, end in self.ends.items():
            self.desks[member].pair.lost(end, "cut")

    def breaks_for(self, member: Member) -> None:
        """Let only one end notice that the connection is lost."""
        self._is_cut = True
        self.silence()
        self.desks[member].pair.lost(self.ends[member], "nothing heard")

    def silence(self) -> None:
        """Lose what is on its way."""
        for queue in self.queues.values():
            queue.clear()

    def dies(self, member: Member) -> None:
        """One end is gone: what it has sent may arrive before, what it was sent does not."""
        self._is_cut = True
        self.silence()
        survivor = OTHER[member]
        self.desks[survivor].pair.lost(self.ends[survivor], "it died")


class PairDesk:
    """Both members, on one clock."""

    def __init__(
        self, redundancy: str = "hot", phones: Mapping[str, Any] | None = None, **switch: Any
    ) -> None:
        self.clock = HeldClock(NOW)
        self.codec = MessagePackCodec()
        backup = {"application": "TServer_A_2", "port": 7012, "peer_port": 7013, "host": "backup"}
        tserver = {
            "application": "TServer_A",
            "port": 7010,
            "host": "primary",
            "backup": backup,
            "redundancy": redundancy,
        }
        self.site = site(phones, tserver=tserver, **switch)
        self.told: list[Any] = []
        self.sent: list[tuple[Member, AnyFrame]] = []
        self.desks = {member: MemberDesk(self, member) for member in Member}
        self.wire: Wire | None = None

    @property
    def a(self) -> MemberDesk:
        return self.desks[A]

    @property
    def b(self) -> MemberDesk:
        return self.desks[B]

    @property
    def roles(self) -> tuple[Role, Role]:
        return self.a.pair.role, self.b.pair.role

    def connect(self) -> Wire:
        self.wire = Wire(self.desks, self._note)
        return self.wire

    def meet(self) -> Wire:
        """Let both members start and find each other."""
        wire = self.connect()
        wire.flow()
        return wire

    @property
    def numbers(self) -> tuple[int, int]:
        """The number of the last event, as each member counts."""
        return (self.a.tserver.counters.events, self.b.tserver.counters.events)

    def client(self, member: Member, name: str, *dns: str) -> Client:
        client = self.desks[member].client(name, *dns)
        if self.wire is not None:
            self.wire.flow()
        self.told.clear()
        return client

    def ladder(self) -> list[str]:
        """Tell what happened since the last look, to the clients of both."""
        told = self.told[:]
        self.told.clear()
        lines = []
        for client, event in told:
            desk = self.a if client._desk is self.a else self.b
            label = "A" if desk is self.a else "B"
            lines.append(f"{label}:{client.name} <- {desk._text(event)} #{event.event_sequence_number}")
        return lines

    def _note(self, member: Member, frame: AnyFrame) -> None:
        self.sent.append((member, frame))
