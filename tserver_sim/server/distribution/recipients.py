"""To whom an event goes that is not simply about a DN.

Source: T-Library Events and Models, registration and distribution of events, and the events named here.
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
    """Return the DNs whose clients get an event that is no `DNEvent`."""
    dns = _RECIPIENT_DNS.get(type(event))
    return tuple(dn for dn in dns(event) if dn is not None) if dns is not None else ()


def is_for_requester(event: m.Event) -> bool:
    """Say whether the requester gets it, registered or not."""
    return type(event) in _REQUESTER_EVENTS
