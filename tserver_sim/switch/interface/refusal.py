"""How the switch says no."""

from bridge.tlib.errors import ErrorCode


class RefusedError(Exception):
    """A request is not carried out and nothing has changed; the text is for the one who asked."""

    def __init__(self, code: ErrorCode, text: str) -> None:
        super().__init__(text)
        self.code = code
