"""The error with which the switch refuses a request."""

from bridge.tlib.errors import ErrorCode


class RefusedError(Exception):
    """A request is refused and nothing has changed; the text is for the requester."""

    def __init__(self, code: ErrorCode, text: str) -> None:
        super().__init__(text)
        self.code = code
