"""ISCC: messages go to the T-Server of a site that leads, while this one leads."""

from tserver_sim.server.peers.iscc import IsccConnections, IsccMessage, LeadershipStatus
from tserver_sim.switch.iscc.messages import Cancel, Joined, Lost, SiteInput


class LocalTServer:
    """The T-Server at this end; records the messages of other sites."""

    def __init__(self, *, leads: bool = True) -> None:
        self.leads = leads
        self.sites: list[str] = []
        self.received_messages: list[tuple[str, SiteInput]] = []

    def receive_from_site(self, site: str, message: SiteInput) -> None:
        self.received_messages.append((site, message))
        if isinstance(message, Joined):
            self.sites.append(site)
        elif isinstance(message, Lost):
            self.sites.remove(site)


class RemoteTServer:
    """A T-Server of another site; records what is sent to it."""

    def __init__(self, handler: IsccConnections, who: str) -> None:
        self.who = who
        self.sent: list[IsccMessage] = []
        self.dropped = ""
        self._handler = handler
        handler.connected(self)

    def send(self, message: IsccMessage) -> None:
        self.sent.append(message)

    def disconnect(self, reason: str) -> None:
        self.dropped = reason
        self._handler.lost(self, reason)

    def sends(self, message: IsccMessage) -> None:
        self._handler.received(self, message)


def test_two_that_lead_are_joined() -> None:
    local = LocalTServer()
    sites = IsccConnections(local, ["B"])
    other = RemoteTServer(sites, "TB@B")
    assert other.sent == [LeadershipStatus(leads=True)]
    assert local.received_messages == []

    other.sends(Cancel(1))  # before it leads, nothing that it says counts
    other.sends(LeadershipStatus(leads=True))
    other.sends(Cancel(2))
    assert local.received_messages == [("B", Joined()), ("B", Cancel(2))]
    sites.send("B", Cancel(3))
    sites.send("C", Cancel(4))
    assert other.sent[1:] == [Cancel(3)]

    other.disconnect("gone")
    assert local.received_messages[2:] == [("B", Lost())]
    sites.send("B", Cancel(5))
    assert other.sent[2:] == []


def test_the_role_moves_at_the_other_site() -> None:
    local = LocalTServer()
    sites = IsccConnections(local, ["B"])
    first, second = RemoteTServer(sites, "TB@B"), RemoteTServer(sites, "TB2@B")
    first.sends(LeadershipStatus(leads=True))
    second.sends(LeadershipStatus(leads=False))
    first.sends(LeadershipStatus(leads=False))
    second.sends(LeadershipStatus(leads=True))
    assert local.received_messages == [("B", Joined()), ("B", Lost()), ("B", Joined())]
    sites.send("B", Cancel(1))
    assert (first.sent[1:], second.sent[1:]) == ([], [Cancel(1)])


def test_of_two_that_lead_the_later_one_counts() -> None:
    local = LocalTServer()
    sites = IsccConnections(local, ["B"])
    first, second = RemoteTServer(sites, "TB@B"), RemoteTServer(sites, "TB2@B")
    first.sends(LeadershipStatus(leads=True))
    second.sends(LeadershipStatus(leads=True))
    first.sends(Cancel(1))
    assert local.received_messages == [("B", Joined()), ("B", Lost()), ("B", Joined())]
    first.disconnect("gone")
    assert local.sites == ["B"]


def test_the_role_moves_here() -> None:
    local = LocalTServer(leads=False)
    sites = IsccConnections(local, ["B"])
    other = RemoteTServer(sites, "TB@B")
    other.sends(LeadershipStatus(leads=True))
    assert (other.sent, local.received_messages) == ([LeadershipStatus(leads=False)], [])

    local.sites = ["B", "C"]  # as the former primary knew them
    local.leads = True
    sites.on_role_changed()
    assert local.received_messages == [("B", Lost()), ("C", Lost()), ("B", Joined())]
    assert other.sent[1:] == [LeadershipStatus(leads=True)]
    sites.on_role_changed()
    assert other.sent[2:] == []

    local.leads = False  # the new primary takes care of the calls
    sites.on_role_changed()
    other.sends(Cancel(1))
    assert len(local.received_messages) == 3
    assert other.sent[2:] == [LeadershipStatus(leads=False)]


def test_a_new_connection_takes_the_place_of_the_old() -> None:
    local = LocalTServer()
    sites = IsccConnections(local, ["B"])
    former = RemoteTServer(sites, "TB@B")
    former.sends(LeadershipStatus(leads=True))
    later = RemoteTServer(sites, "TB@B")
    assert former.dropped == "it has connected anew"
    later.sends(LeadershipStatus(leads=True))
    assert local.received_messages == [("B", Joined()), ("B", Lost()), ("B", Joined())]
    former.sends(Cancel(1))
    assert len(local.received_messages) == 3


def test_nobody_else_is_talked_to() -> None:
    local = LocalTServer()
    stranger = RemoteTServer(IsccConnections(local, ["B"]), "TA2@A")
    assert stranger.dropped == "it is not at another site"
    stranger.sends(LeadershipStatus(leads=True))
    assert local.received_messages == []
