"""ISCC: the connections to the T-Servers of other sites, and which of them is used. No I/O.

Both sides first send whether they lead, and again whenever that changes. Two switches are joined while a
T-Server that leads at one is connected to one that leads at the other. No message is repeated or kept for
later: when the connection is lost, both switches release everything that depends on it.
"""

from collections.abc import Collection
from typing import Protocol, TypeAlias

import msgspec

from bridge.tlib.kv import decode_kv_list
from tserver_sim.server.peers.peer_protocol import Peer, PeerChannel
from tserver_sim.switch.iscc.messages import Joined, Lost, SiteInput, SiteMessage

CHANNEL_KIND = "site"
"""`Hello.kind` of these connections."""


class LeadershipStatus(msgspec.Struct, frozen=True, tag=True):
    """Whether the sending T-Server leads: it has the calls of its switch."""

    leads: bool


IsccMessage: TypeAlias = LeadershipStatus | SiteMessage
"""A message between T-Servers of different sites."""

IsccPeer: TypeAlias = Peer[IsccMessage]


class LocalTServer(Protocol):
    """The T-Server at this end of the connections."""

    @property
    def leads(self) -> bool:
        """Whether it has the calls of its switch."""

    @property
    def sites(self) -> Collection[str]:
        """The switches of other sites that its switch regards as reachable."""

    def receive_from_site(self, site: str, message: SiteInput) -> None:
        """Handle a message of another site."""


class IsccConnections:
    """The connections of one T-Server to those of other sites; it is their `PeerHandler`.

    Args:
        tserver: the T-Server at this end.
        others: the switches of the other sites.

    """

    def __init__(self, tserver: LocalTServer, others: Collection[str]) -> None:
        self._tserver = tserver
        self._others = others
        self._leads_by_peer: dict[IsccPeer, bool] = {}
        """The connected peers, and whether each leads."""
        self._active_peers: dict[str, IsccPeer] = {}
        """By switch: the peer that messages are sent to and accepted from."""
        self._was_leading = tserver.leads

    @property
    def channel(self) -> PeerChannel[IsccMessage]:
        """The channel of these connections."""
        return PeerChannel(
            CHANNEL_KIND, msgspec.msgpack.Decoder(IsccMessage, dec_hook=decode_kv_list).decode, self
        )

    def send(self, site: str, message: SiteMessage) -> None:
        """Send a message to a switch.

        A message to a switch that cannot be reached is dropped: `Lost` releases what waits for a reply.
        """
        peer = self._active_peers.get(site)
        if peer is not None:
            peer.send(message)

    def on_role_changed(self) -> None:
        """Handle a change of whether this T-Server leads."""
        if self._tserver.leads is self._was_leading:
            return
        self._was_leading = self._tserver.leads
        if self._was_leading:
            for site in [site for site in self._tserver.sites if site not in self._active_peers]:
                self._tserver.receive_from_site(site, Lost())
        else:
            self._active_peers.clear()
        for peer, leads in list(self._leads_by_peer.items()):
            peer.send(LeadershipStatus(self._tserver.leads))
            if leads:
                self._join(peer)

    # --- PeerHandler -----------------------------------------------------------------------------

    def connected(self, peer: IsccPeer) -> None:
        """Send whether this T-Server leads. A new connection of the same peer replaces its old one."""
        if _site_of(peer) not in self._others:
            peer.disconnect("it is not at another site")
            return
        for old_peer in [each for each in self._leads_by_peer if each.who == peer.who]:
            old_peer.disconnect("it has connected anew")
        self._leads_by_peer[peer] = False
        peer.send(LeadershipStatus(self._tserver.leads))

    def received(self, peer: IsccPeer, message: IsccMessage) -> None:
        """Handle a message; one for the switch only from the active peer of its site."""
        if peer not in self._leads_by_peer:
            return
        if not isinstance(message, LeadershipStatus):
            if self._active_peers.get(_site_of(peer)) is peer:
                self._tserver.receive_from_site(_site_of(peer), message)
            return
        self._leads_by_peer[peer] = message.leads
        if message.leads:
            self._join(peer)
        else:
            self._leave(peer)

    def batch_received(self, peer: IsccPeer) -> None:
        """Do nothing: no work is put off to the end of a batch."""

    def lost(self, peer: IsccPeer, reason: str) -> None:  # noqa: ARG002 (the connection has logged it)
        """Remove a peer whose connection is lost."""
        if self._leads_by_peer.pop(peer, None) is not None:
            self._leave(peer)

    def _join(self, peer: IsccPeer) -> None:
        site = _site_of(peer)
        if not self._tserver.leads or self._active_peers.get(site) is peer:
            return
        if self._active_peers.pop(site, None) is not None:
            self._tserver.receive_from_site(site, Lost())
        self._active_peers[site] = peer
        self._tserver.receive_from_site(site, Joined())

    def _leave(self, peer: IsccPeer) -> None:
        site = _site_of(peer)
        if self._active_peers.get(site) is peer:
            del self._active_peers[site]
            self._tserver.receive_from_site(site, Lost())


def _site_of(peer: IsccPeer) -> str:
    return peer.who.rpartition("@")[2]
