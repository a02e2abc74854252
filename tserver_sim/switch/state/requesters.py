"""Who asks, and who plays a part in what is told."""

import msgspec

from bridge.tlib.enums import DNRole
from bridge.tlib.kv import KVList


class Requester(msgspec.Struct, frozen=True):
    """Who asked for a change, and what of the request comes back in the answer."""

    client_number: int = 0
    """The number of the T-Server's client; 0: nobody, a phone, or the switch itself."""
    reference_id: int | None = None
    reasons: KVList | None = None
    leg: int = 0
    """The leg whose far end did it; it is not told what it did itself."""


NO_REQUESTER = Requester()


class ThirdParty(msgspec.Struct, frozen=True):
    """A DN and the part it played in a change."""

    dn: str
    role: DNRole
