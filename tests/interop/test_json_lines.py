"""JSON lines on real sockets: a client written by hand, and two programs that do not have the same wire."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.interop.test_two_processes import addresses, advance
from tests.loop import run
from tests.processes import program, simulator
from tests.sites import ROOT, demo_site

README = (ROOT / "bridge" / "tlib" / "README.md").read_text(encoding="utf-8")
EXAMPLES: list[tuple[str, str]] = re.findall(r"^([<>]) (\{.*\})$", README, re.MULTILINE)
"""What is typed (`>`) and what the T-Server sends (`<`)."""

OF_THE_DAY = ("TimeinSecs", "TimeinuSecs", "ServerStartTime", "ServerCapabilityMask")
"""The attributes that differ between two runs, or two versions."""


class Netcat:
    """A terminal with netcat: lines out, lines in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def types(self, line: str) -> None:
        self._writer.write(line.encode() + b"\n")

    async def reads(self) -> dict[str, Any]:
        """Return the next message, without the attributes of the day."""
        message: dict[str, Any] = json.loads(await self._reader.readline())
        return {key: value for key, value in message.items() if key not in OF_THE_DAY}

    async def is_closed(self) -> bool:
        """Wait for the end of the connection; return False if bytes come before it."""
        return await self._reader.read(1) == b""


@asynccontextmanager
async def netcat(folder: Path) -> AsyncIterator[tuple[Netcat, httpx.AsyncClient]]:
    """Start a simulator with JSON lines and a held clock, and connect to its Switch_A."""
    async with (
        simulator(demo_site(folder), "--clock", "held", "--wire", "json") as (sim, control_api),
        httpx.AsyncClient(base_url=control_api) as control,
    ):
        found = await sim.prints(r"Switch_A: tcp://([\d.]+):(\d+)")
        reader, writer = await asyncio.open_connection(found[1], int(found[2]))
        try:
            yield Netcat(reader, writer), control
        finally:
            writer.close()


def test_the_lines_of_the_readme_by_hand(tmp_path: Path) -> None:
    async def scene() -> None:
        async with netcat(tmp_path) as (terminal, _):
            for direction, line in EXAMPLES:
                if direction == ">":
                    terminal.types(line)
                    continue
                expected = {key: value for key, value in json.loads(line).items() if key not in OF_THE_DAY}
                assert await terminal.reads() == expected

    assert len(EXAMPLES) == 11
    run(scene())


def test_a_client_by_hand_registers_makes_a_call_and_reads_its_events(tmp_path: Path) -> None:
    async def scene() -> None:
        async with netcat(tmp_path) as (terminal, control):
            terminal.types('{"Message": 0, "ApplicationName": "netcat", "ProtocolVersion": "1"}')
            assert [(await terminal.reads())["Message"] for _ in range(2)] == [93, 95]
            for number, dn in enumerate(("15000", "15001"), 1):
                terminal.types(f'{{"Message": 3, "ReferenceID": {number}, "ThisDN": "{dn}"}}')
                answer = await terminal.reads()
                assert (answer["Message"], answer["ReferenceID"], answer["ThisDN"]) == (53, number, dn)

            terminal.types(' {"Message": 14, "ReferenceID": 3, "ThisDN": "15000", "OtherDN": "15001"} \r')
            dialing, ringing = await terminal.reads(), await terminal.reads()
            assert (dialing["Message"], dialing["ReferenceID"]) == (61, 3)
            assert (ringing["Message"], ringing["ThisDN"], "ReferenceID" in ringing) == (60, "15001", False)

            # What is mistyped is answered, and disturbs neither the call nor the connection.
            for mistake, code in (
                ("hello", 53),
                ('{"Message": 999, "ReferenceID": 4}', 51),
                ('{"Message": 25, "ReferenceID": 5, "ThisDN": 15000}', 53),
            ):
                terminal.types(mistake)
                error = await terminal.reads()
                assert (error["Message"], error["ErrorCode"]) == (52, code), mistake
            terminal.types('\n{"Message": -1, "Token": 5}')
            assert await terminal.reads() == {"Message": -2, "Token": 5}

            await advance(control, 1)
            established = [await terminal.reads(), await terminal.reads()]
            assert {(event["Message"], event["ThisDN"]) for event in established} == {
                (64, "15000"),
                (64, "15001"),
            }
            conn_id = dialing["ConnID"]
            terminal.types(f'{{"Message": 17, "ReferenceID": 6, "ThisDN": "15000", "ConnID": {conn_id}}}')
            released = [await terminal.reads(), await terminal.reads()]
            assert {(event["Message"], event["ThisDN"]) for event in released} == {
                (65, "15000"),
                (65, "15001"),
            }

            terminal.types("x" * ((1 << 20) + 1))
            assert await terminal.is_closed()

    run(scene())


@pytest.mark.parametrize(
    ("of_switch", "of_bridge", "seen_by_switch"),
    [("json", "msgpack", "does the peer write MessagePack"), ("msgpack", "json", "does the peer write JSON")],
)
def test_two_programs_with_different_wires_both_log_why(
    tmp_path: Path, of_switch: str, of_bridge: str, seen_by_switch: str
) -> None:
    async def scene() -> None:
        site = demo_site(tmp_path)
        async with simulator(site, "--wire", of_switch) as (sim, _):
            flags: tuple[str | Path, ...] = (
                "--site",
                site,
                "--port",
                "0",
                "--wire",
                of_bridge,
                *await addresses(sim),
            )
            async with program("tserver-bridge", "serve", *flags) as bridge:
                url = (await bridge.prints(r"(http://127\.0\.0\.1:\d+)/api/v2"))[1]
                await bridge.logs(f"before EventServerInfo; is the T-Server's wire {of_bridge}, too?")
                await sim.logs(seen_by_switch)
                async with httpx.AsyncClient() as http:
                    ready = await http.get(f"{url}/health/ready")
                assert ready.status_code == httpx.codes.SERVICE_UNAVAILABLE
                assert f"is the T-Server's wire {of_bridge}, too?" in ready.text

    run(scene())
