"""The operations on a user: the contact center session.

Source: GWS v2, StartContactCenterSession and EndContactCenterSession.
"""

from typing import Annotated

import msgspec

from bridge.voice.operations.base import MAX_NUMBER_LENGTH, Operation, OperationRow, Resource

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NUMBER_LENGTH)]
_Path = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]


class StartContactCenterSession(Operation, tag=True):
    """Begins the user's work: DNs are registered, and the agent is logged in.

    Attributes:
        channels: the media to work on; `voice` is the one that is served.
        place: where the user sits; without it, at the user's default place or own devices.
        device_path: at which device of the place, or of the user's own; its uri, path or id.
        login_code: the AgentID, if it is not the usual one.
        queue: the ACD queue to log in to.

    """

    channels: Annotated[list[_Name], msgspec.Meta(min_length=1, max_length=32)]
    place: _Name | None = None
    device_path: _Path | None = None
    login_code: _Name | None = None
    queue: _Name | None = None


class EndContactCenterSession(Operation, tag=True):
    """Ends the user's work, and the HTTP session with it."""


ROWS = (
    OperationRow(StartContactCenterSession, on=(Resource.ME,)),
    OperationRow(EndContactCenterSession, on=(Resource.ME,)),
)
