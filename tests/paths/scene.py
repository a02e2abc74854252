"""The two ways through the bridge, on real sockets: one SingleStepTransfer out, one EventReleased back."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx

from bridge.app import serving
from bridge.link.protocol import LinkProtocol
from bridge.options import ServeOptions
from bridge.runtime.clock import HeldClock
from bridge.runtime.http.bounded_protocol import BoundedHttpProtocol
from bridge.runtime.http.short_protocol import ShortHttpProtocol
from bridge.runtime.loop import Runtime
from tests.agent import Agent
from tests.paths.spans import Recorder, Span
from tests.sites import DEMO, ROOT

HTTP_BYTES: Final = BoundedHttpProtocol.data_received
HTTP_REQUEST: Final = ShortHttpProtocol.on_message_complete
LINK_BYTES: Final = LinkProtocol.dataReceived

ANSWERS_AFTER: Final = 1
OUTCOMES_DUE_AFTER: Final = 20
"""Seconds after which no earlier request of the link is still waiting for its outcome."""


_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)")


@dataclass(frozen=True, slots=True)
class Paths:
    """Both ways: from the POST to the bytes on the link, and from the bytes to the Bayeux session."""

    request: Span
    event: Span


def write_site(folder: Path) -> Path:
    """Write the demo site with a phone that answers at each DN, so that each transfer has fresh ones."""
    phone = f", phone: {{answers_after: {ANSWERS_AFTER}}}}}"
    text = DEMO.read_text(encoding="utf-8")
    file = folder / "site.yaml"
    file.write_text(re.sub(r'(\{number: "1500[1-9"]+)\}', rf"\1{phone}", text), encoding="utf-8")
    return file


class Connection:
    """A kept connection of a desktop program: one request at a time, each in one piece, the cookie alone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cookie: str) -> None:
        self._reader = reader
        self._writer = writer
        self._cookie = cookie

    async def post(self, path: str, body: object) -> Any:
        """Send a POST before the first wait, and return the JSON of its answer."""
        content = json.dumps(body).encode()
        head = (
            f"POST /api/v2{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: JSESSIONID={self._cookie}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        return json.loads(await self._reader.readexactly(int(_LENGTH.findall(answer)[0])))

    async def operate(self, path: str, **operation: object) -> None:
        assert await self.post(path, operation) == {"statusCode": 0}


@asynccontextmanager
async def _connected(url: str, cookie: str) -> AsyncIterator[Connection]:
    address = httpx.URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        yield Connection(reader, writer, cookie)
    finally:
        writer.close()


class Notifications:
    """The notifications of an agent, polled on a connection of their own."""

    def __init__(self, polls: Connection, client_id: str) -> None:
        self._polls = polls
        self._connect = [
            {"channel": "/meta/connect", "connectionType": "long-polling", "clientId": client_id}
        ]
        self._poll: asyncio.Task[Any] | None = None
        self._received: list[Any] = []

    async def hold(self, other: Connection) -> None:
        """Return when the server holds a poll: it has answered a later request on another connection."""
        if self._poll is None:
            self._poll = asyncio.ensure_future(self._polls.post("/notifications", self._connect))
        await other.post("/notifications", [{"channel": "/meta/subscribe", "clientId": "", "id": "1"}])

    async def call_in_state(self, state: str) -> str:
        """Return the id of the call that is notified in this state."""
        while True:
            while self._received:
                call = self._received.pop(0).get("data", {}).get("call", {})
                if call.get("state") == state:
                    call_id: str = call["id"]
                    return call_id
            poll = self._poll or asyncio.ensure_future(self._polls.post("/notifications", self._connect))
            self._poll = None
            self._received += await poll


@dataclass(frozen=True, slots=True)
class Desktop:
    """An agent's desktop: its device, its connection for operations, and its notifications."""

    device: str
    operations: Connection
    notifications: Notifications

    async def transfer(self, clock: HeldClock, dns: Iterable[str], recorder: Recorder | None) -> None:
        """Dial, talk and transfer; a recorder is on from the transfer to its notification."""
        target, destination = dns
        dial = {"operationName": "Dial", "destination": {"phoneNumber": target}}
        await self.operations.operate(f"/me/devices/{self.device}/calls", **dial)
        await self.notifications.call_in_state("Dialing")
        await self.notifications.hold(self.operations)
        clock.advance(ANSWERS_AFTER)
        call_id = await self.notifications.call_in_state("Established")
        await self.notifications.hold(self.operations)
        clock.advance(OUTCOMES_DUE_AFTER)
        await self.notifications.hold(self.operations)
        transfer = {"operationName": "SingleStepTransfer", "destination": {"phoneNumber": destination}}
        with nullcontext() if recorder is None else recorder.recording():
            await self.operations.operate(f"/me/calls/{call_id}", **transfer)
            await self.notifications.call_in_state("Released")


async def traced(runtime: Runtime, folder: Path) -> Paths:
    """Transfer three calls in a bridge with an embedded switch, and trace the last one."""
    clock = HeldClock()
    entries = {entry.__code__: entry.__qualname__ for entry in (HTTP_BYTES, LINK_BYTES)}
    recorder = Recorder(f"{ROOT / 'bridge'}/", entries)
    options = ServeOptions(site=write_site(folder), port=0, keep_alive=0)
    async with (
        serving(options, replace(runtime, clock=clock)) as running,
        httpx.AsyncClient(auth=("agent15000", "demo"), timeout=60) as http,
    ):
        agent = Agent(http, f"{running.url}/api/v2")
        await agent.listen()
        answer = await agent.post("/me", "StartContactCenterSession", channels=["voice"])
        assert answer.status == httpx.codes.OK, answer.json
        while (await agent.next_notification())["data"]["devices"][0]["userState"]["state"] != "NotReady":
            pass
        device = (await agent.get("/me/devices?fields=id")).json["devices"][0]["id"]
        cookie = http.cookies["JSESSIONID"]
        async with _connected(running.url, cookie) as operations, _connected(running.url, cookie) as polls:
            desktop = Desktop(device, operations, Notifications(polls, agent.client_id))
            for dns in (("15001", "15002"), ("15003", "15004")):  # imports and caches are filled
                await desktop.transfer(clock, dns, None)
            await desktop.transfer(clock, ("15005", "15006"), recorder)
    posts = [span for span in recorder.spans if b"SingleStepTransfer" in span.data]
    events = [span for span in recorder.spans if span.entry == LINK_BYTES.__qualname__]
    return Paths(posts[0].within(HTTP_REQUEST.__qualname__), max(events, key=lambda span: len(span.calls)))
