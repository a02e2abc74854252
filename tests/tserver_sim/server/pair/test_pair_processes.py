"""A pair as two real processes with one site file: killed, restarted, moved by command."""

import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import ServerRole
from tests.loop import run
from tests.processes import Process, program
from tests.tserver_sim.wire import WireClient, connected

SITE = """
switches:
  - name: Switch_A
    tserver:
      application: TServer_A
      port: 7010
      redundancy: {redundancy}
      peer_password: secret
      backup: {{application: TServer_A_2, port: 7012, peer_port: {peer_port}}}
    ids: {{call_uuid_prefix: 01RCC3N118B1V0SL807GK2LAES, conn_id_base: "0071027198180000"}}
    dns:
      - {{number: "15000"}}
      - {{number: "15001"}}
  - name: Switch_B
    tserver: {{application: TServer_B, port: 7020}}
    ids: {{call_uuid_prefix: 02RCC3N118B1V0SL807GK2LAES, conn_id_base: "0072027198180000"}}
    dns:
      - {{number: "25000"}}
"""

E = TypeVar("E", bound=m.Event)


def write_site(folder: Path, redundancy: str) -> Path:
    with socket.create_server(("127.0.0.1", 0)) as free:
        peer_port = free.getsockname()[1]
    path = folder / "site.yaml"
    path.write_text(SITE.format(redundancy=redundancy, peer_port=peer_port))
    return path


class MemberProcess:
    """A member that runs as a process."""

    def __init__(self, process: Process, port: int, control: str) -> None:
        self.process, self.port = process, port
        self._control = control

    async def post(self, command: str) -> httpx.Response:
        async with httpx.AsyncClient() as http:
            return await http.post(f"{self._control}/switches/Switch_A/{command}")


def starting(site: Path, which: str) -> AbstractAsyncContextManager[Process]:
    flags = (
        "--site",
        site,
        "--member",
        which,
        "--switches",
        "Switch_A",
        "--port",
        "0",
        "--control-port",
        "0",
    )
    return program("tserver-sim", "serve", *flags, "--log-level", "error")


async def started(process: Process) -> MemberProcess:
    port = await process.prints(r"for Switch_A: tcp://127\.0\.0\.1:(\d+)")
    control = await process.prints(r"Control API: (http://\S+)")
    return MemberProcess(process, int(port[1]), control[1])


@asynccontextmanager
async def running_pair(site: Path) -> AsyncIterator[tuple[MemberProcess, MemberProcess]]:
    """Run the primary and the backup; they start at the same time."""
    async with starting(site, "primary") as primary, starting(site, "backup") as backup:
        yield await started(primary), await started(backup)


@asynccontextmanager
async def registered_client(running: MemberProcess) -> AsyncIterator[WireClient]:
    """Connect to a member and register the client."""
    async with connected(running.port) as client:
        await client.send(m.RequestRegisterClient(application_name="desk", protocol_version="1"))
        yield client


async def until(client: WireClient, kind: type[E], **attributes: object) -> E:
    """Read events up to one of this type with these attributes, and return it."""
    while True:
        event = await client.receive()
        if isinstance(event, kind) and all(getattr(event, k) == v for k, v in attributes.items()):
            return event


def test_the_primary_is_killed_in_mid_call_and_the_calls_go_on(tmp_path: Path) -> None:
    site = write_site(tmp_path, "hot")

    async def play() -> None:
        async with (
            running_pair(site) as (primary, backup),
            registered_client(primary) as here,
            registered_client(backup) as there,
        ):
            await until(here, m.EventLinkConnected)
            await until(there, m.EventLinkConnected)
            await here.registers("15000", "15001")
            await there.registers("15000", "15001")
            await here.send(m.RequestMakeCall(this_dn="15000", other_dn="15001", reference_id=3))
            seen = await until(here, m.EventRinging)
            known = await until(there, m.EventRinging)
            assert seen == known
            assert known.conn_id == 0x0071027198180001

            primary.process.kill()
            info = await until(there, m.EventServerInfo)
            assert info.server_role is ServerRole.Primary
            changed = await until(there, m.EventPrimaryChanged)
            assert (changed.application_name, changed.port) == ("TServer_A_2", 7012)
            await until(there, m.EventLinkConnected)
            await there.send(m.RequestAnswerCall(this_dn="15001", conn_id=seen.conn_id, reference_id=4))
            answered = await until(there, m.EventEstablished, this_dn="15001")
            assert (answered.conn_id, answered.reference_id) == (seen.conn_id, 4)
            assert answered.event_sequence_number > seen.event_sequence_number

            await primary_returns(site, seen.conn_id, there)

    run(play())


async def primary_returns(site: Path, conn_id: int, there: WireClient) -> None:
    """Start the primary again: it learns the call from the backup, and gets its role back by command."""
    async with starting(site, "primary") as process:
        primary = await started(process)
        async with registered_client(primary) as here:
            await until(here, m.EventLinkConnected)
            registered = await here.ask(m.RequestRegisterAddress(this_dn="15001"))
            assert isinstance(registered, m.EventRegistered)
            assert registered.extensions is not None
            assert registered.extensions.first("conn-1") == f"{conn_id:016x}"
            assert (await primary.post("promote")).status_code == 202
            await until(here, m.EventPrimaryChanged, application_name="TServer_A")
            await until(there, m.EventPrimaryChanged, application_name="TServer_A")
            await until(here, m.EventLinkConnected)
            await here.send(m.RequestReleaseCall(this_dn="15001", conn_id=conn_id, reference_id=5))
            assert (await until(here, m.EventReleased)).conn_id == conn_id
            assert (await until(there, m.EventReleased, this_dn="15001")).reference_id is None


def test_the_backup_is_killed_and_nobody_notices(tmp_path: Path) -> None:
    site = write_site(tmp_path, "hot")

    async def play() -> None:
        async with (
            running_pair(site) as (primary, backup),
            registered_client(primary) as here,
            registered_client(backup) as there,
        ):
            await until(here, m.EventLinkConnected)
            await until(there, m.EventLinkConnected)
            await here.registers("15000", "15001")
            await here.send(m.RequestMakeCall(this_dn="15000", other_dn="15001", reference_id=1))
            ringing = await until(here, m.EventRinging)
            backup.process.kill()
            await backup.process.ends()
            await here.send(m.RequestAnswerCall(this_dn="15001", conn_id=ringing.conn_id, reference_id=2))
            assert isinstance(await here.receive(), m.EventEstablished)

    run(play())


def test_a_warm_backup_takes_over_without_the_calls(tmp_path: Path) -> None:
    site = write_site(tmp_path, "warm")

    async def play() -> None:
        async with starting(site, "backup") as process:
            backup = await started(process)
            async with starting(site, "primary") as another, registered_client(backup) as there:
                primary = await started(another)
                async with registered_client(primary) as here:
                    await until(here, m.EventLinkConnected)
                    await here.registers("15000")
                    await here.send(m.RequestMakeCall(this_dn="15000", other_dn="15001", reference_id=1))
                    lost = await until(here, m.EventDialing)
                assert (await until(there, m.EventServerInfo)).server_role is ServerRole.Backup
                await until(there, m.EventLinkDisconnected)
                primary.process.kill()
                await until(there, m.EventLinkConnected)
                await there.registers("15000")
                await there.send(m.RequestMakeCall(this_dn="15000", other_dn="15001", reference_id=1))
                assert (await until(there, m.EventDialing)).conn_id > lost.conn_id

    run(play())


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--switches", "Switch_C"), "the site file has no switch Switch_C"),
        (
            ("--member", "backup", "--switches", "Switch_B"),
            "nothing to run: no switch of the site file has a backup",
        ),
    ],
)
def test_nothing_to_run(tmp_path: Path, flags: tuple[str, ...], text: str) -> None:
    site = write_site(tmp_path, "hot")

    async def play() -> None:
        async with program("tserver-sim", "serve", "--site", site, *flags) as process:
            assert await process.errors() == f"tserver-sim: {text}\n"
            assert await process.ends() == 1

    run(play())
