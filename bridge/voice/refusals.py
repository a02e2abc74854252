"""How an operation is refused before anything is sent.

Source: GWS v2, Return Values.
"""

from enum import IntEnum


class StatusCode(IntEnum):
    """The `statusCode` of every answer."""

    OK = 0
    PARAMETER_MISSING = 1
    INVALID = 2
    FORBIDDEN = 3
    INTERNAL_ERROR = 4
    NOT_PERMITTED = 5
    NOT_FOUND = 6
    NOT_AUTHENTICATED = 20


class RefusedError(Exception):
    """An operation or a read that cannot be served; the text is for the client."""

    def __init__(self, code: StatusCode, text: str) -> None:
        super().__init__(text)
        self.code = code


class LinkDownError(RefusedError):
    """The T-Server that the operation needs cannot be reached now."""

    def __init__(self, text: str) -> None:
        super().__init__(StatusCode.INTERNAL_ERROR, text)
