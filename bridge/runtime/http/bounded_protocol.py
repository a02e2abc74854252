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
    _is_head_complete = False

    def data_received(self, data: bytes) -> None:
        """Parse bytes from the network; refuse the request when its head has become too long."""
        self._overhead += len(data)
        super().data_received(data)
        if self._overhead > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """Begin with the next request."""
        self._overhead = 0
        self._is_head_complete = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; ignore a field of the trailer, which must not pass for a header (RFC 9110, 6.5.1)."""
        if not self._is_head_complete:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin with the body."""
        self._is_head_complete = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Add a piece of the body, whose length is bounded elsewhere."""
        self._overhead = max(0, self._overhead - (1 + _FRAMING) * len(body))
        super().on_body(body)

    def _refuse(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request is complete
        if cycle is None or cycle.response_complete:
            self._write_refusal(431, b"The head of the request is longer than %d bytes" % MAX_HEAD_BYTES)
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, in the form of every other error."""
        self._write_refusal(400, msg.encode())
        self.transport.close()

    def _write_refusal(self, status: int, text: bytes) -> None:
        body = b'{"statusCode":2,"statusMessage":"%b"}' % text
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head % len(body) + body)
