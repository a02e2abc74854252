"""The operations on calls: their parameters, and the T-Server request that each becomes.

Source: GWS v2 Voice API, one page per operation; the requests follow the T-Library function of the same
meaning.
"""

from collections.abc import Callable
from typing import Any

from bridge.tlib import messages as t
from bridge.voice.operations.base import Operation, Resource, Row, ToDestination


class Dial(ToDestination, tag=True):
    """Places a call."""


class Answer(Operation, tag=True):
    """Answers the ringing call."""


class Hangup(Operation, tag=True):
    """Leaves the call."""


class SingleStepTransfer(ToDestination, tag=True):
    """Replaces this device by the destination in the call, without consultation."""


REQUESTS: dict[type[Operation], Callable[[str, int, Any], t.Request]] = {
    Answer: lambda dn, conn_id, _: t.RequestAnswerCall(this_dn=dn, conn_id=conn_id),
    Hangup: lambda dn, conn_id, _: t.RequestReleaseCall(this_dn=dn, conn_id=conn_id),
    SingleStepTransfer: lambda dn, conn_id, body: t.RequestSingleStepTransfer(
        this_dn=dn, conn_id=conn_id, **body.attributes()
    ),
}
"""The request of each operation on a call, from the DN, the ConnID and the body."""

ROWS = (
    Row(Dial, on=(Resource.DEVICE_CALLS,)),
    *(Row(body, on=(Resource.CALL,)) for body in REQUESTS),
)


def dial_request(dn: str, body: Dial) -> t.Request:
    """Make the request that places a call."""
    return t.RequestMakeCall(this_dn=dn, **body.attributes())
