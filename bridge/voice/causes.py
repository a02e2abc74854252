"""What is sent to a T-Server on whose behalf, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bridge.tlib import messages as t
from bridge.tlib.errors import ErrorCode
from bridge.voice.device import Device


@dataclass(frozen=True, slots=True)
class Cause:
    """The operation behind a request; it rides along until the outcome is known.

    Attributes:
        operation: its name; None when the bridge itself asks, to know what it missed.
        device: whose it is.
        conn_id: the call it is about, if it is about one.

    """

    operation: str | None
    device: Device
    conn_id: int | None = None


class Failure(Protocol):
    """Why a request did not do what it was sent for."""

    @property
    def code(self) -> ErrorCode:
        """The T-Server's error number, or one for a lost outcome."""

    @property
    def text(self) -> str:
        """The reason, in words for people."""


Send = Callable[[str, t.Request, Cause], None]
"""Puts a request on the link of a switch; raises `LinkDownError` when that cannot be done now."""
