"""A second client of the T-Server, which watches three DNs and draws what happens to them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bridge.tlib import enums
from bridge.tlib import messages as t
from bridge.tlib.codec import BadMessageError
from bridge.tlib.session import Credentials, LinkState
from bridge.tlib.wire import ClientSide, Wire

WIDTH = 26


class Ladder:
    """What the T-Server told of some DNs since the last drawing."""

    def __init__(self, dns: Sequence[str]) -> None:
        self.dns = dns
        self._events: list[t.CallEvent] = []
        self._told = asyncio.Event()

    def add(self, event: t.CallEvent) -> None:
        self._events.append(event)
        self._told.set()

    def begin(self) -> None:
        """Forget what was told so far."""
        self._events.clear()

    async def draw(self, events: int) -> str:
        """Draw as many events, once they have arrived; the time is in seconds since the first."""
        while len(self._events) < events:
            self._told.clear()
            await self._told.wait()
        start = self._events[0].time
        lines = ["   seconds  " + "".join(f"{dn:<{WIDTH}}" for dn in self.dns).rstrip()]
        for event in self._events[:events]:
            column = self.dns.index(event.this_dn)
            lines.append(f"  {event.time - start:8.3f}  {'':<{column * WIDTH}}{_words(event)}")
        return "\n".join(lines)


def _words(event: t.CallEvent) -> str:
    words = [event.name.removeprefix("Event")]
    if event.call_state is enums.CallState.Transferred:
        words.append("Transferred")
    if event.third_party_dn_role is enums.DNRole.Destination:
        words.append(f"to {event.third_party_dn}")
    elif event.third_party_dn:
        words.append(f"by {event.third_party_dn}")
    return " ".join(words)


@asynccontextmanager
async def watching(host: str, port: int, dns: Sequence[str], wire: Wire) -> AsyncIterator[Ladder]:
    """Register these DNs at a T-Server, to watch only."""
    reader, writer = await asyncio.open_connection(host, port)
    session = wire.client_session(Credentials("Ladder"), asyncio.get_running_loop().time())
    ladder = Ladder(dns)
    registered = asyncio.Event()
    reading = asyncio.create_task(_read(reader, writer, session, ladder, registered))
    try:
        await asyncio.wait((reading, asyncio.create_task(registered.wait())), return_when="FIRST_COMPLETED")
        yield ladder
    finally:
        reading.cancel()
        writer.close()


async def _read(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    session: ClientSide,
    ladder: Ladder,
    registered: asyncio.Event,
) -> None:
    missing = set(ladder.dns)
    writer.write(session.data_to_send())
    while data := await reader.read(65_536):
        for event in session.receive(data, asyncio.get_running_loop().time()):
            if isinstance(event, BadMessageError):
                raise event
            if isinstance(event, t.EventLinkConnected):
                assert session.state is LinkState.UP
                for number, dn in enumerate(ladder.dns, 1):
                    register = t.RequestRegisterAddress(
                        this_dn=dn, reference_id=number, register_mode=enums.RegisterMode.Monitor
                    )
                    writer.write(session.encode_request(register))
            elif isinstance(event, t.EventRegistered):
                missing.discard(event.this_dn)
                if not missing:
                    registered.set()
            elif isinstance(event, t.CallEvent):
                ladder.add(event)
        writer.write(session.data_to_send())
