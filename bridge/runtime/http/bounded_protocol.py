"""uvicorn's httptools protocol with a bound: uvicorn keeps the head of a request however long that grows.

What this needs of uvicorn is not public: `bridge.runtime.http.uvicorn_support` checks that it is there.
"""

from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from bridge.runtime.http.uvicorn_support import MAX_HEAD_BYTES

_FRAMING: Final = 8
"""How many bytes more than a piece of a body its framing may take; chunks of one byte take five."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Refuses a request with too long a head (431): else anybody could fill the memory."""

    _overhead = 0
    """Bytes of the request that were no body."""

    def data_received(self, data: bytes) -> None:
        """Parse bytes from the network; refuse the request when its head has become too long."""
        self._overhead += len(data)
        super().data_received(data)
        if self._overhead > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """Begin with the next request."""
        self._overhead = 0
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Add a piece of the body, whose length is bounded elsewhere."""
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
