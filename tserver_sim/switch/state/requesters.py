"""The requester of a change, and the third party in it."""

import msgspec

from bridge.tlib.enums import DNRole
from bridge.tlib.kv import KVList


class Requester(msgspec.Struct, frozen=True):
    """The client that requested a change, and what of the request comes back in the answer."""

    client_number: int = 0
    """The number of the T-Server's client; 0: no client (a phone, or the switch itself)."""
    reference_id: int | None = None
    reasons: KVList | None = None
    leg: int = 0
    """The leg whose remote end made the change; it is not sent its own change."""


NO_REQUESTER = Requester()


class ThirdParty(msgspec.Struct, frozen=True):
    """A DN and its role in a change."""

    dn: str
    role: DNRole
