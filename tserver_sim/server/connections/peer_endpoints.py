"""Connections between T-Servers: the listener that accepts them, and the connector that keeps one up."""

from collections.abc import Callable, Sequence
from typing import Any

from twisted.application.internet import ClientService, backoffPolicy
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.interfaces import IAddress, IReactorTCP, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from bridge.runtime.clock import Clock
from tserver_sim.server.connections.peer_connection import PeerCredentials, PeerProtocol
from tserver_sim.server.peers.peer_protocol import PeerChannel

CONNECT_SECONDS = 2.0
"""Time limit of an attempt to connect."""

_RETRY = backoffPolicy(0.25, 3.0)


def endpoint(reactor: IReactorTCP, host: str, port: int) -> IStreamClientEndpoint:
    """Return the endpoint of a T-Server. `host` is a name or an address; an address is not looked up."""
    kind: Callable[..., IStreamClientEndpoint] = HostnameEndpoint
    if isIPAddress(host):
        kind = TCP4ClientEndpoint
    elif isIPv6Address(host):
        kind = TCP6ClientEndpoint
    return kind(reactor, host, port, timeout=CONNECT_SECONDS)


class PeerListener(Factory[PeerProtocol]):
    """Accepts the connections of other T-Servers.

    Args:
        credentials: name and secret of this end.
        channels: the channels that a `Hello` may name.
        clock: real time.

    """

    noisy = False

    def __init__(
        self, credentials: PeerCredentials, channels: Sequence[PeerChannel[Any]], clock: Clock
    ) -> None:
        self._credentials = credentials
        self._channels = {channel.kind: channel for channel in channels}
        self._clock = clock
        self._connections: set[PeerProtocol] = set()
        self._closed: Deferred[None] | None = None

    def buildProtocol(self, addr: IAddress | None) -> PeerProtocol:  # noqa: ARG002, N802 (Twisted's name)
        """Return the protocol of a new connection."""
        peer = PeerProtocol(
            self._credentials, self._clock, self._channels.get, None, self._on_connection_closed
        )
        self._connections.add(peer)
        return peer

    def close(self) -> Deferred[None]:
        """Close all connections. The result fires when the last one is closed."""
        closed = self._closed = Deferred()
        for peer in tuple(self._connections):
            peer.stop()
        self._check_closed()
        return closed

    def _on_connection_closed(self, peer: PeerProtocol) -> None:
        self._connections.discard(peer)
        self._check_closed()

    def _check_closed(self) -> None:
        if self._closed is not None and not self._connections:
            closed, self._closed = self._closed, None
            closed.callback(None)


class PeerConnector(Factory[PeerProtocol]):
    """Keeps up a connection to one other T-Server.

    Args:
        credentials: name and secret of this end.
        channel: the channel that its `Hello` names.
        clock: real time.
        endpoint: the endpoint of the other T-Server.
        on_unreachable: called once, if the first attempt to connect fails.

    """

    noisy = False

    def __init__(
        self,
        credentials: PeerCredentials,
        channel: PeerChannel[Any],
        clock: Clock,
        endpoint: IStreamClientEndpoint,
        on_unreachable: Callable[[], None],
    ) -> None:
        self._credentials = credentials
        self._channel = channel
        self._clock = clock
        self._on_unreachable = on_unreachable
        self._service = ClientService(endpoint, self, retryPolicy=_RETRY)
        self._peer: PeerProtocol | None = None

    def start(self) -> None:
        """Connect, and reconnect after each loss until `stop`."""
        self._service.startService()
        self._service.whenConnected(failAfterFailures=1).addErrback(self._on_connect_failed)

    def stop(self) -> Deferred[None]:
        """Close the connection for good. The result fires when it is closed."""
        stopped: Deferred[None] = self._service.stopService()
        if self._peer is not None:
            self._peer.stop()
        return stopped

    def buildProtocol(self, addr: IAddress | None) -> PeerProtocol:  # noqa: ARG002, N802 (Twisted's name)
        """Return the protocol of a new connection."""
        kind = self._channel.kind
        self._peer = PeerProtocol(
            self._credentials, self._clock, self._find_channel, kind, self._on_connection_closed
        )
        return self._peer

    def _on_connection_closed(self, _peer: PeerProtocol) -> None:
        self._peer = None

    def _find_channel(self, kind: str) -> PeerChannel[Any] | None:
        return self._channel if kind == self._channel.kind else None

    def _on_connect_failed(self, failure: Failure) -> None:
        if not isinstance(failure.value, CancelledError):
            self._on_unreachable()
