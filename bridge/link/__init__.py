"""Links to T-Servers over Twisted: connect, register, correlate, pace, keep alive, reconnect, move over."""

from bridge.link.connection import LinkConfig, NotConnectedError
from bridge.link.core.requests import Failure, TooManyOutstandingError
from bridge.link.endpoints import Address, Endpoint, PairEndpoints
from bridge.link.link import AnyLink, Link, LinkListener
from bridge.link.open import open_link

__all__ = [
    "Address",
    "AnyLink",
    "Endpoint",
    "Failure",
    "Link",
    "LinkConfig",
    "LinkListener",
    "NotConnectedError",
    "PairEndpoints",
    "TooManyOutstandingError",
    "open_link",
]
