"""A client that ends all calls which others have left behind."""

from collections.abc import Callable

from bridge.tlib import messages as t
from bridge.tlib.ids import conn_id_of
from tests.fuzz.peers import BrokenError, Peer
from tests.fuzz.recorded import OPENING, pack
from tests.fuzz.sites import DNS

_ROUNDS = 8
"""How often to look for calls: ending one may begin another one, as a consultation does."""

_AN_HOUR = 3600.0


def end_calls(peer: Peer, advance: Callable[[float], None]) -> None:
    """Release every party of every call at every DN, and leave.

    Raises:
        BrokenError: calls are left that nobody can end.

    """
    peer.send(OPENING)
    for dn in DNS:
        peer.send(pack(t.RequestRegisterAddress(this_dn=dn, reference_id=1)))
    peer.receive()
    left: list[tuple[str, int]] = []
    for _ in range(_ROUNDS):
        left = [(dn, conn_id) for dn in DNS for conn_id in _calls(peer, dn)]
        if not left:
            break
        for dn, conn_id in left:
            peer.send(pack(t.RequestReleaseCall(this_dn=dn, conn_id=conn_id, reference_id=2)))
        peer.receive()
        advance(_AN_HOUR)
    else:
        raise BrokenError(f"calls that nobody can end: {left}")
    peer.hang_up()


def _calls(peer: Peer, dn: str) -> list[int]:
    """Read the calls of a DN in the snapshot that registering gives, also when it is done again."""
    peer.send(pack(t.RequestRegisterAddress(this_dn=dn, reference_id=3)))
    return [
        conn_id_of(value)
        for registered in peer.receive()
        if isinstance(registered, t.EventRegistered)
        for key, value in registered.extensions or ()
        if key.startswith("conn-") and isinstance(value, str)
    ]
