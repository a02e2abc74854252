"""Requests that are on their way: the operation behind each, and its failure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.voice.model.device import Device


class Purpose(Enum):
    """What a request is for. It selects the handler of a failure."""

    CALL = "a call, or the making of one"
    REGISTER = "the registration of a DN"
    LOGIN = "the login of an agent"
    END_SESSION = "the logout of an agent and the end of the registration, at the end of a session"
    AGENT_STATE = "the state of an agent"
    DEVICE = "a feature of a DN"
    MONITOR = "the arrangement of supervisor monitoring"


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """The operation behind a request. The link keeps it until the outcome is known.

    Attributes:
        operation: its name; None for a query of the bridge itself.
        device: the device that it is sent for.
        conn_id: the call that it is about, if any.
        purpose: what it is for.
        requested_by: the user who asked for it, if not the user of the device.

    """

    operation: str | None
    device: Device
    conn_id: int | None = None
    purpose: Purpose = Purpose.CALL
    requested_by: str | None = None


class RequestFailure(Protocol):
    """The failure of a request."""

    @property
    def code(self) -> ErrorCode:
        """The T-Server's error number, or one for a lost outcome."""

    @property
    def text(self) -> str:
        """The reason, in words for people."""


SendRequest = Callable[[str, t.Request, PendingRequest], None]
"""Sends a request on the link of a switch; raises `LinkDownError` when the link is down or overloaded."""
