"""What is sent to a T-Server on whose behalf, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.voice.model.device import Device


class Purpose(Enum):
    """What a request is about, which says who deals with its outcome."""

    CALL = "a call, or the making of one"
    REGISTER = "having a DN registered"
    LOGIN = "logging an agent in"
    END_SESSION = "logging an agent out and having the DN unregistered, at the end of a session"
    AGENT_STATE = "the state of an agent"
    DEVICE = "a feature of a DN"
    MONITOR = "listening in"


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """The operation behind a request; it rides along until the outcome is known.

    Attributes:
        operation: its name; None when the bridge itself asks, to know what it missed.
        device: whose it is.
        conn_id: the call it is about, if it is about one.
        purpose: what it is about.
        requested_by: who asked for it, if not the user of the device.

    """

    operation: str | None
    device: Device
    conn_id: int | None = None
    purpose: Purpose = Purpose.CALL
    requested_by: str | None = None


class RequestFailure(Protocol):
    """Why a request did not do what it was sent for."""

    @property
    def code(self) -> ErrorCode:
        """The T-Server's error number, or one for a lost outcome."""

    @property
    def text(self) -> str:
        """The reason, in words for people."""


SendRequest = Callable[[str, t.Request, PendingRequest], None]
"""Puts a request on the link of a switch; raises `LinkDownError` when that cannot be done now."""
