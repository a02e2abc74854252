"""Choose the kind of link for a T-Server or a pair."""

from typing import TypeVar

from bridge.link.connection import LinkConfig
from bridge.link.endpoints import Endpoint, PairEndpoints, alternating_endpoint
from bridge.link.hot_pair import HotPair
from bridge.link.link import AnyLink, Link, LinkListener, reject_backup

C = TypeVar("C")


def open_link(target: Endpoint | PairEndpoints, config: LinkConfig, listener: LinkListener[C]) -> AnyLink[C]:
    """Return a link that is not started yet."""
    if isinstance(target, PairEndpoints) and target.is_hot:
        return HotPair(config, target.first, target.second, listener)
    if isinstance(target, PairEndpoints):
        return Link(config, alternating_endpoint((target.first, target.second)), listener, reject_backup)
    return Link(config, target, listener)
