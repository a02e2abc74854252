"""The simulator as a part of any process that runs on the asyncio reactor."""

import asyncio
from collections.abc import Mapping

from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IListeningPort

from bridge.runtime.clock import Clock
from bridge.runtime.loop import CannotStartError, LoopClock, bind
from bridge.tlib.codec import MessagePackCodec
from tserver_sim.server.protocol import TServerFactory
from tserver_sim.site import SimSite
from tserver_sim.tserver import TServer


class Simulator:
    """All switches of a site, each behind its own T-Server.

    Args:
        site: the simulator's part of the site file.
        clock: the time of the switches and phones; it may be held. Connections live in real time.
        reactor: the reactor of this process.

    """

    def __init__(self, site: SimSite, clock: Clock, reactor: AsyncioSelectorReactor) -> None:
        self._codec = MessagePackCodec()
        self._site = site
        self._reactor = reactor
        self.tservers: Mapping[str, TServer] = {
            part.name: TServer(part, site, clock, self._codec) for part in site.switches
        }
        """The T-Servers by the names of their switches."""
        self._listening: list[tuple[IListeningPort, TServerFactory]] = []

    async def listen(self, host: str, ports: Mapping[str, int]) -> dict[str, int]:
        """Listen for clients.

        Args:
            host: the address to listen on.
            ports: switch -> port; 0 takes a free one, and a switch left out listens on its own in the site.

        Returns:
            switch -> the port it really listens on.

        Raises:
            CannotStartError: a port cannot be had; then none is listened on.

        """
        clock = LoopClock(asyncio.get_running_loop())
        real: dict[str, int] = {}
        try:
            for part in self._site.switches:
                hub = self.tservers[part.name].hub
                name, password = part.tserver.application, part.tserver.password
                factory = TServerFactory(hub, self._codec, password, clock, name)
                real[part.name] = self._listen(host, ports.get(part.name, part.tserver.port), factory)
        except CannotStartError:
            await self.close()
            raise
        return real

    def _listen(self, host: str, port: int, factory: TServerFactory) -> int:
        with bind(host, port) as listener:
            listening = self._reactor.adoptStreamPort(  # type: ignore[no-untyped-call]
                listener.fileno(), listener.family, factory
            )
            self._listening.append((listening, factory))
            real: int = listener.getsockname()[1]
        return real

    async def close(self) -> None:
        """Stop listening and drop all clients."""
        loop = asyncio.get_running_loop()
        for port, factory in self._listening:
            await maybeDeferred(port.stopListening).asFuture(loop)
            await factory.close().asFuture(loop)
        self._listening.clear()
