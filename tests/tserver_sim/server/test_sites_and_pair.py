"""A site whose T-Server is a pair: what another site sees when the role moves."""

from bridge.tlib import messages as m
from tests.tserver_sim.in_memory_server import Client, Desk
from tests.tserver_sim.server_pair import A, B, MemberDesk, PairDesk
from tserver_sim.server.peers.iscc import SiteFrame
from tserver_sim.tserver import TServer


class OtherSite(Desk):
    """The T-Server of Switch_B and its clients."""

    def __init__(self, room: PairDesk) -> None:
        self.clock, self.codec, self.told = room.clock, room.codec, room.told
        self.tserver = TServer(room.site.switches[1], room.site, room.clock, room.codec)


class Connection:
    """Both ends of a connection between a member and the other site, seen from one; nothing is on its way."""

    def __init__(self, owner: Desk, who: str) -> None:
        self.who = who
        self.owner = owner
        self.other: Connection | None = None
        self.sent: list[SiteFrame] = []

    def send(self, message: SiteFrame) -> None:
        self.sent.append(message)

    def drop(self, reason: str) -> None:
        self.owner.tserver.neighbours.lost(self, reason)


def connected(member: MemberDesk, site: OtherSite) -> tuple[Connection, Connection]:
    ends = (
        Connection(member, "TServer_B@Switch_B"),
        Connection(site, f"{member.tserver.own.application}@Switch_A"),
    )
    ends[0].other, ends[1].other = ends[1], ends[0]
    for end in ends:
        end.owner.tserver.neighbours.connected(end)
    return ends


def flow(room: PairDesk, *ends: Connection) -> None:
    """Let everything arrive, between the members and between the sites."""
    while any(end.sent for end in ends):
        for end in ends:
            sent, end.sent = end.sent, []
            assert end.other is not None
            for message in sent:
                end.other.owner.tserver.neighbours.received(end.other, message)
    if room.wire is not None:
        room.wire.flow()


def names(told: list[tuple[Client, m.Event]]) -> list[tuple[str, str]]:
    return [(client.name, event.name.removeprefix("Event")) for client, event in told]


def test_the_backup_takes_over_and_is_joined_to_the_other_site() -> None:
    room = PairDesk()
    room.meet()
    site = OtherSite(room)
    first, second = connected(room.a, site), connected(room.b, site)
    ends = (*first, *second)
    flow(room, *ends)
    assert room.a.tserver.switch.state.sites == ["Switch_B"]
    assert room.a.image == room.b.image

    a, b = room.client(A, "15000", "15000"), site.client("25000", "25000")
    backup = room.client(B, "15000", "15000")
    a.calls("25000", location="Switch_B")
    flow(room, *ends)
    b.answers()
    flow(room, *ends)
    assert [name for name, told in names(room.told) if told == "Established"] == ["25000", "15000", "15000"]
    assert room.a.image == room.b.image

    # the primary dies: the call between the sites ends, for both
    room.told.clear()
    assert room.wire is not None
    room.wire.dies(A)
    first[1].drop("gone")
    flow(room, *second)
    assert room.b.tserver.leads
    assert ("25000", "Released") in names(room.told)
    assert backup.events[-1].name == "EventReleased"
    assert site.tserver.switch.state.calls == room.b.tserver.switch.state.calls == {}
    assert not (site.tserver.switch.state.legs)
    assert not (room.b.tserver.switch.state.legs)

    # the other site finds the new primary
    room.told.clear()
    backup.calls("25000", location="Switch_B")
    flow(room, *second)
    assert names(room.told) == [
        ("15000", "Dialing"),
        ("25000", "Ringing"),
        ("15000", "RemoteConnectionSuccess"),
    ]
