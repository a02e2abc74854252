"""The simulator as a part of any process that runs on the asyncio reactor."""

import asyncio
import itertools
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.protocols.tls import TLSMemoryBIOFactory

from bridge.runtime.clock import Clock
from bridge.runtime.loop import CannotStartError, bind
from bridge.runtime.loopclock import LoopClock
from bridge.tlib.codec import MessagePackCodec
from tserver_sim.server.connections.client_protocol import TServerFactory
from tserver_sim.server.connections.peer_connection import Identity
from tserver_sim.server.connections.peer_endpoints import PeerClient, PeerPort, endpoint
from tserver_sim.server.connections.tls import BadFileError, Tls
from tserver_sim.server.pair import replication as mirror
from tserver_sim.server.pair.member import Pair
from tserver_sim.server.pair.roles import Member
from tserver_sim.server.peers.peer_protocol import Channel
from tserver_sim.site import SimSite, SwitchPart
from tserver_sim.tserver import TServer


class Simulator:
    """Switches of a site, each behind its own T-Server.

    Args:
        site: the simulator's part of the site file.
        clock: the time of the switches and phones; it may be held. Connections live in real time.
        reactor: the reactor of this process.
        member: which T-Server of each pair runs here; of the backups, there are those in the site file.
        switches: the names of the switches that run here; None: all.

    """

    def __init__(
        self,
        site: SimSite,
        clock: Clock,
        reactor: AsyncioSelectorReactor,
        member: Member = Member.PRIMARY,
        switches: Collection[str] | None = None,
    ) -> None:
        self._codec = MessagePackCodec()
        self._reactor = reactor
        self.tservers: Mapping[str, TServer] = {
            part.name: TServer(part, site, clock, self._codec, member)
            for part in site.switches
            if (switches is None or part.name in switches)
            and (member is Member.PRIMARY or part.tserver.backup is not None)
        }
        """The T-Servers by the names of their switches."""
        self._site = site
        self._peers: dict[str, tuple[str, int]] = {}
        """Where the T-Servers of this process are found by others, by application."""
        self._listening: list[tuple[IListeningPort, TServerFactory | PeerPort]] = []
        self._reaching: list[PeerClient] = []

    async def listen(self, host: str, ports: Mapping[str, int]) -> dict[str, int]:
        """Listen for clients and for other T-Servers, and look for the other members of pairs.

        Args:
            host: the address to listen on.
            ports: switch -> port; 0 takes a free one, and a switch left out listens on its own in the site.

        Returns:
            switch -> the port it really listens on.

        Raises:
            CannotStartError: a port cannot be had, or a file for TLS makes no sense; then none is
                listened on.

        """
        clock = LoopClock(asyncio.get_running_loop())
        real: dict[str, int] = {}
        try:
            for name, tserver in self.tservers.items():
                own, password = tserver.own, tserver.part.tserver.password
                factory = TServerFactory(tserver.hub, self._codec, password, clock, own.application)
                tls = _tls(tserver.part)
                real[name] = self._listen(host, ports.get(name, own.port), factory, tls)
                self._meet(tserver, host, clock)
            for tserver in self.tservers.values():
                self._join(tserver, clock)
        except CannotStartError:
            await self.close()
            raise
        for client in self._reaching:
            client.start()
        return real

    def _meet(self, tserver: TServer, host: str, clock: Clock) -> None:
        """Be there for other T-Servers; the primary of a pair goes to the backup."""
        part, own, pair = tserver.part.tserver, tserver.own, tserver.pair
        identity = _identity(tserver)
        channels: list[Channel[Any]] = [tserver.neighbours.channel]
        if pair is not None:
            channels.insert(0, _pair_channel(pair))
        if own.peer_port is not None or len(self._site.switches) > 1:
            port = self._listen(host, own.peer_port or 0, PeerPort(identity, channels, clock))
            self._peers[own.application] = (host, port)
        if pair is not None and part.backup is not None and own is part:
            there = endpoint(self._reactor, part.backup.host, part.backup.peer_port)
            self._reaching.append(PeerClient(identity, channels[0], clock, there, pair.unreached))

    def _join(self, tserver: TServer, clock: Clock) -> None:
        """Go to the T-Servers of all switches that stand earlier in the site file.

        Who runs in another process must say its `peer_port` there; else nobody finds it.
        """
        for part in itertools.takewhile(lambda each: each is not tserver.part, self._site.switches):
            for other in part.tserver.members:
                place = self._peers.get(other.application)
                if place is None and other.peer_port is not None:
                    place = other.host, other.peer_port
                if place is not None:
                    there = endpoint(self._reactor, *place)
                    channel = tserver.neighbours.channel
                    client = PeerClient(_identity(tserver), channel, clock, there, _nobody_is_there)
                    self._reaching.append(client)

    def _listen(
        self,
        host: str,
        port: int,
        factory: TServerFactory | PeerPort,
        tls: Tls | None = None,
    ) -> int:
        outermost = (
            factory if tls is None else TLSMemoryBIOFactory(tls, isClient=False, wrappedFactory=factory)
        )
        with bind(host, port) as listener:
            listening = self._reactor.adoptStreamPort(  # type: ignore[no-untyped-call]
                listener.fileno(), listener.family, outermost
            )
            self._listening.append((listening, factory))
            real: int = listener.getsockname()[1]
        return real

    async def close(self) -> None:
        """Stop listening and drop all clients and peers."""
        loop = asyncio.get_running_loop()
        ends: list[Deferred[Any]] = [client.stop() for client in self._reaching]
        for port, factory in self._listening:
            ends.append(maybeDeferred(port.stopListening))
            ends.append(factory.close())
        self._reaching.clear()
        self._listening.clear()
        for end in ends:  # all have begun by now: no end of a connection takes the other by surprise
            await end.asFuture(loop)


def _tls(part: SwitchPart) -> Tls | None:
    files = part.tserver.tls
    if files.certificate is None or files.key is None:
        return None
    client_ca = None if files.client_ca is None else Path(files.client_ca)
    try:
        return Tls(Path(files.certificate), Path(files.key), client_ca)
    except BadFileError as error:
        raise CannotStartError(f"{part.tserver.application}: {error}") from None


def _identity(tserver: TServer) -> Identity:
    return Identity(f"{tserver.own.application}@{tserver.part.name}", tserver.part.tserver.peer_password)


def _nobody_is_there() -> None:
    """Another site may come later; until then requests to it are refused."""


def _pair_channel(pair: Pair) -> Channel[mirror.AnyFrame]:
    return Channel("pair", mirror.decoder().decode, pair)
