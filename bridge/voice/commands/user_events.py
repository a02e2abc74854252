"""User events: data that a device tells to whoever listens to it, without a call.

Seen of a real server's desktop only, on its internal API: `SendUserEvent`.
"""

from typing import Annotated, Any

import msgspec

from bridge.tlib import messages as t
from bridge.tlib.kv import KVList
from bridge.voice.gws.bodies import BodyReader
from bridge.voice.model.devices import Devices
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.model.pending import PendingRequest, Purpose, SendRequest
from bridge.voice.model.user_data import to_kv
from bridge.voice.operations import Operation


class SendUserEvent(Operation, tag=True):
    """Tells user data to all who listen to the device."""

    device_id: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    user_data: dict[str, Any]


READER = BodyReader("the internal API", SendUserEvent, has_custom_states=False)


def distribute(devices: Devices, send: SendRequest, user_id: str, body: SendUserEvent) -> None:
    """Have the T-Server distribute the event.

    Raises:
        ApiError: not the user's device, no session, user data that cannot be told, or no link to the
            switch.

    """
    device = next((each for each in devices.of_user(user_id) if each.id == body.device_id), None)
    if device is None:
        raise ApiError(StatusCode.NOT_FOUND, f"The user has no device {body.device_id}")
    if not device.in_session:
        text = f"Device {device.number} is not in a session; send StartContactCenterSession first"
        raise ApiError(StatusCode.INVALID, text)
    data = to_kv(body.user_data) or KVList()
    request = t.RequestDistributeUserEvent(this_dn=device.number, user_data=data)
    send(device.switch, request, PendingRequest(body.name, device, purpose=Purpose.DEVICE))
