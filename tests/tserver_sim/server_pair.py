"""A pair of T-Servers in memory: clients at both, and a wire between them that the test moves by hand."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from bridge.runtime.clock import HeldClock
from bridge.tlib.wire import MESSAGE_PACK
from tests.tserver_sim.in_memory_server import NOW, Client, InMemoryServer, site
from tserver_sim.server.pair.member import PairMember
from tserver_sim.server.pair.replication import PairMessage, pair_message_decoder
from tserver_sim.server.pair.roles import ConfiguredRole, PairRole
from tserver_sim.tserver import SimulatedTServer

A, B = ConfiguredRole.PRIMARY, ConfiguredRole.BACKUP
OTHER = {A: B, B: A}


class MemberServer(InMemoryServer):
    """One member's T-Server and its clients. Everything that both are told goes into one ladder."""

    def __init__(self, servers: "ServerPair", member: ConfiguredRole) -> None:
        self.clock, self.delivered = servers.clock, servers.delivered
        self.member = member
        self.tserver = SimulatedTServer(
            servers.site.switches[0], servers.site, servers.clock, MESSAGE_PACK, member
        )
        assert self.tserver.pair is not None
        self.pair: PairMember = self.tserver.pair

    @property
    def image(self) -> bytes:
        return msgspec.msgpack.encode(self.tserver.switch.image())


class End:
    """One end of the wire; the `Peer` of the member who has it."""

    def __init__(self, wire: "Wire", owner: ConfiguredRole) -> None:
        self.who = OTHER[owner].value
        self._wire, self._owner = wire, owner

    def send(self, message: PairMessage) -> None:
        self._wire.sent(self._owner, message)
        self._wire.queues[OTHER[self._owner]].append(msgspec.msgpack.encode(message))

    def disconnect(self, reason: str) -> None:
        self._wire.dropped.append(reason)
        self._wire.cut()


class Wire:
    """Carries frames from member to member, one by one."""

    def __init__(
        self,
        members: Mapping[ConfiguredRole, MemberServer],
        sent: Callable[[ConfiguredRole, PairMessage], None],
    ) -> None:
        self.members = members
        self.sent = sent
        self.queues: dict[ConfiguredRole, deque[bytes]] = {A: deque(), B: deque()}
        """What is on its way to whom."""
        self.ends = {member: End(self, member) for member in ConfiguredRole}
        self.dropped: list[str] = []
        self._decode = pair_message_decoder().decode
        self._is_cut = False
        for member in ConfiguredRole:
            members[member].pair.connected(self.ends[member])

    def step(self, to: ConfiguredRole) -> bool:
        """Let one frame arrive."""
        if not self.queues[to]:
            return False
        frame = self.queues[to].popleft()
        self.members[to].pair.received(self.ends[to], self._decode(frame))
        self.members[to].pair.batch_received(self.ends[to])
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
            self.members[member].pair.lost(end, "cut")

    def breaks_for(self, member: ConfiguredRole) -> None:
        """Let only one end notice that the connection is lost."""
        self._is_cut = True
        self.silence()
        self.members[member].pair.lost(self.ends[member], "nothing heard")

    def silence(self) -> None:
        """Lose what is on its way."""
        for queue in self.queues.values():
            queue.clear()

    def dies(self, member: ConfiguredRole) -> None:
        """One end is gone: what it has sent may arrive before, what it was sent does not."""
        self._is_cut = True
        self.silence()
        survivor = OTHER[member]
        self.members[survivor].pair.lost(self.ends[survivor], "it died")


class ServerPair:
    """Both members, on one clock."""

    def __init__(
        self, redundancy: str = "hot", phones: Mapping[str, Any] | None = None, **switch: Any
    ) -> None:
        self.clock = HeldClock(NOW)
        backup = {"application": "TServer_A_2", "port": 7012, "peer_port": 7013, "host": "backup"}
        tserver = {
            "application": "TServer_A",
            "port": 7010,
            "host": "primary",
            "backup": backup,
            "redundancy": redundancy,
        }
        self.site = site(phones, tserver=tserver, **switch)
        self.delivered: list[Any] = []
        self.sent: list[tuple[ConfiguredRole, PairMessage]] = []
        self.members = {member: MemberServer(self, member) for member in ConfiguredRole}
        self.wire: Wire | None = None

    @property
    def a(self) -> MemberServer:
        return self.members[A]

    @property
    def b(self) -> MemberServer:
        return self.members[B]

    @property
    def roles(self) -> tuple[PairRole, PairRole]:
        return self.a.pair.role, self.b.pair.role

    def connect(self) -> Wire:
        self.wire = Wire(self.members, self._record_sent)
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

    def client(self, member: ConfiguredRole, name: str, *dns: str) -> Client:
        client = self.members[member].client(name, *dns)
        if self.wire is not None:
            self.wire.flow()
        self.delivered.clear()
        return client

    def ladder(self) -> list[str]:
        """Tell what happened since the last look, to the clients of both."""
        delivered = self.delivered[:]
        self.delivered.clear()
        lines = []
        for client, event in delivered:
            server = self.a if client._server is self.a else self.b
            label = "A" if server is self.a else "B"
            lines.append(f"{label}:{client.name} <- {server._text(event)} #{event.event_sequence_number}")
        return lines

    def _record_sent(self, member: ConfiguredRole, frame: PairMessage) -> None:
        self.sent.append((member, frame))
