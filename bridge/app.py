"""The composition root: the only place that knows all rooms of the bridge."""

import asyncio
import importlib.metadata
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

from starlette.types import ASGIApp
from twisted.internet.interfaces import IReactorTime

from bridge import bayeux, tservers
from bridge.api import application
from bridge.api.security.http_sessions import HttpSessions
from bridge.api.security.lockout import Lockout
from bridge.api.security.middleware import Gate
from bridge.api.security.passwords import BasicAuthenticator
from bridge.api.security.policy import AccessPolicy
from bridge.directory import persistence
from bridge.directory.directory import Directory
from bridge.directory.model import DirectoryDevice
from bridge.directory.provisioning import Provisioning
from bridge.link import Endpoint, LinkConfig, PairEndpoints, open_link
from bridge.link.endpoints import Address
from bridge.link.line import NotConnectedError
from bridge.link.requests import TooManyOutstandingError
from bridge.roster import Roster
from bridge.runtime.clock import Clock
from bridge.runtime.loop import CannotStartError, Runtime, bind, serve_http
from bridge.runtime.short import ShortHandler
from bridge.tlib.messages import Request
from bridge.tlib.session import Credentials
from bridge.tlib.wire import MESSAGE_PACK, Wire
from bridge.voice.gws.versions import API_VERSIONS
from bridge.voice.model.errors import LinkDownError
from bridge.voice.service import PendingRequest, VoiceService

VERSION = importlib.metadata.version("tserver-bridge")

KEEP_ALIVE_SECONDS = 10
"""After how much silence either side of a link asks the other for a sign of life."""

COMETD = bayeux.Options(meta_connect_deliver_only_over={bayeux.Transport.LONG_POLLING: True})
"""Each desktop gets its events in their order, which two connections of polling do not promise."""


def cometd_options(given: Mapping[str, str], *, websocket: bool) -> bayeux.Options:
    """Read options of CometD by their names, on top of what desktops need.

    Args:
        given: names and values.
        websocket: offer WebSocket before all other transports.

    Raises:
        ValueError: there is no such option, or it cannot have this value.

    """
    options = bayeux.Options.from_mapping(given, COMETD)
    if websocket:
        transports = dict.fromkeys((bayeux.Transport.WEBSOCKET, *options.transports))
        options = replace(options, transports=tuple(transports))
    return options


_JITTER_MILLISECONDS = 5_000  # over which desktops come back after a stop


class CometdPolicy:
    """Every user of the API may listen; only the bridge itself speaks."""

    def can_handshake(self, context: object, message: object) -> bool:  # noqa: ARG002 (a policy's signature)
        """Allow it: the user is authenticated."""
        return True

    def can_subscribe(self, context: object, session: object, channel: str) -> bool:  # noqa: ARG002
        """Allow it: whatever is delivered is for this user."""
        return True

    def can_publish(self, context: object, session: object, channel: str) -> bool:  # noqa: ARG002
        """Refuse it: what a client published would look like the bridge's own word to other users."""
        return False


class Bridge:
    """Everything between HTTP and the T-Servers, wired.

    Args:
        directory: who may do what.
        api: the address that clients use, ending in `/api/v2`.
        tservers: where the T-Server of each switch is.
        clock: the time of everything but reconnecting, which goes by the reactor's.
        reactor: Twisted's time.
        keep_alive: after how many seconds of silence either side of a link asks for a sign of life; 0 is
            never.
        access: what is asked of those who come in.
        cometd: the times and bounds of notifications.
        store: where the directory is kept; None keeps changes as long as this bridge lives.

    """

    def __init__(  # noqa: PLR0913 (all that is outside of it)
        self,
        directory: Directory,
        *,
        api: str,
        tservers: Mapping[str, Endpoint | PairEndpoints],
        clock: Clock,
        reactor: IReactorTime,
        keep_alive: int = KEEP_ALIVE_SECONDS,
        access: AccessPolicy = AccessPolicy(),  # noqa: B008 (a frozen value)
        cometd: bayeux.Options = COMETD,
        store: persistence.DirectoryStore | None = None,
        wire: Wire = MESSAGE_PACK,
    ) -> None:
        self._cometd_server = bayeux.Server(
            CometdPolicy(), lambda: secrets.token_hex(20), cometd, now=clock.now
        )
        self._voice_service = VoiceService(
            api,
            (),
            clock=clock,
            send=self._send,
            deliver=self._cometd_server.deliver,
            version=replace(API_VERSIONS[directory.gws.version], metrics=directory.gws.metrics),
        )
        self._links = {
            server.switch: open_link(
                tservers[server.switch],
                LinkConfig(
                    switch=server.switch,
                    credentials=Credentials(
                        application_name="tserver-bridge",
                        application_password=server.password or None,
                        poll_after=keep_alive,
                        ask_peer_to_poll_after=keep_alive,
                    ),
                    wire=wire,
                    clock=clock,
                    reactor=reactor,
                ),
                self._voice_service,
            )
            for server in directory.switches
        }
        self._cometd_endpoint = bayeux.CometdEndpoint(
            self._cometd_server, clock, application.cometd_user_id, foreign_scripts=False
        )
        Roster(directory, self._voice_service)
        self._provisioning = self._create_provisioning(directory, store)
        http_application = application.build_application(
            application.ApiContext(
                directory,
                self._provisioning,
                self._voice_service,
                self._create_gate(directory, api, access, clock),
            ),
            api=api,
            version=VERSION,
            notifications=self._cometd_endpoint,
            not_ready_reason=self._not_ready_reason,
        )
        self.app: ASGIApp = http_application.app
        self.short: ShortHandler = http_application.short

    def start(self) -> None:
        """Begin to connect to the T-Servers."""
        for link in self._links.values():
            link.start()

    async def stop(self) -> None:
        """Let held polls go, and close the links."""
        self._cometd_endpoint.close(lambda: secrets.randbelow(_JITTER_MILLISECONDS))
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(link.stop().asFuture(loop) for link in self._links.values()))
        await self._provisioning.close()

    def _create_provisioning(
        self, directory: Directory, store: persistence.DirectoryStore | None
    ) -> Provisioning:
        async def open_store() -> persistence.DirectoryStore:
            return store or await persistence.open_memory_store(directory)

        def is_busy(device: DirectoryDevice) -> bool:
            device_view = self._voice_service.snapshot_of(device.switch, device.number)
            return device_view is not None and device_view.in_session

        return Provisioning(directory, open_store, is_busy, uuid4)

    def _create_gate(self, directory: Directory, api: str, access: AccessPolicy, clock: Clock) -> Gate:
        lockout = Lockout(
            clock,
            after=access.lockout_after,
            seconds=access.lockout_seconds,
            per_minute=access.attempts_per_address,
        )
        gate = Gate(
            access,
            api,
            BasicAuthenticator(directory.user, lockout, secrets.token_bytes(32)),
            HttpSessions(clock, lambda: secrets.token_hex(20), access.session_idle, access.session_max),
            self._cometd_server.end_user,
        )
        directory.observe(gate.on_directory_change)
        return gate

    def _send(self, switch: str, request: Request, pending: PendingRequest) -> None:
        try:
            self._links[switch].send(request, pending)
        except NotConnectedError as error:
            raise LinkDownError(str(error)) from None
        except TooManyOutstandingError as error:
            raise LinkDownError(f"The link to {switch} is overloaded: {error}") from None

    def _not_ready_reason(self) -> str | None:
        return next((link.down_reason for link in self._links.values() if link.down_reason), None)


# --- running it -----------------------------------------------------------------------------------


LOOPBACK = "127.0.0.1"
WILDCARD_HOSTS = ("0.0.0.0", "::")  # noqa: S104 (known, not bound to)


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Where a bridge stands.

    Attributes:
        site: the site file.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        switch: where T-Servers are, each as `[NAME=]tcp://HOST:PORT`, or `tls:`, or two for a pair.
        embedded_switch: simulate the site's switches in this process, which is also what happens when
            `switch` is empty.
        external_url: the address that clients use, where it differs from host and port.
        keep_alive: after how many seconds of silence either side of a link asks for a sign of life.
        access: what is asked of those who come in.
        database: the address of the database that keeps the directory; None keeps changes as long as the
            bridge runs.
        cometd: the times and bounds of notifications.
        wire: how messages are written on the links, and by an embedded switch.

    """

    site: Path
    host: str = LOOPBACK
    port: int = 8080
    switch: tuple[str, ...] = ()
    embedded_switch: bool = False
    external_url: str | None = None
    keep_alive: int = KEEP_ALIVE_SECONDS
    access: AccessPolicy = field(default_factory=AccessPolicy)
    database: str | None = field(default=None, repr=False)
    cometd: bayeux.Options = COMETD
    wire: Wire = MESSAGE_PACK


@dataclass(frozen=True, slots=True)
class RunningBridge:
    """Where a running bridge is, and where its T-Servers are, by switch; of a pair the first."""

    url: str
    tservers: Mapping[str, tuple[str, int]]


@asynccontextmanager
async def serving(
    serve_options: ServeOptions, runtime: Runtime, switch_clock: Clock | None = None
) -> AsyncIterator[RunningBridge]:
    """Run a bridge, with an embedded switch if none is elsewhere.

    Args:
        serve_options: where it stands.
        runtime: the loop's things.
        switch_clock: the time of the embedded switch, if it is not everybody's.

    Raises:
        CannotStartError: a port is in use, a switch's address makes no sense, a file for TLS does, or the
            database cannot be used.
        SiteFileError: the site file cannot be used.

    """
    directory = Directory.load(serve_options.site)
    addresses = tservers.addresses(serve_options.switch, directory.switches)
    if addresses and serve_options.embedded_switch:
        raise CannotStartError("an embedded switch and a switch elsewhere exclude each other")
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(bind(serve_options.host, serve_options.port))
        if not addresses:
            from tserver_sim.embed import Simulator  # noqa: PLC0415 (a tenth of the start, for those who need it)
            from tserver_sim.site import read_site  # noqa: PLC0415

            simulator = Simulator(
                read_site(serve_options.site),
                switch_clock or runtime.clock,
                runtime.reactor,
                wire=serve_options.wire,
            )
            stack.push_async_callback(simulator.close)
            free = dict.fromkeys((server.switch for server in directory.switches), 0)
            ports = await simulator.listen(LOOPBACK, free)
            addresses = {
                server.switch: (Address(LOOPBACK, ports[server.switch], is_tls=server.tls.is_served),)
                for server in directory.switches
            }
        store = None
        if serve_options.database:
            store, directory = await _load_stored_directory(directory, serve_options.database)
            stack.push_async_callback(store.close)
        url = _url(serve_options.host, listener.getsockname()[1])
        bridge = Bridge(
            directory,
            api=f"{(serve_options.external_url or url).rstrip('/')}/api/v2",
            tservers=tservers.make_endpoints(addresses, directory.switches, runtime.reactor),
            clock=runtime.clock,
            reactor=runtime.reactor,
            keep_alive=serve_options.keep_alive,
            cometd=serve_options.cometd,
            access=serve_options.access,
            store=store,
            wire=serve_options.wire,
        )
        await stack.enter_async_context(serve_http(bridge.app, listener, short=bridge.short))
        stack.push_async_callback(bridge.stop)
        bridge.start()
        yield RunningBridge(
            url, {switch: (first.host, first.port) for switch, (first, *_) in addresses.items()}
        )


async def _load_stored_directory(
    directory: Directory, address: str
) -> tuple[persistence.DirectoryStore, Directory]:
    """Open the database, and read the directory as it is kept there."""
    try:
        store = await persistence.open_store(address)
        try:
            return store, await persistence.load_directory(directory, store)
        except persistence.StoreError:
            await store.close()
            raise
    except persistence.StoreError as error:
        raise CannotStartError(str(error)) from None


def _url(host: str, port: int) -> str:
    """Write the address by which this machine reaches itself."""
    if host in WILDCARD_HOSTS:
        host = LOOPBACK
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
