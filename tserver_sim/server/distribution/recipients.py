"""The recipients of events that do not simply go to the clients registered for ThisDN.

Source: T-Library Events and Models, registration and distribution of events, and the pages of these events.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bridge.tlib import messages as m

_RECIPIENT_DNS: Mapping[type[m.Event], Callable[[Any], tuple[str | None, ...]]] = {
    m.EventUserEvent: lambda event: (event.this_dn, event.communication_dn),
    m.EventPrivateInfo: lambda event: (event.this_dn,),
    m.EventReturnReceipt: lambda event: (event.return_receipt_dn,),
}

_REQUESTER_EVENTS = frozenset(
    {
        m.EventError,
        m.EventACK,
        m.EventAgentReserved,
        m.EventReturnReceipt,
        m.EventAnswerAccessNumber,
        m.EventReqGetAccessNumberCanceled,
    }
)


def recipient_dns(event: m.Event) -> tuple[str, ...]:
    """Return the DNs whose registered clients receive an event that is not a `DNEvent`."""
    dns = _RECIPIENT_DNS.get(type(event))
    return tuple(dn for dn in dns(event) if dn is not None) if dns is not None else ()


def is_for_requester(event: m.Event) -> bool:
    """Return whether the requester receives an event even if it has not registered the DN."""
    return type(event) in _REQUESTER_EVENTS
