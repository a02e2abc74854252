"""HTTP and websockets as cheap as a load program can speak them: one thread, callbacks, no tasks.

Requests are made beforehand, and no more of an answer is read than its end and what the asker looks for.
"""

import base64
import hashlib
import re
import selectors
import socket
from collections.abc import Callable
from time import perf_counter

from tests.benchmarks.where import HOST

PATIENCE_SECONDS = 30.0
"""For how long nothing may happen at all."""

_READ_BYTES = 1 << 14  # more would be mapped and unmapped by the system each time
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_KEY = base64.b64encode(b"any sixteen byte").decode()
_ACCEPT = base64.b64encode(
    hashlib.sha1(f"{_KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()  # noqa: S324 (RFC 6455, 4.2.2)
)
_TEXT, _PING = 0x81, 0x89
_PONG = 0x8A

Take = Callable[[bytes], None]
"""Is given an HTTP answer with its head, or the payload of a websocket's message."""


class BadAnswerError(Exception):
    """The server answered what it should not, or hung up, or said nothing any more."""


class Wires:
    """All connections of the program."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def add(self, port: int, arrived: Callable[[], None]) -> socket.socket:
        """Connect to a port of this machine; `arrived` is called when there is something to read."""
        opened = socket.create_connection((HOST, port), timeout=PATIENCE_SECONDS)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.settimeout(0)  # or each call would ask first whether it has to wait
        self._selector.register(opened, selectors.EVENT_READ, arrived)
        return opened

    def turn(self, patience: float = PATIENCE_SECONDS) -> bool:
        """Wait until something arrives and pass it on; tell whether something did in `patience` seconds."""
        ready = self._selector.select(patience)
        for key, _ in ready:
            key.data()
        return bool(ready)

    def run(self, *, until: Callable[[], bool]) -> None:
        """Go on until that is so.

        Raises:
            BadAnswerError: nothing arrives any more.

        """
        while not until():
            if not self.turn():
                raise BadAnswerError(f"nothing arrived for {PATIENCE_SECONDS:g} seconds")

    def run_for(self, seconds: float) -> None:
        """Go on for so long."""
        self.run_until(perf_counter() + seconds)

    def run_until(self, ends: float) -> None:
        """Go on until a time of `perf_counter`; the core is others' while there is nothing to be read."""
        while (left := ends - perf_counter()) > 0:
            self.turn(left)

    def spin_until(self, ends: float) -> None:
        """Do so on a core that is nobody else's: who waits is woken late."""
        while perf_counter() < ends:
            self.turn(0)

    def settle(self, quiet_seconds: float) -> None:
        """Go on until nothing has arrived for so long."""
        while self.turn(quiet_seconds):
            pass


class Http:
    """A kept-alive connection with at most one request under way."""

    __slots__ = ("_received", "_socket", "_take")

    def __init__(self, wires: Wires, port: int) -> None:
        self._take: Take = _passed_over
        self._received = b""
        self._socket = wires.add(port, self._arrived)

    def ask(self, request: bytes, take: Take) -> None:
        """Send a request; its answer is given to `take`."""
        self._take = take
        self._socket.send(request)  # which takes the whole of it: it is short, and nothing else is under way

    def _arrived(self) -> None:
        data = self._socket.recv(_READ_BYTES)
        if not data:
            raise BadAnswerError("the server hung up")
        if self._received:
            data = self._received + data
        if _is_whole(data):
            self._received = b""
            self._take(data)
        else:
            self._received = data


def _passed_over(_: bytes) -> None:
    pass


def _is_whole(answer: bytes) -> bool:
    end = answer.find(_HEAD_END)
    if end < 0:
        return False
    length = _LENGTH.search(answer, 0, end)
    if length is None:
        return answer.endswith(_LAST_CHUNK)
    return len(answer) >= end + len(_HEAD_END) + int(length[1])


class WebSocket:
    """A websocket without extensions; messages are expected whole, as short ones are sent."""

    __slots__ = ("_received", "_socket", "_take")

    def __init__(self, wires: Wires, port: int, path: str) -> None:
        self._take: Take = _passed_over
        self._received = b""
        self._socket = wires.add(port, self._arrived)
        self._upgrade(path)

    def ask(self, message: bytes, take: Take) -> None:
        """Send a frame that `masked` made; whatever comes from now on is given to `take`."""
        self._take = take
        self._socket.send(message)

    def _upgrade(self, path: str) -> None:
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: {HOST}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {_KEY}",
        )
        self._socket.settimeout(PATIENCE_SECONDS)
        self._socket.sendall("\r\n".join(lines).encode() + _HEAD_END)
        answer = b""
        while _HEAD_END not in answer:
            more = self._socket.recv(_READ_BYTES)
            if not more:
                raise BadAnswerError("the server hung up instead of opening a websocket")
            answer += more
        head, _, self._received = answer.partition(_HEAD_END)
        if not head.startswith(b"HTTP/1.1 101 ") or _ACCEPT not in head:
            raise BadAnswerError(head.decode())
        self._socket.settimeout(0)

    def _arrived(self) -> None:
        data = self._socket.recv(_READ_BYTES)
        if not data:
            raise BadAnswerError("the server hung up")
        if self._received:
            data = self._received + data
        at = 0
        while at < len(data) and (frame := _frame(data, at)) is not None:
            begin, at, kind = frame
            if kind == _TEXT:
                self._take(data[begin:at])
            elif kind == _PING:
                self._socket.send(_masked(_PONG, data[begin:at]))
            else:
                raise BadAnswerError(f"a frame of another kind came: {data[begin:at]!r}")
        self._received = data[at:]


def _frame(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Find where the payload of the next frame begins and ends, and its kind; None: not all is here."""
    begin = at + 2
    if len(data) < begin:
        return None
    size = data[at + 1]
    if size > 125:
        longer = 2 if size == 126 else 8
        begin += longer
        if len(data) < begin:
            return None
        size = int.from_bytes(data[at + 2 : begin])
    end = begin + size
    return (begin, end, data[at]) if len(data) >= end else None


def masked(text: bytes) -> bytes:
    """Make the frame of a client's message."""
    return _masked(_TEXT, text)


def _masked(kind: int, payload: bytes) -> bytes:
    """Mask with nothing, which is a mask as good as any here."""
    size = len(payload)
    length = bytes((0x80 | size,)) if size <= 125 else b"\xfe" + size.to_bytes(2)
    return b"%c%b\0\0\0\0%b" % (kind, length, payload)
