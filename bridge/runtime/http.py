"""uvicorn's HTTP with a bound: without, it keeps the head of a request however long that grows."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

MAX_HEAD_BYTES: Final = 64 * 1024
"""How much of a request may be something else than its body. The buffer of one read may come on top."""

_FRAMING: Final = 8
"""How much more than a piece of a body its framing may take: of chunks of one byte, five."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Refuses requests with too long a head, with 431; so that nobody fills the memory without a password."""

    _overhead = 0

    def data_received(self, data: bytes) -> None:
        """Take what has come from the network."""
        self._overhead += len(data)
        super().data_received(data)
        if self._overhead > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """Begin with the next request."""
        self._overhead = 0
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body, which has bounds of its own."""
        self._overhead = max(0, self._overhead - (1 + _FRAMING) * len(body))
        super().on_body(body)

    def _refuse(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request is complete
        if cycle is None or cycle.response_complete:
            text = b'{"statusCode":2,"statusMessage":"The head of the request is longer than %d bytes"}'
            body = text % MAX_HEAD_BYTES
            head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[431] + head % len(body) + body)
        self.transport.close()
