"""One link to a T-Server over Twisted: connect, register, correlate, keep alive, reconnect."""

from bridge.link.link import Link, LinkListener
from bridge.link.outstanding import Failure

__all__ = ["Failure", "Link", "LinkListener"]
