"""TLS on the client port: which clients are accepted, and errors about files that are not valid."""

import asyncio
import re
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from cryptography.hazmat.primitives import serialization

from bridge.runtime.clock import HeldClock
from bridge.runtime.loop import CannotStartError
from bridge.runtime.sitefile import SiteFileError
from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.link.certificates import Identity, make
from tests.loop import reactor, run
from tests.processes import PROGRAMS
from tests.tserver_sim.in_memory_server import site
from tests.tserver_sim.wire import WireClient
from tserver_sim.embed import Simulator
from tserver_sim.site import SimSite, read_site


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Identity) -> Identity:
    return make(tmp_path_factory.mktemp("server"), "server", authority)


def secured(identity: Identity, **more: Any) -> SimSite:
    """Return the site of a server in memory, with TLS on the first switch."""
    tls = {"certificate": str(identity.certificate_file), "key": str(identity.key_file), **more}
    return site(tserver={"application": "TServer_A", "port": 0, "tls": tls})


@asynccontextmanager
async def serving(site: SimSite) -> AsyncIterator[int]:
    simulator = Simulator(site, HeldClock(), reactor())
    ports = await simulator.listen("127.0.0.1", {})
    try:
        yield ports["Switch_A"]
    finally:
        await simulator.close()


def trusting(authority: Identity, own: Identity | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.certificate_file))
    if own is not None:
        context.load_cert_chain(own.certificate_file, own.key_file)
    return context


@asynccontextmanager
async def connected(port: int, context: ssl.SSLContext | None) -> AsyncIterator[WireClient]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    try:
        yield WireClient(reader, writer)
    finally:
        writer.transport.abort()


# --- clients ------------------------------------------------------------------------------------------


def test_a_call_over_tls(authority: Identity, server: Identity) -> None:
    async def scene() -> None:
        async with serving(secured(server)) as port, connected(port, trusting(authority)) as client:
            await client.opens()
            await client.registers("15000", "15001")
            data = KVList.of(Text="x" * 15_000)
            await client.send(
                m.RequestMakeCall(this_dn="15000", other_dn="15001", reference_id=3, user_data=data)
            )
            delivered = [await client.receive(), await client.receive()]
            assert [type(event) for event in delivered] == [m.EventDialing, m.EventRinging]

    run(scene())


def test_plain_and_tls_are_never_on_one_port(authority: Identity, server: Identity) -> None:
    async def scene() -> None:
        async with serving(secured(server)) as port:
            async with connected(port, None) as plain:
                await plain.send(m.RequestRegisterClient(application_name="crm", protocol_version="1"))
                assert not isinstance(await end(plain), m.Message)
            async with connected(port, trusting(authority)) as client:
                await client.opens()
        async with serving(site()) as port:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                async with connected(port, trusting(authority)):
                    pass

    with structlog.testing.capture_logs() as logs:
        run(scene())
    assert [entry["event"] for entry in logs if "client" in entry] == ["TLS failed", "client sent away"]


async def end(client: WireClient) -> bytes:
    """Return the bytes up to the end of the connection."""
    try:
        return await client._reader.read()
    except ConnectionError:
        return b""


def test_who_has_to_show_a_certificate(authority: Identity, server: Identity, tmp_path: Path) -> None:
    own = make(tmp_path, "desktop", authority)
    stranger = make(tmp_path, "stranger", make(tmp_path, "another"))

    async def scene() -> None:
        mutual = secured(server, client_ca=str(authority.certificate_file))
        async with serving(mutual) as port:
            async with connected(port, trusting(authority, own)) as client:
                await client.opens()
                await client.registers("15000")
            for context in (trusting(authority), trusting(authority, stranger)):
                with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
                    async with connected(port, context) as client:
                        await client.opens()

    with structlog.testing.capture_logs() as logs:
        run(scene())
    assert [entry["event"] for entry in logs if "client" in entry] == ["TLS failed"] * 2
    assert "PRIVATE KEY" not in str(logs)


# --- the files ----------------------------------------------------------------------------------------


def start(site: SimSite) -> str:
    """Try to listen; return the text of the error."""
    with pytest.raises(CannotStartError) as error:
        run(Simulator(site, HeldClock(), reactor()).listen("127.0.0.1", {}))
    return str(error.value)


def test_files_that_make_no_sense(authority: Identity, server: Identity, tmp_path: Path) -> None:
    missing, garbage = tmp_path / "missing.pem", tmp_path / "garbage.pem"
    garbage.write_text("-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n")
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        server.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"passphrase"),
        )
    )
    delivered = {
        "certificate": f"{missing} cannot be read: No such file or directory",
        "certificate ": f"{garbage} is not a file of certificates in PEM",
        "key": f"{missing} cannot be read: No such file or directory",
        "key ": f"{garbage} is not a private key in PEM without a passphrase",
        "key  ": f"{locked} is not a private key in PEM without a passphrase",
        "key   ": f"{authority.key_file} is not the key of the certificate in {server.certificate_file}",
        "client_ca": f"{server.key_file} is not a file of certificates in PEM",
    }
    for key, text in delivered.items():
        field = key.strip()
        file = text.split(" ", 1)[0]
        assert start(secured(server, **{field: file})) == f"TServer_A: tls.{field}: {text}"


def write(folder: Path, **tls: str) -> Path:
    ids = {"call_uuid_prefix": "01RCC3N118B1V0SL807GK2LAES", "conn_id_base": "0071027198180000"}
    tserver = {"application": "TServer_A", "port": 0, "tls": tls}
    switch = {"name": "Switch_A", "tserver": tserver, "ids": ids, "dns": [{"number": "15000"}]}
    file = folder / "site.yaml"
    file.write_text(yaml.safe_dump({"switches": [switch]}))
    return file


def test_paths_begin_where_the_site_file_is(server: Identity, tmp_path: Path) -> None:
    file = write(tmp_path, certificate="own.pem", key=str(server.key_file), ca="theirs.pem")
    tls = read_site(file).switches[0].tserver.tls
    assert (tls.certificate, tls.key, tls.client_ca) == (
        str(tmp_path / "own.pem"),
        str(server.key_file),
        None,
    )


def test_the_program_says_that_it_has_tls(server: Identity, tmp_path: Path) -> None:
    file = write(tmp_path, certificate=str(server.certificate_file), key=str(server.key_file))
    command = [str(PROGRAMS / "tserver-sim"), "serve", "--port=0", "--control-port=0", f"--site={file}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        program.terminate()
    assert re.fullmatch(r"TServer_A for Switch_A: tls://127\.0\.0\.1:\d+\n", line)


def test_the_program_cannot_start_with_a_file_that_makes_no_sense(server: Identity, tmp_path: Path) -> None:
    file = write(tmp_path, certificate="missing.pem", key=str(server.key_file))
    command = [str(PROGRAMS / "tserver-sim"), "serve", "--port=0", "--control-port=0", f"--site={file}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    missing = tmp_path / "missing.pem"
    delivered = (
        f"tserver-sim: TServer_A: tls.certificate: {missing} cannot be read: No such file or directory\n"
    )
    assert (done.returncode, done.stderr) == (1, delivered)


@pytest.mark.parametrize(
    ("tls", "text"),
    [
        ({"certificate": "own.pem"}, "certificate and key belong together"),
        ({"key": "own.key"}, "certificate and key belong together"),
        ({"client_ca": "ca.pem"}, "without a certificate there is no TLS"),
        ({"certificate": "", "key": "own.key"}, "expected the path of a file"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_faults_of_the_site_file(tmp_path: Path, tls: dict[str, str], text: str) -> None:
    with pytest.raises(SiteFileError, match=text):
        read_site(write(tmp_path, **tls))


def test_a_factory_can_be_closed_while_tls_is_being_agreed_on(server: Identity) -> None:
    async def scene() -> None:
        async with serving(secured(server)) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"\x16\x03")
        writer.close()

    run(scene())
