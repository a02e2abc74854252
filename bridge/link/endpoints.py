"""Where T-Servers are: addresses in text, endpoints for Twisted."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP6ClientEndpoint,
    wrapClientTLS,
)
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IReactorTCP, IStreamClientEndpoint
from twisted.python.failure import Failure
from zope.interface import implementer

from bridge.link.tls import Trust

CONNECT_SECONDS = 5
"""How long an attempt to connect may take."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a T-Server is."""

    host: str
    port: int
    is_tls: bool = False

    def __str__(self) -> str:
        """Return it as `parse` reads it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tls' if self.is_tls else 'tcp'}://{host}:{self.port}"


def parse(text: str) -> Address:
    """Return the address in `tcp://HOST:PORT` or `tls://HOST:PORT`.

    Raises:
        ValueError: it is neither.

    """
    parts = urlsplit(text)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname or parts.port is None:
        raise ValueError(text)
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(text)
    return Address(parts.hostname, parts.port, is_tls=parts.scheme == "tls")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How a T-Server is reached: its address for messages, its endpoint for Twisted.

    Attributes:
        explain_failure: returns why there is no connection, to be shown to users.

    """

    address: str
    endpoint: IStreamClientEndpoint
    explain_failure: Callable[[Failure], str] = Failure.getErrorMessage


@dataclass(frozen=True, slots=True)
class PairEndpoints:
    """How a pair of T-Servers is reached.

    Attributes:
        is_hot: whether the pair is in hot standby, else in warm standby.

    """

    first: Endpoint
    second: Endpoint
    is_hot: bool = True


def make_endpoint(address: Address, trust: Trust | None, reactor: IReactorTCP) -> Endpoint:
    """Return the endpoint of a T-Server; with TLS if `trust` is given."""
    endpoint_class: Callable[..., IStreamClientEndpoint] = HostnameEndpoint
    if isIPAddress(address.host):  # which needs no look-up, and no thread for it
        endpoint_class = TCP4ClientEndpoint
    elif isIPv6Address(address.host):
        endpoint_class = TCP6ClientEndpoint
    tcp_endpoint = endpoint_class(reactor, address.host, address.port, timeout=CONNECT_SECONDS)
    if trust is None:
        return Endpoint(str(address), tcp_endpoint)
    connection_creator = trust.connection_creator(address.host)
    return Endpoint(
        str(address), wrapClientTLS(connection_creator, tcp_endpoint), connection_creator.explain_failure
    )


def alternating_endpoint(alternatives: Iterable[Endpoint]) -> Endpoint:
    """Return one endpoint that tries several in turn: each attempt takes the next one."""
    alternatives = tuple(alternatives)
    endpoint = _AlternatingEndpoint(alternatives)
    return Endpoint(
        " or ".join(alternative.address for alternative in alternatives), endpoint, endpoint.explain_failure
    )


@implementer(IStreamClientEndpoint)
class _AlternatingEndpoint:
    def __init__(self, alternatives: tuple[Endpoint, ...]) -> None:
        self._next = itertools.cycle(alternatives)
        self._current = alternatives[0]

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        self._current = next(self._next)
        attempt: Deferred[IProtocol] = self._current.endpoint.connect(factory)
        return attempt

    def explain_failure(self, failure: Failure) -> str:
        return f"{self._current.address}: {self._current.explain_failure(failure)}"
