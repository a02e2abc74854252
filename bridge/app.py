"""The composition root: the only place that knows all rooms of the bridge."""

import asyncio
import importlib.metadata
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from starlette.types import ASGIApp
from twisted.internet.interfaces import IReactorTime

from bridge import bayeux, tservers
from bridge.api import application
from bridge.api.security.gate import Gate
from bridge.api.security.http_sessions import HttpSessions
from bridge.api.security.lockout import Lockout
from bridge.api.security.passwords import BasicAuthenticator
from bridge.api.security.policy import AccessPolicy
from bridge.directory import persistence
from bridge.directory.directory import Directory
from bridge.directory.model import DirectoryDevice, TServerConfig
from bridge.directory.provisioning import Provisioning
from bridge.link import (
    Address,
    AnyLink,
    Endpoint,
    LinkConfig,
    NotConnectedError,
    PairEndpoints,
    TooManyOutstandingError,
    open_link,
)
from bridge.notifications import COMETD, NotificationPolicy
from bridge.options import KEEP_ALIVE_SECONDS, LOOPBACK, ServeOptions
from bridge.roster import Roster
from bridge.runtime.clock import Clock
from bridge.runtime.http.short import ShortHandler
from bridge.runtime.loop import CannotStartError, Runtime, bind, serve_http
from bridge.tlib.messages import Request
from bridge.tlib.session import Credentials
from bridge.tlib.wire import MESSAGE_PACK, WIRES, Wire
from bridge.voice.gws.versions import API_VERSIONS
from bridge.voice.model.errors import LinkDownError
from bridge.voice.service import PendingRequest, VoiceService

VERSION: Final = importlib.metadata.version("tserver-bridge")

_WILDCARD_HOSTS: Final = ("0.0.0.0", "::")  # noqa: S104 (known, not bound to)
_JITTER_MILLISECONDS: Final = 5_000  # over which desktops come back after a stop


class Bridge:
    """Everything between HTTP and the T-Servers, wired.

    Args:
        directory: the contact centers, users and devices.
        api: the address that clients use, ending in `/api/v2`.
        tservers: the endpoints of each switch's T-Servers.
        clock: the time of everything but reconnecting, which goes by the reactor's.
        reactor: Twisted's time.
        keep_alive: seconds of silence after which either side of a link polls the other; 0 is never.
        wire: how messages are written on the links.
        access: the settings of the gate.
        cometd: the times and limits of notifications.
        store: the database of the directory, which stays its opener's to close; with None, changes last as
            long as this bridge.

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
        wire: Wire = MESSAGE_PACK,
        access: AccessPolicy = AccessPolicy(),  # noqa: B008 (a frozen value)
        cometd: bayeux.Options = COMETD,
        store: persistence.DirectoryStore | None = None,
    ) -> None:
        self._cometd_server = bayeux.Server(
            NotificationPolicy(), lambda: secrets.token_hex(20), cometd, now=clock.now
        )
        self._cometd_endpoint = bayeux.CometdEndpoint(
            self._cometd_server, clock, application.cometd_user_id, foreign_scripts=False
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
            server.switch: self._open_link(server, tservers[server.switch], keep_alive, wire, clock, reactor)
            for server in directory.switches
        }
        Roster(directory, self._voice_service)
        self._provisioning = Provisioning(directory, store, self._is_busy, uuid4)
        gate = self._create_gate(directory, api, access, clock)
        http_application = application.build_application(
            application.ApiContext(directory, self._provisioning, self._voice_service, gate),
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
        """Answer held connects, close the links, and wait for a change of the directory that has begun."""
        self._cometd_endpoint.close(lambda: secrets.randbelow(_JITTER_MILLISECONDS))
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(link.stop().asFuture(loop) for link in self._links.values()))
        await self._provisioning.finish()

    def _open_link(
        self,
        server: TServerConfig,
        endpoint: Endpoint | PairEndpoints,
        keep_alive: int,
        wire: Wire,
        clock: Clock,
        reactor: IReactorTime,
    ) -> AnyLink[PendingRequest]:
        credentials = Credentials(
            application_name="tserver-bridge",
            application_password=server.password or None,
            poll_after=keep_alive,
            ask_peer_to_poll_after=keep_alive,
        )
        config = LinkConfig(
            switch=server.switch,
            credentials=credentials,
            wire=wire,
            clock=clock,
            reactor=reactor,
        )
        return open_link(endpoint, config, self._voice_service)

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
            clock,
            self._cometd_server.end_user,
        )
        directory.observe(gate.on_directory_change)
        return gate

    def _is_busy(self, device: DirectoryDevice) -> bool:
        snapshot = self._voice_service.snapshot_of(device.switch, device.number)
        return snapshot is not None and snapshot.in_session

    def _send(self, switch: str, request: Request, pending: PendingRequest) -> None:
        try:
            self._links[switch].send(request, pending)
        except NotConnectedError as error:
            raise LinkDownError(str(error)) from None
        except TooManyOutstandingError as error:
            raise LinkDownError(f"The link to {switch} is overloaded: {error}") from None

    def _not_ready_reason(self) -> str | None:
        return next((link.down_reason for link in self._links.values() if link.down_reason), None)


# --- serving --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunningBridge:
    """The addresses of a running bridge.

    Attributes:
        url: its own.
        tservers: host and port of the T-Server of each switch; of a pair, those of the first.

    """

    url: str
    tservers: Mapping[str, tuple[str, int]]


@asynccontextmanager
async def serving(
    options: ServeOptions, runtime: Runtime, switch_clock: Clock | None = None
) -> AsyncIterator[RunningBridge]:
    """Run a bridge, with an embedded switch unless the options say where the T-Servers are.

    Args:
        options: its options.
        runtime: the loop, the reactor and the clock to run on.
        switch_clock: the time of the embedded switch; None for the runtime's.

    Raises:
        CannotStartError: a port is in use, the address of a switch or a file for TLS is not valid, or the
            database cannot be used.
        SiteFileError: the site file cannot be used.

    """
    directory = Directory.load(options.site)
    addresses = tservers.addresses(options.switch, directory.switches)
    if addresses and options.embedded_switch:
        raise CannotStartError("an embedded switch and a switch elsewhere exclude each other")
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(bind(options.host, options.port))
        if not addresses:
            clock = switch_clock or runtime.clock
            addresses = await _start_embedded_switch(options, directory, runtime, clock, stack)
        store = None
        if options.database:
            store, directory = await _load_stored_directory(directory, options.database)
            stack.push_async_callback(store.close)
        url = _url(options.host, listener.getsockname()[1])
        bridge = Bridge(
            directory,
            api=f"{(options.external_url or url).rstrip('/')}/api/v2",
            tservers=tservers.make_endpoints(addresses, directory.switches, runtime.reactor),
            clock=runtime.clock,
            reactor=runtime.reactor,
            keep_alive=options.keep_alive,
            wire=WIRES[options.wire],
            access=options,
            cometd=options.cometd_options,
            store=store,
        )
        await stack.enter_async_context(serve_http(bridge.app, listener, short=bridge.short))
        stack.push_async_callback(bridge.stop)
        bridge.start()
        yield RunningBridge(
            url, {switch: (first.host, first.port) for switch, (first, *_) in addresses.items()}
        )


async def _start_embedded_switch(
    options: ServeOptions, directory: Directory, runtime: Runtime, clock: Clock, stack: AsyncExitStack
) -> dict[str, tservers.Addresses]:
    """Simulate the switches of the site in this process until `stack` ends, and return their addresses."""
    # Imported here: a tenth of the start, for those who have no switch elsewhere.
    from tserver_sim.embed import Simulator  # noqa: PLC0415
    from tserver_sim.site import read_site  # noqa: PLC0415

    simulator = Simulator(read_site(options.site), clock, runtime.reactor, wire=WIRES[options.wire])
    stack.push_async_callback(simulator.close)
    ports = await simulator.listen(LOOPBACK, dict.fromkeys((s.switch for s in directory.switches), 0))
    return {
        server.switch: (Address(LOOPBACK, ports[server.switch], is_tls=server.tls.is_served),)
        for server in directory.switches
    }


async def _load_stored_directory(
    directory: Directory, address: str
) -> tuple[persistence.DirectoryStore, Directory]:
    """Open the database, and return it with the directory that it holds."""
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
    """Return the address by which this machine reaches the bridge."""
    if host in _WILDCARD_HOSTS:
        host = LOOPBACK
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
