"""Which T-Server of another site is talked to: the one that leads, and while this one leads."""

from tserver_sim.server.peers.iscc import SiteFrame, Sites, Standing
from tserver_sim.switch.iscc.messages import Cancel, Heard, Joined, Lost


class Home:
    """A T-Server at this end; it keeps what it hears."""

    def __init__(self, *, leads: bool = True) -> None:
        self.leads = leads
        self.sites: list[str] = []
        self.heard: list[tuple[str, Heard]] = []

    def hear(self, site: str, message: Heard) -> None:
        self.heard.append((site, message))
        if isinstance(message, Joined):
            self.sites.append(site)
        elif isinstance(message, Lost):
            self.sites.remove(site)


class Other:
    """A T-Server at the other end; it keeps what it is sent."""

    def __init__(self, talk: Sites, who: str) -> None:
        self.who = who
        self.sent: list[SiteFrame] = []
        self.dropped = ""
        self._talk = talk
        talk.connected(self)

    def send(self, message: SiteFrame) -> None:
        self.sent.append(message)

    def drop(self, reason: str) -> None:
        self.dropped = reason
        self._talk.lost(self, reason)

    def says(self, message: SiteFrame) -> None:
        self._talk.received(self, message)


def test_two_that_lead_are_joined() -> None:
    home = Home()
    sites = Sites(home, ["B"])
    other = Other(sites, "TB@B")
    assert other.sent == [Standing(leads=True)]
    assert home.heard == []

    other.says(Cancel(1))  # before it leads, nothing that it says counts
    other.says(Standing(leads=True))
    other.says(Cancel(2))
    assert home.heard == [("B", Joined()), ("B", Cancel(2))]
    sites.send("B", Cancel(3))
    sites.send("C", Cancel(4))
    assert other.sent[1:] == [Cancel(3)]

    other.drop("gone")
    assert home.heard[2:] == [("B", Lost())]
    sites.send("B", Cancel(5))
    assert other.sent[2:] == []


def test_the_role_moves_at_the_other_site() -> None:
    home = Home()
    sites = Sites(home, ["B"])
    first, second = Other(sites, "TB@B"), Other(sites, "TB2@B")
    first.says(Standing(leads=True))
    second.says(Standing(leads=False))
    first.says(Standing(leads=False))
    second.says(Standing(leads=True))
    assert home.heard == [("B", Joined()), ("B", Lost()), ("B", Joined())]
    sites.send("B", Cancel(1))
    assert (first.sent[1:], second.sent[1:]) == ([], [Cancel(1)])


def test_of_two_that_lead_the_later_one_counts() -> None:
    home = Home()
    sites = Sites(home, ["B"])
    first, second = Other(sites, "TB@B"), Other(sites, "TB2@B")
    first.says(Standing(leads=True))
    second.says(Standing(leads=True))
    first.says(Cancel(1))
    assert home.heard == [("B", Joined()), ("B", Lost()), ("B", Joined())]
    first.drop("gone")
    assert home.sites == ["B"]


def test_the_role_moves_here() -> None:
    home = Home(leads=False)
    sites = Sites(home, ["B"])
    other = Other(sites, "TB@B")
    other.says(Standing(leads=True))
    assert (other.sent, home.heard) == ([Standing(leads=False)], [])

    home.sites = ["B", "C"]  # as the former primary knew them
    home.leads = True
    sites.stands()
    assert home.heard == [("B", Lost()), ("C", Lost()), ("B", Joined())]
    assert other.sent[1:] == [Standing(leads=True)]
    sites.stands()
    assert other.sent[2:] == []

    home.leads = False  # the new primary takes care of the calls
    sites.stands()
    other.says(Cancel(1))
    assert len(home.heard) == 3
    assert other.sent[2:] == [Standing(leads=False)]


def test_a_new_connection_takes_the_place_of_the_old() -> None:
    home = Home()
    sites = Sites(home, ["B"])
    former = Other(sites, "TB@B")
    former.says(Standing(leads=True))
    later = Other(sites, "TB@B")
    assert former.dropped == "it has connected anew"
    later.says(Standing(leads=True))
    assert home.heard == [("B", Joined()), ("B", Lost()), ("B", Joined())]
    former.says(Cancel(1))
    assert len(home.heard) == 3


def test_nobody_else_is_talked_to() -> None:
    home = Home()
    stranger = Other(Sites(home, ["B"]), "TA2@A")
    assert stranger.dropped == "it is not at another site"
    stranger.says(Standing(leads=True))
    assert home.heard == []
