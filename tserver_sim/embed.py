"""The simulator, embeddable in any process that runs Twisted's asyncio reactor."""

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
from bridge.tlib.wire import MESSAGE_PACK, Wire
from tserver_sim.server.connections.client_protocol import TServerFactory
from tserver_sim.server.connections.peer_connection import PeerCredentials
from tserver_sim.server.connections.peer_endpoints import PeerConnector, PeerListener, endpoint
from tserver_sim.server.connections.tls import ServerTlsContext, ServerTlsFileError
from tserver_sim.server.pair import replication
from tserver_sim.server.pair.member import PairMember
from tserver_sim.server.pair.roles import ConfiguredRole
from tserver_sim.server.peers.peer_protocol import PeerChannel
from tserver_sim.site import SimSite, SwitchPart
from tserver_sim.tserver import SimulatedTServer


class Simulator:
    """The T-Servers of a site, each with its switch, and their TCP ports.

    Args:
        site: the simulator's part of the site file.
        clock: the time of the switches and phones; may be held. Connections always use real time.
        reactor: the reactor of this process.
        member: which member of each pair runs here. As backup, only switches with a backup run.
        switches: the names of the switches that run here; None: all.
        wire: how messages to and from clients are written.

    """

    def __init__(
        self,
        site: SimSite,
        clock: Clock,
        reactor: AsyncioSelectorReactor,
        member: ConfiguredRole = ConfiguredRole.PRIMARY,
        switches: Collection[str] | None = None,
        wire: Wire = MESSAGE_PACK,
    ) -> None:
        self._wire = wire
        self._reactor = reactor
        self.tservers: Mapping[str, SimulatedTServer] = {
            part.name: SimulatedTServer(part, site, clock, self._wire, member)
            for part in site.switches
            if (switches is None or part.name in switches)
            and (member is ConfiguredRole.PRIMARY or part.tserver.backup is not None)
        }
        """The T-Servers by the names of their switches."""
        self._site = site
        self._peer_addresses: dict[str, tuple[str, int]] = {}
        """Host and port for other T-Servers, by the application names of this process."""
        self._listeners: list[tuple[IListeningPort, TServerFactory | PeerListener]] = []
        self._peer_connectors: list[PeerConnector] = []

    async def listen(self, host: str, ports: Mapping[str, int]) -> dict[str, int]:
        """Listen for clients and for other T-Servers, and connect to other T-Servers.

        Args:
            host: the address to listen on.
            ports: port by switch. 0 takes a free port; a switch left out uses its port of the site file.

        Returns:
            The port in use by switch.

        Raises:
            CannotStartError: a port is not available, or a TLS file is not valid; no port is open then.

        """
        clock = LoopClock(asyncio.get_running_loop())
        bound: dict[str, int] = {}
        try:
            for name, tserver in self.tservers.items():
                member_part, password = tserver.member_part, tserver.part.tserver.password
                factory = TServerFactory(
                    tserver.dispatcher, self._wire, password, clock, member_part.application
                )
                tls = _tls_context(tserver.part)
                bound[name] = self._listen(host, ports.get(name, member_part.port), factory, tls)
                self._listen_for_peers(tserver, host, clock)
            for tserver in self.tservers.values():
                self._connect_to_other_sites(tserver, clock)
        except CannotStartError:
            await self.close()
            raise
        for client in self._peer_connectors:
            client.start()
        return bound

    def _listen_for_peers(self, tserver: SimulatedTServer, host: str, clock: Clock) -> None:
        """Listen for other T-Servers. The primary of a pair also connects to its backup."""
        part, member_part, pair = tserver.part.tserver, tserver.member_part, tserver.pair
        credentials = _credentials_of(tserver)
        channels: list[PeerChannel[Any]] = [tserver.iscc.channel]
        if pair is not None:
            channels.insert(0, _make_pair_channel(pair))
        if member_part.peer_port is not None or len(self._site.switches) > 1:
            port = self._listen(host, member_part.peer_port or 0, PeerListener(credentials, channels, clock))
            self._peer_addresses[member_part.application] = (host, port)
        if pair is not None and part.backup is not None and member_part is part:
            target = endpoint(self._reactor, part.backup.host, part.backup.peer_port)
            self._peer_connectors.append(
                PeerConnector(credentials, channels[0], clock, target, pair.on_peer_unreachable)
            )

    def _connect_to_other_sites(self, tserver: SimulatedTServer, clock: Clock) -> None:
        """Connect to the T-Servers of all switches that stand earlier in the site file.

        A T-Server in another process can only be reached if the site file has its `peer_port`.
        """
        for part in itertools.takewhile(lambda each: each is not tserver.part, self._site.switches):
            for other in part.tserver.members:
                address = self._peer_addresses.get(other.application)
                if address is None and other.peer_port is not None:
                    address = other.host, other.peer_port
                if address is not None:
                    target = endpoint(self._reactor, *address)
                    channel = tserver.iscc.channel
                    client = PeerConnector(
                        _credentials_of(tserver), channel, clock, target, _ignore_unreachable_site
                    )
                    self._peer_connectors.append(client)

    def _listen(
        self,
        host: str,
        port: int,
        factory: TServerFactory | PeerListener,
        tls: ServerTlsContext | None = None,
    ) -> int:
        outer_factory = (
            factory if tls is None else TLSMemoryBIOFactory(tls, isClient=False, wrappedFactory=factory)
        )
        with bind(host, port) as listener:
            listening = self._reactor.adoptStreamPort(  # type: ignore[no-untyped-call]
                listener.fileno(), listener.family, outer_factory
            )
            self._listeners.append((listening, factory))
            bound: int = listener.getsockname()[1]
        return bound

    async def close(self) -> None:
        """Close all ports and all connections."""
        loop = asyncio.get_running_loop()
        closings: list[Deferred[Any]] = [client.stop() for client in self._peer_connectors]
        for port, factory in self._listeners:
            closings.append(maybeDeferred(port.stopListening))
            closings.append(factory.close())
        self._peer_connectors.clear()
        self._listeners.clear()
        for closing in closings:  # all have begun: no end of a connection in this process logs a loss
            await closing.asFuture(loop)


def _tls_context(part: SwitchPart) -> ServerTlsContext | None:
    files = part.tserver.tls
    if files.certificate is None or files.key is None:
        return None
    client_ca = None if files.client_ca is None else Path(files.client_ca)
    try:
        return ServerTlsContext(Path(files.certificate), Path(files.key), client_ca)
    except ServerTlsFileError as error:
        raise CannotStartError(f"{part.tserver.application}: {error}") from None


def _credentials_of(tserver: SimulatedTServer) -> PeerCredentials:
    return PeerCredentials(
        f"{tserver.member_part.application}@{tserver.part.name}", tserver.part.tserver.peer_password
    )


def _ignore_unreachable_site() -> None:
    """Do nothing: the connector tries again, and requests to the site are refused until then."""


def _make_pair_channel(pair: PairMember) -> PeerChannel[replication.PairMessage]:
    return PeerChannel("pair", replication.pair_message_decoder().decode, pair)
