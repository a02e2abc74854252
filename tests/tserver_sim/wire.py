"""TCP connections to a T-Server in this process, from a client that can send any bytes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bridge.runtime.clock import Clock
from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from bridge.tlib.wire import MESSAGE_PACK
from tests.loop import reactor
from tests.tserver_sim.in_memory_server import InMemoryServer
from tserver_sim.server.connections.client_protocol import TServerFactory


@asynccontextmanager
async def listening(
    server: InMemoryServer, clock: Clock, password: str | None = None
) -> AsyncIterator[tuple[int, TServerFactory]]:
    """Listen on a free port for the T-Server of a server in memory."""
    factory = TServerFactory(server.tserver.dispatcher, MESSAGE_PACK, password, clock, "TServer_A")
    port = reactor().listenTCP(0, factory, interface="127.0.0.1")
    try:
        yield port.getHost().port, factory
    finally:
        await port.stopListening().asFuture(asyncio.get_running_loop())
        await factory.close().asFuture(asyncio.get_running_loop())


class WireClient:
    """A client that can send any bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes | m.Message) -> None:
        self._writer.write(MESSAGE_PACK.encode(data) if isinstance(data, m.Message) else data)
        await self._writer.drain()

    async def receive(self) -> m.Message:
        length = int.from_bytes(await self._reader.readexactly(4))
        return MESSAGE_PACK.codec.decode(await self._reader.readexactly(length))

    async def ask(self, request: m.Message) -> m.Message:
        await self.send(request)
        return await self.receive()

    async def opens(self, application_name: str = "desk", extensions: KVList | None = None) -> None:
        opening = m.RequestRegisterClient(
            application_name=application_name, protocol_version="1", extensions=extensions
        )
        assert isinstance(await self.ask(opening), m.EventServerInfo)
        assert isinstance(await self.receive(), m.EventLinkConnected)

    async def registers(self, *dns: str) -> None:
        for dn in dns:
            answer = await self.ask(m.RequestRegisterAddress(this_dn=dn))
            assert isinstance(answer, m.EventRegistered)

    async def is_closed(self) -> bool:
        """Wait for the end of the connection; return False if bytes come before it."""
        try:
            return await self._reader.read(1) == b""
        except ConnectionError:
            return True

    def half_close(self) -> None:
        self._writer.write_eof()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[WireClient]:
    """Connect to a T-Server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield WireClient(reader, writer)
    finally:
        writer.transport.abort()
