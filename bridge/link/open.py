"""Chooses the kind of link for a way to a T-Server or to a pair."""

from typing import TypeVar

from bridge.link.endpoints import Endpoint, PairEndpoints, alternating_endpoint
from bridge.link.line import LinkConfig, accept_any_server
from bridge.link.link import AnyLink, Link, LinkListener, reject_backup
from bridge.link.pair import HotPair

C = TypeVar("C")


def open_link(target: Endpoint | PairEndpoints, config: LinkConfig, listener: LinkListener[C]) -> AnyLink[C]:
    """Make a link; it is to be started."""
    if isinstance(target, PairEndpoints) and target.is_hot:
        return HotPair(config, target.first, target.second, listener)
    single = target if isinstance(target, Endpoint) else alternating_endpoint((target.first, target.second))
    return Link(
        config.switch,
        single.address,
        endpoint=single.endpoint,
        credentials=config.credentials,
        wire=config.wire,
        clock=config.clock,
        reactor=config.reactor,
        listener=listener,
        retry=config.retry,
        explain_failure=single.explain_failure,
        rejection=accept_any_server if isinstance(target, Endpoint) else reject_backup,
    )
