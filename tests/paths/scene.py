"""The two ways through the bridge, on real sockets: one SingleStepTransfer out, one EventReleased back."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

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


class Program:
    """A desktop program: one connection that it keeps, each request in one piece, the cookie alone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cookie: str) -> None:
        self._reader = reader
        self._writer = writer
        self._cookie = cookie

    async def post(self, path: str, **body: object) -> None:
        content = json.dumps(body).encode()
        head = (
            f"POST /api/v2{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: JSESSIONID={self._cookie}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        answer = await self._reader.readuntil(b'{"statusCode":0}')
        assert answer.startswith(b"HTTP/1.1 200 "), answer


@asynccontextmanager
async def _connected(url: str, cookie: str) -> AsyncIterator[Program]:
    address = httpx.URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        yield Program(reader, writer, cookie)
    finally:
        writer.close()


async def _call_in_state(agent: Agent, state: str) -> str:
    """Return the id of the call that the agent is notified of in this state."""
    while True:
        call = (await agent.next_notification())["data"].get("call", {})
        if call.get("state") == state:
            call_id: str = call["id"]
            return call_id


async def _transfer(
    agent: Agent, program: Program, clock: HeldClock, dns: Iterable[str], recorder: Recorder | None
) -> None:
    """Dial, talk and transfer; a recorder is on from the transfer to its notification."""
    target, destination = dns
    device = (await agent.get("/me/devices?fields=id")).json["devices"][0]["id"]
    await program.post(
        f"/me/devices/{device}/calls", operationName="Dial", destination={"phoneNumber": target}
    )
    await _call_in_state(agent, "Dialing")
    clock.advance(ANSWERS_AFTER)
    call_id = await _call_in_state(agent, "Established")
    released = asyncio.ensure_future(_call_in_state(agent, "Released"))
    await agent.get("/me")  # the poll that waits for the notification is held when this is answered
    clock.advance(OUTCOMES_DUE_AFTER)
    await agent.get("/me")
    body = {"operationName": "SingleStepTransfer", "destination": {"phoneNumber": destination}}
    if recorder is None:
        await program.post(f"/me/calls/{call_id}", **body)
        await released
    else:
        with recorder.recording():
            await program.post(f"/me/calls/{call_id}", **body)
            await released


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
        agent.forget_password()
        async with _connected(running.url, http.cookies["JSESSIONID"]) as program:
            for dns in (("15001", "15002"), ("15003", "15004")):  # imports and caches are filled
                await _transfer(agent, program, clock, dns, None)
            await _transfer(agent, program, clock, ("15005", "15006"), recorder)
    posts = [span for span in recorder.spans if b"SingleStepTransfer" in span.data]
    events = [span for span in recorder.spans if span.entry == LINK_BYTES.__qualname__]
    return Paths(posts[0].within(HTTP_REQUEST.__qualname__), max(events, key=lambda span: len(span.calls)))
