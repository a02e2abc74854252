"""Chooses the kind of link for a way to a T-Server or to a pair."""

from typing import TypeVar

from bridge.link.endpoints import PairReach, Reach, either
from bridge.link.line import Footing, anyone
from bridge.link.link import AnyLink, Link, LinkListener, backup_is_unfit
from bridge.link.pair import HotPair

C = TypeVar("C")


def open_link(way: Reach | PairReach, footing: Footing, listener: LinkListener[C]) -> AnyLink[C]:
    """Make a link; it is to be started."""
    if isinstance(way, PairReach) and way.is_hot:
        return HotPair(footing, way.first, way.second, listener)
    one = way if isinstance(way, Reach) else either((way.first, way.second))
    return Link(
        footing.switch,
        one.address,
        endpoint=one.endpoint,
        credentials=footing.credentials,
        codec=footing.codec,
        clock=footing.clock,
        reactor=footing.reactor,
        listener=listener,
        retry=footing.retry,
        why=one.why,
        unfit=anyone if isinstance(way, Reach) else backup_is_unfit,
    )
