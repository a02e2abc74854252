"""The operations on a user: the contact center session.

Source: GWS v2, StartContactCenterSession and EndContactCenterSession.
"""

from typing import Annotated

import msgspec

from bridge.voice.operations.base import Operation, Resource, Row


class StartContactCenterSession(Operation, tag=True):
    """Begins the user's work: the DNs of the user's devices are registered."""

    channels: Annotated[list[str], msgspec.Meta(min_length=1, max_length=32)]


class EndContactCenterSession(Operation, tag=True):
    """Ends the user's work, and the HTTP session with it."""


ROWS = (
    Row(StartContactCenterSession, on=(Resource.ME,)),
    Row(EndContactCenterSession, on=(Resource.ME,)),
)
