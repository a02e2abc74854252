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
from bridge.api.security.middleware import Door
from bridge.api.security.passwords import Logins
from bridge.api.security.policy import Access
from bridge.directory import persistence as keeping
from bridge.directory.directory import Directory
from bridge.directory.model import Device as DirectoryDevice
from bridge.directory.provisioning import Provisioning
from bridge.link import Footing, PairReach, Reach, open_link
from bridge.link.endpoints import Address
from bridge.link.outstanding import TooManyOutstandingError
from bridge.roster import Roster
from bridge.runtime.clock import Clock
from bridge.runtime.loop import CannotStartError, Runtime, bind, serve_http
from bridge.runtime.short import Short
from bridge.tlib.codec import MessagePackCodec
from bridge.tlib.messages import Request
from bridge.tlib.session import Credentials
from bridge.voice.gws.versions import PROFILES
from bridge.voice.model.errors import LinkDownError
from bridge.voice.service import Cause, Desk

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
        tservers: Mapping[str, Reach | PairReach],
        clock: Clock,
        reactor: IReactorTime,
        keep_alive: int = KEEP_ALIVE_SECONDS,
        access: Access = Access(),  # noqa: B008 (a frozen value)
        cometd: bayeux.Options = COMETD,
        store: keeping.Store | None = None,
    ) -> None:
        self._cometd = bayeux.Server(CometdPolicy(), lambda: secrets.token_hex(20), cometd, now=clock.now)
        self._desk = Desk(
            api,
            (),
            clock=clock,
            send=self._send,
            deliver=self._cometd.deliver,
            profile=replace(PROFILES[directory.gws.version], metrics=directory.gws.metrics),
        )
        self._links = {
            server.switch: open_link(
                tservers[server.switch],
                Footing(
                    switch=server.switch,
                    credentials=Credentials(
                        application_name="tserver-bridge",
                        application_password=server.password or None,
                        poll_after=keep_alive,
                        ask_peer_to_poll_after=keep_alive,
                    ),
                    codec=MessagePackCodec(),
                    clock=clock,
                    reactor=reactor,
                ),
                self._desk,
            )
            for server in directory.switches
        }
        self._polling = bayeux.Endpoint(self._cometd, clock, application.user_of, foreign_scripts=False)
        Roster(directory, self._desk)
        self._changes = self._provisioning(directory, store)
        served = application.build(
            application.Rooms(
                directory, self._changes, self._desk, self._door(directory, api, access, clock)
            ),
            api=api,
            version=VERSION,
            notifications=self._polling,
            why_not_ready=self._why_not_ready,
        )
        self.app: ASGIApp = served.app
        self.short: Short = served.short

    def start(self) -> None:
        """Begin to connect to the T-Servers."""
        for link in self._links.values():
            link.start()

    async def stop(self) -> None:
        """Let held polls go, and close the links."""
        self._polling.close(lambda: secrets.randbelow(_JITTER_MILLISECONDS))
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(link.stop().asFuture(loop) for link in self._links.values()))
        await self._changes.close()

    def _provisioning(self, directory: Directory, store: keeping.Store | None) -> Provisioning:
        async def open_store() -> keeping.Store:
            return store or await keeping.in_memory(directory)

        def is_busy(device: DirectoryDevice) -> bool:
            seen = self._desk.view_of(device.switch, device.number)
            return seen is not None and seen.in_session

        return Provisioning(directory, open_store, is_busy, uuid4)

    def _door(self, directory: Directory, api: str, access: Access, clock: Clock) -> Door:
        lockout = Lockout(
            clock,
            after=access.lockout_after,
            seconds=access.lockout_seconds,
            per_minute=access.attempts_per_address,
        )
        door = Door(
            access,
            api,
            Logins(directory.user, lockout, secrets.token_bytes(32)),
            HttpSessions(clock, lambda: secrets.token_hex(20), access.session_idle, access.session_max),
            self._cometd.end_user,
        )
        directory.observe(door.changed)
        return door

    def _send(self, switch: str, request: Request, cause: Cause) -> None:
        link = self._links[switch]
        if link.why_down:
            raise LinkDownError(link.why_down)
        try:
            link.send(request, cause)
        except TooManyOutstandingError as error:
            raise LinkDownError(f"The link to {switch} is overloaded: {error}") from None

    def _why_not_ready(self) -> str | None:
        return next((link.why_down for link in self._links.values() if link.why_down), None)


# --- running it -----------------------------------------------------------------------------------


LOOPBACK = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 (known, not bound to)


@dataclass(frozen=True, slots=True)
class Place:
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

    """

    site: Path
    host: str = LOOPBACK
    port: int = 8080
    switch: tuple[str, ...] = ()
    embedded_switch: bool = False
    external_url: str | None = None
    keep_alive: int = KEEP_ALIVE_SECONDS
    access: Access = field(default_factory=Access)
    database: str | None = field(default=None, repr=False)
    cometd: bayeux.Options = COMETD


@dataclass(frozen=True, slots=True)
class Running:
    """Where a running bridge is, and where its T-Servers are, by switch; of a pair the first."""

    url: str
    tservers: Mapping[str, tuple[str, int]]


@asynccontextmanager
async def serving(
    place: Place, runtime: Runtime, switch_clock: Clock | None = None
) -> AsyncIterator[Running]:
    """Run a bridge, with an embedded switch if none is elsewhere.

    Args:
        place: where it stands.
        runtime: the loop's things.
        switch_clock: the time of the embedded switch, if it is not everybody's.

    Raises:
        CannotStartError: a port is in use, a switch's address makes no sense, a file for TLS does, or the
            database cannot be used.
        SiteFileError: the site file cannot be used.

    """
    directory = Directory.load(place.site)
    addresses = tservers.addresses(place.switch, directory.switches)
    if addresses and place.embedded_switch:
        raise CannotStartError("an embedded switch and a switch elsewhere exclude each other")
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(bind(place.host, place.port))
        if not addresses:
            from tserver_sim.embed import Simulator  # noqa: PLC0415 (a tenth of the start, for those who need it)
            from tserver_sim.site import read_site  # noqa: PLC0415

            simulator = Simulator(read_site(place.site), switch_clock or runtime.clock, runtime.reactor)
            stack.push_async_callback(simulator.close)
            free = dict.fromkeys((server.switch for server in directory.switches), 0)
            ports = await simulator.listen(LOOPBACK, free)
            addresses = {
                server.switch: (Address(LOOPBACK, ports[server.switch], is_tls=server.tls.is_served),)
                for server in directory.switches
            }
        store = None
        if place.database:
            store, directory = await _kept(directory, place.database)
            stack.push_async_callback(store.close)
        url = _url(place.host, listener.getsockname()[1])
        bridge = Bridge(
            directory,
            api=f"{(place.external_url or url).rstrip('/')}/api/v2",
            tservers=tservers.ways(addresses, directory.switches, runtime.reactor),
            clock=runtime.clock,
            reactor=runtime.reactor,
            keep_alive=place.keep_alive,
            cometd=place.cometd,
            access=place.access,
            store=store,
        )
        await stack.enter_async_context(serve_http(bridge.app, listener, short=bridge.short))
        stack.push_async_callback(bridge.stop)
        bridge.start()
        yield Running(url, {switch: (first.host, first.port) for switch, (first, *_) in addresses.items()})


async def _kept(directory: Directory, address: str) -> tuple[keeping.Store, Directory]:
    """Open the database, and read the directory as it is kept there."""
    try:
        store = await keeping.open_store(address)
        try:
            return store, await keeping.kept(directory, store)
        except keeping.StoreError:
            await store.close()
            raise
    except keeping.StoreError as error:
        raise CannotStartError(str(error)) from None


def _url(host: str, port: int) -> str:
    """Write the address by which this machine reaches itself."""
    if host in EVERYWHERE:
        host = LOOPBACK
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
