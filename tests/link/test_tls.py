"""TLS to a T-Server over real sockets: which certificates are accepted, and the reasons if they are not."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from zope.interface import implementer

from bridge.link import Link, LinkConfig
from bridge.link.endpoints import Address, make_endpoint, parse
from bridge.link.tls import LinkTlsFileError, Trust
from bridge.runtime.loopclock import LoopClock
from bridge.tlib import messages as m
from bridge.tlib.enums import ServerRole
from bridge.tlib.session import Credentials
from bridge.tlib.wire import MESSAGE_PACK
from tests.link.certificates import Identity, make
from tests.link.world import Listener
from tests.loop import loop, reactor, run


class TServer(Protocol):
    """A T-Server that admits every client."""

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        self.session = MESSAGE_PACK.server_session(None, 0.0)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        for request in self.session.receive(data, 0.0):
            assert isinstance(request, m.RequestRegisterClient)
            info = m.EventServerInfo(
                time_in_secs=1,
                time_in_usecs=0,
                server_version="1",
                server_role=ServerRole.Primary,
                server_capability_mask=b"",
                server_start_time=1,
                application_name="TServer_A",
            )
            self.session.send(info)
            self.session.send(m.EventLinkConnected(time_in_secs=1, time_in_usecs=0))
        assert self.transport is not None
        self.transport.write(self.session.data_to_send())


@implementer(IOpenSSLServerConnectionCreator)
class ServerConnectionCreator:
    """What Twisted makes the T-Server's connections with."""

    def __init__(self, context: SSL.Context) -> None:
        self._context = context

    def serverConnectionForTLS(self, _: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802 (Twisted's name)
        return SSL.Connection(self._context, None)


@asynccontextmanager
async def t_server(context: SSL.Context) -> AsyncIterator[int]:
    """Listen on a free port; yield it."""
    factory = TLSMemoryBIOFactory(
        ServerConnectionCreator(context), isClient=False, wrappedFactory=Factory.forProtocol(TServer)
    )
    factory.noisy = False
    listening = reactor().listenTCP(0, factory, interface="127.0.0.1")
    try:
        yield listening.getHost().port
    finally:
        await listening.stopListening().asFuture(loop())


class WaitingListener(Listener):
    """Sets `is_up` when the link is up."""

    def __init__(self) -> None:
        super().__init__()
        self.is_up = asyncio.Event()

    def link_up(self, switch: str) -> None:
        super().link_up(switch)
        self.is_up.set()


@asynccontextmanager
async def linked(port: int, trust: Trust) -> AsyncIterator[tuple[Link[str], WaitingListener, asyncio.Event]]:
    """Keep up a link; yield it, its listener, and an event that is set when the first attempt has failed."""
    listener, failed = WaitingListener(), asyncio.Event()
    endpoint = make_endpoint(Address("127.0.0.1", port, is_tls=True), trust, reactor())

    def retry(_: int) -> float:
        failed.set()
        return 3600.0

    link: Link[str] = Link(
        LinkConfig("Switch_A", Credentials("bridge"), MESSAGE_PACK, LoopClock(loop()), reactor(), retry),
        endpoint,
        listener,
    )
    link.start()
    try:
        yield link, listener, failed
    finally:
        await link.stop().asFuture(loop())


def server_context(identity: Identity, clients: Identity | None = None) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate(identity.certificate)
    context.use_privatekey(identity.key)
    context.set_session_id(b"test")
    if clients:
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
        context.load_verify_locations(str(clients.certificate_file))
    return context


async def comes_up(context: SSL.Context, trust: Trust) -> None:
    async with t_server(context) as port, linked(port, trust) as (link, listener, _):
        await listener.is_up.wait()
        assert link.down_reason is None


async def why_not(context: SSL.Context, trust: Trust) -> str:
    """Return why a link does not come up."""
    async with t_server(context) as port, linked(port, trust) as (link, listener, failed):
        await failed.wait()
        assert listener.reported() == []
        start = f"The link to Switch_A at tls://127.0.0.1:{port} is down: "
        assert link.down_reason
        assert link.down_reason.startswith(start)
        return link.down_reason.removeprefix(start)


@pytest.fixture
def authority(tmp_path: Path) -> Identity:
    return make(tmp_path, "authority")


def trusting(authority: Identity, own: Identity | None = None) -> Trust:
    if own is None:
        return Trust(authority.certificate_file)
    return Trust(authority.certificate_file, own.certificate_file, own.key_file)


def test_a_t_server_whose_authority_is_trusted(tmp_path: Path, authority: Identity) -> None:
    run(comes_up(server_context(make(tmp_path, "tserver", authority)), trusting(authority)))


def test_both_sides_show_certificates(tmp_path: Path, authority: Identity) -> None:
    own = make(tmp_path, "bridge", authority)
    context = server_context(make(tmp_path, "tserver", authority), clients=authority)
    run(comes_up(context, trusting(authority, own)))


def test_a_t_server_that_asks_for_a_certificate_and_gets_none(tmp_path: Path, authority: Identity) -> None:
    context = server_context(make(tmp_path, "tserver", authority), clients=authority)
    assert "certificate required" in run(why_not(context, trusting(authority)))


def test_a_t_server_that_does_not_trust_the_bridge(tmp_path: Path, authority: Identity) -> None:
    own = make(tmp_path, "bridge", make(tmp_path, "stranger"))
    context = server_context(make(tmp_path, "tserver", authority), clients=authority)
    assert run(why_not(context, trusting(authority, own))) == "TLS: tlsv1 alert unknown ca"


NOT_ACCEPTED = "TLS: the certificate of the T-Server is not accepted: "


def test_a_t_server_of_an_authority_that_is_not_trusted(tmp_path: Path, authority: Identity) -> None:
    context = server_context(make(tmp_path, "tserver", make(tmp_path, "stranger")))
    reason = f"{NOT_ACCEPTED}it is signed by somebody who is not trusted"
    assert run(why_not(context, trusting(authority))) == reason


def test_the_machine_does_not_trust_an_authority_of_the_site(tmp_path: Path, authority: Identity) -> None:
    context = server_context(make(tmp_path, "tserver", authority))
    assert run(why_not(context, Trust())).startswith(NOT_ACCEPTED)


def test_a_certificate_that_has_expired(tmp_path: Path, authority: Identity) -> None:
    context = server_context(make(tmp_path, "tserver", authority, days=-1))
    assert run(why_not(context, trusting(authority))) == f"{NOT_ACCEPTED}it has expired"


@pytest.mark.parametrize("host", ["127.0.0.2", "tserver.example"])
def test_a_certificate_for_another_host(tmp_path: Path, authority: Identity, host: str) -> None:
    context = server_context(make(tmp_path, "tserver", authority, host=host))
    assert run(why_not(context, trusting(authority))) == f"{NOT_ACCEPTED}it is not for 127.0.0.1"


def test_a_t_server_that_does_not_talk_tls(authority: Identity) -> None:
    async def scene() -> str:
        async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"what is this?")
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, linked(port, trusting(authority)) as (link, _, failed):
            await failed.wait()
            return str(link.down_reason)

    assert "TLS: wrong version number" in run(scene())


def test_no_key_reaches_the_log(tmp_path: Path, authority: Identity) -> None:
    own = make(tmp_path, "bridge", authority)
    context = server_context(make(tmp_path, "tserver", authority), clients=authority)
    with structlog.testing.capture_logs() as logged:
        run(comes_up(context, trusting(authority, own)))
    key = own.key_file.read_text().splitlines()[1]
    assert logged
    assert key not in repr(logged)
    assert key not in repr(trusting(authority, own))


# --- files that cannot be used -----------------------------------------------------------------


def test_files_that_cannot_be_used_are_named_with_the_key_of_the_site_file(
    tmp_path: Path, authority: Identity
) -> None:
    ca, key = authority.certificate_file, authority.key_file
    missing, garbage, other = tmp_path / "missing", tmp_path / "garbage", make(tmp_path, "other").key_file
    garbage.write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    faults = {
        (missing, None, None): f"ca: {missing} cannot be read: No such file or directory",
        (garbage, None, None): f"ca: {garbage} is not a file of certificates in PEM",
        (key, None, None): f"ca: {key} is not a file of certificates in PEM",
        (ca, garbage, key): f"client_certificate: {garbage} is not a file of certificates in PEM",
        (ca, ca, missing): f"client_key: {missing} cannot be read: No such file or directory",
        (ca, ca, ca): f"client_key: {ca} is not a private key in PEM without a passphrase",
        (ca, ca, other): f"client_key: {other} is not the key of the certificate in {ca}",
    }
    for files, text in faults.items():
        with pytest.raises(LinkTlsFileError) as raised:
            Trust(*files)
        assert str(raised.value) == text


@pytest.mark.parametrize(
    "text", ["tcp://host:1", "tls://host:65535", "tls://127.0.0.1:7010", "tcp://[::1]:7010"]
)
def test_an_address_is_written_as_it_is_read(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "host",
        "host:1",
        "udp://host:1",
        "tcp://host",
        "tcp://:1",
        "tcp://host:x",
        "tcp://host:1/x",
        "tcp://a@b:1",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=f"{re.escape(text)}|port|Port"):
        parse(text)
