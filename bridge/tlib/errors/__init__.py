"""The error numbers of EventError and their texts."""

from bridge.tlib.errors.codes import ErrorCode
from bridge.tlib.errors.texts import TEXTS

__all__ = ["TEXTS", "ErrorCode"]
