"""A network that can fail: a TCP proxy between one bridge and one T-Server."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

CHUNK = 65_536


class Proxy:
    """Relays connections to a port. `trip`, when set, is called once, after so many more chunks of bytes."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._refusing = False
        self._trips: list[tuple[int, Callable[[], None]]] = []
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        assert self._server is not None
        self._server.close()
        self.cut()
        self._flowing.set()
        await self._server.wait_closed()

    def trip(self, chunks: int, action: Callable[[], None]) -> None:
        """Have something done right after so many more chunks have been relayed, in either direction."""
        self._trips.append((chunks, action))

    def cut(self) -> None:
        """Break all connections, and let no new one through until `heal`."""
        self._refusing = True
        for writer in self._writers:
            writer.transport.abort()

    def freeze(self) -> None:
        """Let nothing through while all connections stay open, as when a cable is pulled."""
        self._flowing.clear()

    def heal(self) -> None:
        """Be a good network again; what was on its way while frozen arrives now."""
        self._refusing = False
        self._flowing.set()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        try:
            if self._refusing:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # nobody is there: whoever connects sees that the connection ends
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
                self._count()
        writer.transport.abort()
        self._writers.discard(writer)

    def _count(self) -> None:
        due = [action for chunks, action in self._trips if chunks <= 1]
        self._trips = [(chunks - 1, action) for chunks, action in self._trips if chunks > 1]
        for action in due:
            action()
