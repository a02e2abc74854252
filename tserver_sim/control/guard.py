"""Guards the control API against pages of the web: it has no credentials, and browsers reach this machine.

A page whose host name an attacker points to this machine (DNS rebinding) names that host in `Host`. A page of
another site that sends a plain POST names that site in `Origin`. Both are refused; programs send neither.
"""

import ipaddress
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from tserver_sim.control.problems import json_response

LOCALHOST = "localhost"


class AddressGuard:
    """Passes on the requests that are meant for this address, and that no foreign page has sent.

    Args:
        app: the control API.
        names: the host names by which it may be called, besides localhost and every IP address.

    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names) | {LOCALHOST}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it with 403."""
        text = self._refusal(scope) if scope["type"] == "http" else None
        await (self._app if text is None else json_response(403, text))(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host")
        if host is None:  # HTTP/1.0: no browser
            return None
        name = _host_name(host.decode("latin-1"))
        if name not in self._names and not _is_address(name):
            return f"Host: the control API is not called {name}; --control-names allows names"
        origin = headers.get(b"origin")
        if origin is not None and origin.partition(b"://")[2] != host:
            return f"Origin: pages of {origin.decode('latin-1')} may not use the control API"
        return None


def _host_name(host: str) -> str:
    """Return the name or the address in a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
