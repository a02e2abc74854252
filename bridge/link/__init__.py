"""Links to T-Servers over Twisted: connect, register, correlate, pace, keep alive, reconnect, move over."""

from bridge.link.endpoints import PairReach, Reach
from bridge.link.line import Footing
from bridge.link.link import AnyLink, Link, LinkListener
from bridge.link.open import open_link
from bridge.link.outstanding import Failure

__all__ = ["AnyLink", "Failure", "Footing", "Link", "LinkListener", "PairReach", "Reach", "open_link"]
