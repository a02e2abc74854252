"""The operations on a device: its features, and the T-Server request that each becomes.

Sources: GWS v2, DoNotDisturbOn, ForwardCallsOn and their counterparts; T-Library, TSetDNDOn,
TCallSetForward, TCallCancelForward.
"""

from collections.abc import Callable
from typing import Any

from bridge.tlib import messages as t
from bridge.tlib.enums import ForwardMode
from bridge.voice.model.device import Device
from bridge.voice.operations.base import Operation, OperationRow, PhoneNumber, Resource


class DoNotDisturbOn(Operation, tag=True):
    """Keeps calls away."""


class DoNotDisturbOff(Operation, tag=True):
    """Lets calls come again."""


class ForwardCallsOn(Operation, tag=True):
    """Forwards all calls. Here alone the destination is a text, not an object."""

    destination: PhoneNumber


class ForwardCallsOff(Operation, tag=True):
    """Ends forwarding."""


def _forward(device: Device, body: ForwardCallsOn) -> t.Request:
    return t.RequestCallForwardSet(
        this_dn=device.number, other_dn=body.destination, forward_mode=ForwardMode.Unconditional
    )


REQUESTS: dict[type[Operation], Callable[[Device, Any], t.Request]] = {
    DoNotDisturbOn: lambda device, _: t.RequestSetDNDOn(this_dn=device.number),
    DoNotDisturbOff: lambda device, _: t.RequestSetDNDOff(this_dn=device.number),
    ForwardCallsOn: _forward,
    ForwardCallsOff: lambda device, _: t.RequestCallForwardCancel(
        this_dn=device.number, forward_mode=device.presence.forward_mode
    ),
}
"""The request of each operation, from the device and the body."""

ROWS = tuple(OperationRow(body, on=(Resource.DEVICE,)) for body in REQUESTS)
