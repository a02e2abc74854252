"""Links to T-Servers over Twisted: connect, register, correlate, pace, keep alive, reconnect, move over."""

from bridge.link.connection import LinkConfig
from bridge.link.core.requests import Failure
from bridge.link.endpoints import Endpoint, PairEndpoints
from bridge.link.link import AnyLink, Link, LinkListener
from bridge.link.open import open_link

__all__ = [
    "AnyLink",
    "Endpoint",
    "Failure",
    "Link",
    "LinkConfig",
    "LinkListener",
    "PairEndpoints",
    "open_link",
]
