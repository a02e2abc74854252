"""The operations of the API: their parameters, and the T-Server request that each becomes.

One row of a table is one operation. Source: GWS v2 Voice API, one page per operation; the requests
follow the T-Library function of the same meaning.
"""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from bridge.tlib import messages as t
from bridge.voice.userdata import to_kv

MAX_NUMBER_LENGTH = 255
"""The longest phone number or location that is taken."""

PhoneNumber = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NUMBER_LENGTH)]


class Destination(msgspec.Struct, rename="camel"):
    """Whom to call. Every destination is an object."""

    phone_number: PhoneNumber


class Operation(msgspec.Struct, tag_field="operationName", rename="camel", kw_only=True):
    """The body of a POST. Members that are not listed are ignored, for clients send extra ones."""

    @property
    def name(self) -> str:
        """The `operationName`."""
        return type(self).__name__


class _ToDestination(Operation):
    destination: Destination
    location: Annotated[str, msgspec.Meta(max_length=MAX_NUMBER_LENGTH)] | None = None
    user_data: dict[str, Any] | None = None

    def attributes(self) -> dict[str, Any]:
        """Say the same as attributes. An empty location means none (T-Library wants null, not "")."""
        return {
            "other_dn": self.destination.phone_number,
            "location": self.location or None,
            "user_data": to_kv(self.user_data),
        }


# --- on a user ------------------------------------------------------------------------------------


class StartContactCenterSession(Operation, tag=True):
    """Begins the user's work: the DNs of the user's devices are registered."""

    channels: Annotated[list[str], msgspec.Meta(min_length=1, max_length=32)]


class EndContactCenterSession(Operation, tag=True):
    """Ends the user's work, and the HTTP session with it."""


UserOperation = StartContactCenterSession | EndContactCenterSession


# --- on a device's calls ---------------------------------------------------------------------------


class Dial(_ToDestination, tag=True):
    """Places a call."""


# --- on a call --------------------------------------------------------------------------------------


class Answer(Operation, tag=True):
    """Answers the ringing call."""


class Hangup(Operation, tag=True):
    """Leaves the call."""


class SingleStepTransfer(_ToDestination, tag=True):
    """Replaces this device by the destination in the call, without consultation."""


CallOperation = Answer | Hangup | SingleStepTransfer

REQUESTS: dict[type[CallOperation], Callable[[str, int, Any], t.Request]] = {
    Answer: lambda dn, conn_id, _: t.RequestAnswerCall(this_dn=dn, conn_id=conn_id),
    Hangup: lambda dn, conn_id, _: t.RequestReleaseCall(this_dn=dn, conn_id=conn_id),
    SingleStepTransfer: lambda dn, conn_id, body: t.RequestSingleStepTransfer(
        this_dn=dn, conn_id=conn_id, **body.attributes()
    ),
}
"""The request of each operation on a call, from the DN, the ConnID and the body."""


def dial_request(dn: str, body: Dial) -> t.Request:
    """Make the request that places a call."""
    return t.RequestMakeCall(this_dn=dn, **body.attributes())
