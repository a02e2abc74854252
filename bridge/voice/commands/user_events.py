"""User events: data that a device distributes without a call.

The only source is the desktop of a real server, on its internal API: `SendUserEvent`.
"""

from typing import Annotated, Any

import msgspec

from bridge.tlib import messages as t
from bridge.voice.gws.bodies import BodyReader
from bridge.voice.model.devices import Devices
from bridge.voice.model.pending import PendingRequest, Purpose, SendRequest
from bridge.voice.model.user_data import to_kv
from bridge.voice.operations import Operation


class SendUserEvent(Operation, tag=True):
    """Tells user data to all who listen to the device."""

    device_id: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    user_data: dict[str, Any]


READER = BodyReader("the internal API", SendUserEvent, has_custom_states=False)


class UserEventCommands:
    """Sends the requests of operations of the internal API."""

    def __init__(self, devices: Devices, send: SendRequest) -> None:
        self._devices = devices
        self._send = send

    def execute_internal_operation(self, user_id: str, body: SendUserEvent) -> None:
        """Request that the T-Server distributes user data to all who registered the device's DN.

        Raises:
            ApiError: not the user's device, no session, user data that a KV list cannot hold, or no link
                to the switch.

        """
        device = self._devices.device_in_session(user_id, body.device_id)
        request = t.RequestDistributeUserEvent(this_dn=device.number, user_data=to_kv(body.user_data))
        self._send(device.switch, request, PendingRequest(body.name, device, purpose=Purpose.DEVICE))
