"""The refusals of operations and reads.

Source: GWS v2, Return Values.
"""

from enum import IntEnum
from typing import Any

import msgspec


class StatusCode(IntEnum):
    """The `statusCode` of every answer."""

    OK = 0
    PARAMETER_MISSING = 1
    INVALID = 2
    FORBIDDEN = 3
    INTERNAL_ERROR = 4
    NOT_PERMITTED = 5
    NOT_FOUND = 6
    PARTIAL_SUCCESS = 7
    PASSWORD_CHANGE_REQUIRED = 8
    INCOMPLETE = 9
    OUT_OF_RANGE = 10
    READ_ONLY = 11
    CANNOT_RETRIEVE = 12
    CANNOT_CREATE = 13
    CANNOT_DELETE = 14
    CANNOT_UPDATE = 15
    CANNOT_ASSIGN = 16
    CANNOT_UNASSIGN = 17
    ALREADY_EXISTS = 18
    IN_USE = 19
    NOT_AUTHENTICATED = 20


class ApiError(Exception):
    """An operation or a read is refused; the text is for the client."""

    def __init__(self, code: StatusCode, text: str) -> None:
        super().__init__(text)
        self.code = code


class LinkDownError(ApiError):
    """The T-Server that the operation needs cannot be reached now."""

    def __init__(self, text: str) -> None:
        super().__init__(StatusCode.INTERNAL_ERROR, text)


class PartialSuccess(msgspec.Struct, frozen=True):
    """The outcome of an operation on several things of which some failed; never of which all did.

    Attributes:
        succeeded: an object for each with its name and `statusCode` 0.
        failed: an object for each with its name, `statusCode` and `statusMessage`.

    """

    succeeded: tuple[dict[str, Any], ...]
    failed: tuple[dict[str, Any], ...]
