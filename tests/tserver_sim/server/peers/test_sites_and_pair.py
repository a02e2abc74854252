"""A site whose T-Server is a pair: what another site sees when the role moves."""

from bridge.tlib import messages as m
from bridge.tlib.wire import MESSAGE_PACK
from tests.tserver_sim.in_memory_server import Client, InMemoryServer
from tests.tserver_sim.server_pair import A, B, MemberServer, ServerPair
from tserver_sim.server.peers.iscc import IsccMessage
from tserver_sim.tserver import SimulatedTServer


class OtherSite(InMemoryServer):
    """The T-Server of Switch_B and its clients."""

    def __init__(self, servers: ServerPair) -> None:
        self.clock, self.delivered = servers.clock, servers.delivered
        self.tserver = SimulatedTServer(servers.site.switches[1], servers.site, servers.clock, MESSAGE_PACK)


class Connection:
    """One end of a connection between a member and the other site. `flow` moves its messages."""

    def __init__(self, owner: InMemoryServer, who: str) -> None:
        self.who = who
        self.owner = owner
        self.other: Connection | None = None
        self.sent: list[IsccMessage] = []

    def send(self, message: IsccMessage) -> None:
        self.sent.append(message)

    def disconnect(self, reason: str) -> None:
        self.owner.tserver.iscc.lost(self, reason)


def connected(member: MemberServer, site: OtherSite) -> tuple[Connection, Connection]:
    ends = (
        Connection(member, "TServer_B@Switch_B"),
        Connection(site, f"{member.tserver.member_part.application}@Switch_A"),
    )
    ends[0].other, ends[1].other = ends[1], ends[0]
    for end in ends:
        end.owner.tserver.iscc.connected(end)
    return ends


def flow(servers: ServerPair, *ends: Connection) -> None:
    """Deliver all messages, between the members and between the sites."""
    while any(end.sent for end in ends):
        for end in ends:
            sent, end.sent = end.sent, []
            assert end.other is not None
            for message in sent:
                end.other.owner.tserver.iscc.received(end.other, message)
    if servers.wire is not None:
        servers.wire.flow()


def names(delivered: list[tuple[Client, m.Event]]) -> list[tuple[str, str]]:
    return [(client.name, event.name.removeprefix("Event")) for client, event in delivered]


def test_the_backup_takes_over_and_is_joined_to_the_other_site() -> None:
    servers = ServerPair()
    servers.meet()
    site = OtherSite(servers)
    first, second = connected(servers.a, site), connected(servers.b, site)
    ends = (*first, *second)
    flow(servers, *ends)
    assert servers.a.tserver.switch.state.sites == ["Switch_B"]
    assert servers.a.image == servers.b.image

    a, b = servers.client(A, "15000", "15000"), site.client("25000", "25000")
    backup = servers.client(B, "15000", "15000")
    a.calls("25000", location="Switch_B")
    flow(servers, *ends)
    b.answers()
    flow(servers, *ends)
    assert [name for name, delivered in names(servers.delivered) if delivered == "Established"] == [
        "25000",
        "15000",
        "15000",
    ]
    assert servers.a.image == servers.b.image

    # the primary dies: the call between the sites ends, for both
    servers.delivered.clear()
    assert servers.wire is not None
    servers.wire.dies(A)
    first[1].disconnect("gone")
    flow(servers, *second)
    assert servers.b.tserver.leads
    assert ("25000", "Released") in names(servers.delivered)
    assert backup.events[-1].name == "EventReleased"
    assert site.tserver.switch.state.calls == servers.b.tserver.switch.state.calls == {}
    assert not (site.tserver.switch.state.legs)
    assert not (servers.b.tserver.switch.state.legs)

    # the other site finds the new primary
    servers.delivered.clear()
    backup.calls("25000", location="Switch_B")
    flow(servers, *second)
    assert names(servers.delivered) == [
        ("15000", "Dialing"),
        ("25000", "Ringing"),
        ("15000", "RemoteConnectionSuccess"),
    ]
