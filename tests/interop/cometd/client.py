"""A desktop's CometD client (npm `cometd` in Node), for tests that read as ladders."""

import asyncio
import base64
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.needs import Node

Message = dict[str, Any]

BACKOFF: dict[str, Any] = {"backoffIncrement": 10, "maxBackoff": 50}
"""Configuration for clients that shall come back soon; milliseconds, else seconds."""

LIBRARIES = ("cometd-3", "cometd-5", "cometd")
"""The client at 3.1, which the desktops of the field ship, at 5, and at its newest version."""


def basic(user: str, password: str) -> dict[str, str]:
    """Return the request headers of HTTP Basic authentication."""
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


class CometD:
    """One client in one Node process. What it receives is kept until the test asks for it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._replies: defaultdict[str, asyncio.Queue[Message]] = defaultdict(asyncio.Queue)
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            message = json.loads(line)
            queue = self._replies[message["channel"]] if "successful" in message else self._events
            queue.put_nowait(message)

    def does(self, command: str, **arguments: object) -> None:
        """Let the client do something, without waiting for what comes of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, **arguments}).encode() + b"\n")

    async def receives(self, channel: str) -> Message:
        """Return the next reply on a channel."""
        return await self._replies[channel].get()

    async def event(self) -> Message:
        """Return the next event."""
        return await self._events.get()

    async def handshakes(self) -> Message:
        """Handshake and wait until the client counts as connected; return the handshake's reply."""
        self.does("handshake")
        return await self.is_connected()

    async def is_connected(self) -> Message:
        """Wait for a handshake and its first connect, whoever began it; return the handshake's reply."""
        reply = await self.receives("/meta/handshake")
        assert reply["successful"], reply
        assert (await self.receives("/meta/connect"))["successful"]
        return reply

    async def subscribes(self, channel: str) -> Message:
        """Subscribe and return the reply."""
        self.does("subscribe", channel=channel)
        return await self.receives("/meta/subscribe")

    async def disconnects(self) -> Message:
        """Disconnect and return the reply."""
        self.does("disconnect")
        return await self.receives("/meta/disconnect")

    async def reloads(self) -> Message:
        """Leave the page and load it again; return the handshake's reply, which may be a kept one."""
        self.does("reload")
        return await self.is_connected()

    async def clock_offset(self) -> float:
        """Return by how many seconds the server's clock is ahead, as the extension for that has found."""
        self.does("clock")
        return float((await self.receives("clock"))["offset"]) / 1000

    async def ends(self) -> list[Message]:
        """End the process and return the events that the test never asked for."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading
        return [self._events.get_nowait() for _ in range(self._events.qsize())]


@asynccontextmanager
async def cometd(
    node: Node,
    url: str,
    headers: Mapping[str, str],
    *,
    log_level: str = "warn",
    **configuration: object,
) -> AsyncIterator[CometD]:
    """Start a client; it ends with the block.

    Further named arguments are those of `client.mjs`, and CometD's own configuration.
    """
    arguments = {"url": url, "requestHeaders": headers, "logLevel": log_level, **configuration}
    process = await asyncio.create_subprocess_exec(
        node.executable,
        node.folder / "client.mjs",
        json.dumps(arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    client = CometD(process)
    try:
        yield client
    finally:
        await client.ends()
