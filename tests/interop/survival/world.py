"""The world of the game: a pair of T-Servers, two bridges, the networks between them, and who plays."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from tests.interop.survival.player import Application, Desktop
from tests.interop.survival.proxy import Proxy
from tests.interop.survival.site import SWITCH, free_ports, write_site
from tests.interop.survival.views import of_switch
from tests.processes import PROGRAMS, Process, bridge
from tserver_sim.server.pair.roles import PairRole

PATIENCE = 30.0
"""Seconds until everything that was disturbed has to be in order again."""


@dataclass
class Member:
    """One T-Server of the pair: a process that can be killed and started again."""

    name: str
    port: int
    site: Path
    process: asyncio.subprocess.Process | None = None
    control: str = ""
    killed: bool = False

    async def start(self) -> None:
        """Start the process; gives when it listens."""
        self.killed = False
        with (self.site.parent / f"{self.name}.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                PROGRAMS / "tserver-sim",
                *("serve", "--site", str(self.site), "--member", self.name, "--control-port", "0"),
                *("--log-level", "info"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        match = await Process(self.process).prints(r"Control API: (http://\S+)")
        self.control = match[1]

    def kill(self) -> None:
        """Kill the process where it stands."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
        self.killed = True

    async def revive(self) -> None:
        """Start it again, if it was killed."""
        if self.killed and self.process is not None:
            await self.process.wait()
            await self.start()

    async def end(self) -> None:
        """Kill it, and wait until it has ended."""
        self.kill()
        if self.process is not None:
            await self.process.wait()


class World:
    """All that stands and moves."""

    def __init__(self, chance: random.Random, dns: list[str], members: dict[str, Member]) -> None:
        self.dns = dns
        self.members = members
        self.networks: list[dict[str, Proxy]] = []
        """For each bridge, the network between it and each member."""
        self.bridges: list[str] = []
        self.desktops: list[Desktop] = []
        self.application = Application(chance, dns)
        self._http = httpx.AsyncClient(timeout=60)

    async def leader(self) -> Member | None:
        """Find the member that leads, if exactly one does."""
        leading = [
            member for member in self.members.values() if (await self._state(member)).get("role") == "primary"
        ]
        return leading[0] if len(leading) == 1 else None

    async def what_is_missing(self) -> str:
        """Say what is not in order between the members and the bridges; nothing when all is."""
        states = [(await self._state(member)).get("state") for member in self.members.values()]
        if set(states) != {PairRole.PRIMARY_REPLICATING.value, PairRole.BACKUP_IN_SYNC.value}:
            return f"the pair in step: {states}"
        for bridge_url in self.bridges:
            answer = await self._http.get(f"{bridge_url}/health/ready")
            if answer.status_code != HTTPStatus.OK:
                return f"the bridge: {answer.text}"
        return ""

    async def is_ready(self, bridge_url: str) -> bool:
        """Say whether a bridge is connected."""
        return (await self._http.get(f"{bridge_url}/health/ready")).status_code == HTTPStatus.OK

    async def calls(self) -> list[dict[str, Any]]:
        """Read the calls from whoever leads; nothing while nobody does."""
        leader = await self.leader()
        calls: list[dict[str, Any]] = [] if leader is None else await self._read(leader, "calls") or []
        return calls

    async def heal(self) -> None:
        """Start what was killed, and mend the networks; gives when all is whole again."""
        for network in self.networks:
            for proxy in network.values():
                proxy.heal()
        for member in self.members.values():
            await member.revive()
        await eventually(self.what_is_missing)
        leader = await self.leader()
        assert leader is not None
        await self.application.connect(leader.port)

    async def agree(self) -> int:
        """Wait until the switch, the bridges and the clients see the same; gives how many calls they see.

        Raises:
            AssertionError: they do not; the text tells where.

        """
        await eventually(self._differences)
        return len(await self.calls())

    async def _differences(self) -> str:
        """Tell where the views differ; nothing where they are one."""
        calls = await self.calls()
        switch = of_switch(calls, self.dns)
        differences = []
        for desktop in self.desktops:
            bridge_view, client = await desktop.view(), desktop.replay.calls
            if not switch[desktop.dn] == bridge_view == client:
                views = f"switch {switch[desktop.dn]}\n  bridge {bridge_view}\n  client {client}"
                whole = [call for call in calls if desktop.dn in {party["dn"] for party in call["parties"]}]
                differences.append(f"\n{desktop.dn}:\n  {views}\n  calls {whole}")
        return "".join(differences)

    async def end(self) -> None:
        """Stop everything."""
        await self.application.disconnect()
        for desktop in self.desktops:
            await desktop.end()
        for network in self.networks:
            for proxy in network.values():
                await proxy.stop()
        for member in self.members.values():
            await member.end()
        await self._http.aclose()

    async def _state(self, member: Member) -> dict[str, Any]:
        return await self._read(member, "member") or {}

    async def _read(self, member: Member, what: str) -> Any:
        """Read something of the switch from a member; nothing if it is dead."""
        if member.killed:
            return None
        try:
            return (await self._http.get(f"{member.control}/switches/{SWITCH}/{what}")).json()
        except httpx.TransportError:
            if member.killed:  # a moment ago
                return None
            raise


async def eventually(missing: Callable[[], Awaitable[str]]) -> None:
    """Look until nothing is missing.

    Raises:
        AssertionError: something still was after `PATIENCE`; the text says what.

    """
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while text := await missing():
        assert loop.time() < end, f"after {PATIENCE:g} s still missing: {text}"


@asynccontextmanager
async def world(folder: Path, chance: random.Random, dns: list[str]) -> AsyncIterator[World]:
    """Build the world: the pair, two bridges, half of the users at each."""
    ports = free_ports()
    site = write_site(folder, dns, ports)
    members = {
        "primary": Member("primary", ports.primary, site),
        "backup": Member("backup", ports.backup, site),
    }
    built = World(chance, dns, members)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(built.end)
        for member in members.values():
            await member.start()
        for number, half in enumerate((dns[::2], dns[1::2]), 1):
            network = {name: Proxy(member.port) for name, member in members.items()}
            for proxy in network.values():
                await proxy.start()
            built.networks.append(network)
            addresses = ",".join(f"tcp://127.0.0.1:{proxy.port}" for proxy in network.values())
            flags = ("--switch", f"{SWITCH}={addresses}", "--keep-alive", "1", "--log-level", "info")
            log = folder / f"bridge-{number}.log"
            _, url = await stack.enter_async_context(bridge(site, *flags, log=log))
            built.bridges.append(url)
            built.desktops += [Desktop(dn, url, chance, dns) for dn in half]
        await eventually(built.what_is_missing)
        for desktop in built.desktops:
            await desktop.begin()
        await built.heal()
        yield built
