"""What every operation has: a body, the resources that it is posted to, the features and the role it needs.

Source: GWS v2, What Are Operations and Features.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

import msgspec

from bridge.tlib import messages as t
from bridge.voice.model.call import Call
from bridge.voice.model.device import Device

MAX_NUMBER_LENGTH = 255
"""The longest phone number or location that is accepted."""

PhoneNumber = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NUMBER_LENGTH)]


class Resource(Enum):
    """A resource that operations are posted to; the value is its path under `/api/v2`."""

    ME = "/me"
    CHANNEL = "/me/channels/{channel}"
    DEVICE = "/me/devices/{device_id}"
    DEVICE_CALLS = "/me/devices/{device_id}/calls"
    CALL = "/me/calls/{call_id}"
    CHANNEL_OF_USER = "/users/{user_id}/channels/{channel}"


class Operation(msgspec.Struct, tag_field="operationName", rename="camel", kw_only=True):
    """The body of a POST. Members that are not listed are ignored, for clients send extra ones."""

    @property
    def name(self) -> str:
        """The `operationName`."""
        return type(self).__name__


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation on one or more resources.

    Attributes:
        body: its parameters; the name of the class is the `operationName`.
        on: the resources that it is posted to.
        features: the features that the contact center needs besides that of the Voice API.
        for_supervisors: whether the user must be a supervisor.

    """

    body: type[Operation]
    on: tuple[Resource, ...]
    features: tuple[str, ...] = ()
    for_supervisors: bool = False


MakeRequest = Callable[[Device, Call, Any], t.Request]
"""Makes the request of an operation on a call, from the device, the call and the body.

Raises:
    ApiError: a parameter names what is not there, or user data that cannot be attached.

"""
