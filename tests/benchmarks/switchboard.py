"""A client of the T-Server that gives every desktop a call, and clears what is left of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from bridge.tlib import messages as t
from bridge.tlib.codec import BadMessageError
from bridge.tlib.session import Credentials
from bridge.tlib.wire import MESSAGE_PACK
from tests.benchmarks import site

E = TypeVar("E", bound=t.Event)


class UnexpectedError(Exception):
    """The T-Server refused to do its part."""


class Switchboard:
    """All the callers. They are registered here, so that nothing but the desktops is the bridge's."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, desktops: int) -> None:
        self._reader, self._writer = reader, writer
        self._callers = [site.caller(number) for number in range(desktops)]
        self._session = MESSAGE_PACK.client_session(Credentials("Switchboard"), 0)
        self._calls: dict[str, int] = {}

    async def open(self) -> None:
        """Register all callers."""
        await self._until(t.EventLinkConnected, 1)
        await self._each(lambda dn: t.RequestRegisterAddress(this_dn=dn), t.EventRegistered)

    async def call_everybody(self) -> None:
        """Have every desktop called; all of them answer at once."""
        agents = {site.caller(number): site.agent(number) for number in range(len(self._callers))}
        established = await self._each(
            lambda dn: t.RequestMakeCall(this_dn=dn, other_dn=agents[dn]), t.EventEstablished
        )
        self._calls = {event.this_dn: event.conn_id for event in established}

    async def hang_up(self) -> None:
        """Have every caller hang up, wherever the call has gone."""
        await self._each(
            lambda dn: t.RequestReleaseCall(this_dn=dn, conn_id=self._calls[dn]), t.EventReleased
        )

    async def _each(self, request: Callable[[str], t.Request], outcome: type[E]) -> list[E]:
        for dn in self._callers:
            self._writer.write(self._session.encode_request(request(dn)))
        return await self._until(outcome, len(self._callers))

    async def _until(self, kind: type[E], count: int) -> list[E]:
        self._writer.write(self._session.data_to_send())
        found: list[E] = []
        while len(found) < count:
            data = await self._reader.read(1 << 18)
            if not data:
                raise ConnectionError("the T-Server hung up")
            for event in self._session.receive(data, 0):
                if isinstance(event, kind):
                    found.append(event)
                elif isinstance(event, t.EventError):
                    raise UnexpectedError(event.error_message)
                elif isinstance(event, BadMessageError):
                    raise event
        return found


@asynccontextmanager
async def switchboard(host: str, port: int, desktops: int) -> AsyncIterator[Switchboard]:
    """Connect to a T-Server and register the callers of so many desktops."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        board = Switchboard(reader, writer, desktops)
        await board.open()
        yield board
    finally:
        writer.close()
