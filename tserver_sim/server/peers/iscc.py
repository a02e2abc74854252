"""The T-Servers of other sites: which of them can be talked to, and what is said. No I/O.

Both sides say first whether they lead, and again whenever that changes. Two switches are joined while a
T-Server that leads at one is connected to one that leads at the other. Nothing is said twice or kept for
later: when the connection is lost, both switches let go all that depends on it.
"""

from collections.abc import Collection
from typing import Protocol, TypeAlias

import msgspec

from bridge.tlib.kv import KVList
from tserver_sim.server.peers.peer_protocol import Channel, Peer
from tserver_sim.switch.iscc.messages import Heard, Joined, Lost, SiteMessage

KIND = "site"
"""What the connections of this kind are called."""


class Standing(msgspec.Struct, frozen=True, tag=True):
    """Whether the T-Server that says it has the calls of its switch."""

    leads: bool


SiteFrame: TypeAlias = Standing | SiteMessage
"""What travels between T-Servers of different sites."""

AnyPeer: TypeAlias = Peer[SiteFrame]


class Home(Protocol):
    """The T-Server at this end."""

    @property
    def leads(self) -> bool:
        """Whether it has the calls of its switch."""

    @property
    def sites(self) -> Collection[str]:
        """The switches of other sites that its switch takes for reachable."""

    def hear(self, site: str, message: Heard) -> None:
        """Take in what another site says."""


class Sites:
    """The connections of one T-Server to those of other sites; it is their `Talk`.

    Args:
        home: the T-Server at this end.
        others: the switches of the other sites.

    """

    def __init__(self, home: Home, others: Collection[str]) -> None:
        self._home = home
        self._others = others
        self._leads: dict[AnyPeer, bool] = {}
        """Everybody who is connected, and whether it leads."""
        self._links: dict[str, AnyPeer] = {}
        """By switch: the peer that is talked to."""
        self._led = home.leads

    @property
    def channel(self) -> Channel[SiteFrame]:
        """What its connections talk about."""
        return Channel(KIND, msgspec.msgpack.Decoder(SiteFrame, dec_hook=_kv_list).decode, self)

    def send(self, site: str, message: SiteMessage) -> None:
        """Say something to a switch; if it cannot be reached any more, that is told soon enough."""
        link = self._links.get(site)
        if link is not None:
            link.send(message)

    def stands(self) -> None:
        """Take note that this T-Server leads, or no longer does."""
        if self._home.leads is self._led:
            return
        self._led = self._home.leads
        if self._led:
            for site in [site for site in self._home.sites if site not in self._links]:
                self._home.hear(site, Lost())
        else:
            self._links.clear()
        for peer, leads in list(self._leads.items()):
            peer.send(Standing(self._home.leads))
            if leads:
                self._join(peer)

    # --- what the connections tell it (talk.Talk) -----------------------------------------------------

    def connected(self, peer: AnyPeer) -> None:
        """Say whether this T-Server leads. A new connection of the same peer takes the place of the old."""
        if _site(peer) not in self._others:
            peer.drop("it is not at another site")
            return
        for former in [each for each in self._leads if each.who == peer.who]:
            former.drop("it has connected anew")
        self._leads[peer] = False
        peer.send(Standing(self._home.leads))

    def received(self, peer: AnyPeer, message: SiteFrame) -> None:
        """Do what it says, if it is the one that is talked to."""
        if peer not in self._leads:
            return
        if not isinstance(message, Standing):
            if self._links.get(_site(peer)) is peer:
                self._home.hear(_site(peer), message)
            return
        self._leads[peer] = message.leads
        if message.leads:
            self._join(peer)
        else:
            self._part(peer)

    def taken_in(self, peer: AnyPeer) -> None:
        """Nothing waits for that."""

    def lost(self, peer: AnyPeer, reason: str) -> None:  # noqa: ARG002 (the connection has logged it)
        """Take note that a peer is gone."""
        if self._leads.pop(peer, None) is not None:
            self._part(peer)

    def _join(self, peer: AnyPeer) -> None:
        site = _site(peer)
        if not self._home.leads or self._links.get(site) is peer:
            return
        if self._links.pop(site, None) is not None:
            self._home.hear(site, Lost())
        self._links[site] = peer
        self._home.hear(site, Joined())

    def _part(self, peer: AnyPeer) -> None:
        site = _site(peer)
        if self._links.get(site) is peer:
            del self._links[site]
            self._home.hear(site, Lost())


def _site(peer: AnyPeer) -> str:
    return peer.who.rpartition("@")[2]


def _kv_list(_expected: type, value: object) -> KVList:
    return KVList.checked(value)
