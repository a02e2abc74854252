"""A pair of T-Servers in memory, clients at both, and a connection that the test moves frame by frame."""

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
    """The T-Server of one member, and its clients. Both members share one ladder."""

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
    """One end of the connection: the `Peer` of its owner."""

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
    """The connection between the members. Frames move one by one."""

    def __init__(
        self,
        members: Mapping[ConfiguredRole, MemberServer],
        sent: Callable[[ConfiguredRole, PairMessage], None],
    ) -> None:
        self.members = members
        self.sent = sent
        self.queues: dict[ConfiguredRole, deque[bytes]] = {A: deque(), B: deque()}
        """The frames under way, by receiver."""
        self.ends = {member: End(self, member) for member in ConfiguredRole}
        self.dropped: list[str] = []
        self._decode = pair_message_decoder().decode
        self._is_cut = False
        for member in ConfiguredRole:
            members[member].pair.connected(self.ends[member])

    def step(self, to: ConfiguredRole) -> bool:
        """Deliver one frame; return whether there was one."""
        if not self.queues[to]:
            return False
        frame = self.queues[to].popleft()
        self.members[to].pair.received(self.ends[to], self._decode(frame))
        self.members[to].pair.batch_received(self.ends[to])
        return True

    def flow(self) -> None:
        """Deliver all frames."""
        while self.step(A) or self.step(B):
            pass

    def cut(self) -> None:
        """Cut the connection and lose the frames under way. Both ends are notified."""
        if self._is_cut:
            return
        self._is_cut = True
        self.silence()
        for member, end in self.ends.items():
            self.members[member].pair.lost(end, "cut")

    def breaks_for(self, member: ConfiguredRole) -> None:
        """Notify only one end that the connection is lost."""
        self._is_cut = True
        self.silence()
        self.members[member].pair.lost(self.ends[member], "nothing heard")

    def silence(self) -> None:
        """Lose the frames under way."""
        for queue in self.queues.values():
            queue.clear()

    def dies(self, member: ConfiguredRole) -> None:
        """Stop one member. All frames under way are lost; its own may have been delivered before."""
        self._is_cut = True
        self.silence()
        survivor = OTHER[member]
        self.members[survivor].pair.lost(self.ends[survivor], "it died")


class ServerPair:
    """Both members of a pair, on one clock."""

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
        """Start both members and connect them."""
        wire = self.connect()
        wire.flow()
        return wire

    @property
    def numbers(self) -> tuple[int, int]:
        """The last EventSequenceNumber of each member."""
        return (self.a.tserver.counters.events, self.b.tserver.counters.events)

    def client(self, member: ConfiguredRole, name: str, *dns: str) -> Client:
        client = self.members[member].client(name, *dns)
        if self.wire is not None:
            self.wire.flow()
        self.delivered.clear()
        return client

    def ladder(self) -> list[str]:
        """Return the events since the last ladder, of the clients of both members."""
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
