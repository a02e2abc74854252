"""A connection under test, seen from the other end: bytes go in, messages come out, or it is closed."""

from typing import Protocol

from bridge.tlib.codec import MAX_FRAME_BYTES, BadMessageError, MalformedFrameError
from bridge.tlib.message_pack import FrameReader, MessagePackCodec, frame
from bridge.tlib.messages import KeepAlivePoll, KeepAliveReply, Message

_CODEC = MessagePackCodec()
_HEAD = 4
_PIECE = 1 << 16
"""How much a socket reads at once."""


class BrokenError(Exception):
    """What must never happen has happened."""


class Socket(Protocol):
    """The other end of a connection, real or not."""

    closed: bool

    def send(self, data: bytes) -> None:
        """Send bytes; what comes after the end of the connection is lost."""

    def read_bytes(self) -> bytes:
        """Return what has arrived. A real socket waits until something has.

        Raises:
            BrokenError: nothing came in time.

        """

    def hang_up(self) -> None:
        """Hang up."""


class Peer:
    """A connection on which anything may be sent.

    It keeps account of the frames in what was sent, so it always knows whether an answer can be expected.
    """

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._reader = FrameReader(2**32)
        self._header = bytearray()
        self._missing = 0
        self._token = 0

    @property
    def closed(self) -> bool:
        """Whether the other side has hung up."""
        return self._socket.closed

    def hang_up(self) -> None:
        """Hang up."""
        self._socket.hang_up()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._account(data)
        for at in range(0, len(data), _PIECE):
            self._socket.send(data[at : at + _PIECE])

    def send_pieces(self, data: bytes, cuts: list[int]) -> None:
        """Send bytes in pieces, cut at these places."""
        self._account(data)
        for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
            self._socket.send(data[start:end])

    @property
    def is_between_frames(self) -> bool:
        """Whether all that was sent is whole frames."""
        return not self._header and not self._missing

    def finish_frame(self) -> None:
        """Send what is missing of an unfinished frame: zeros. One that is too long must end the connection.

        Raises:
            BrokenError: it does not.

        """
        while not (self.is_between_frames or self.closed):
            if self._missing > MAX_FRAME_BYTES:
                self._read(self._socket.read_bytes())
            else:
                self.send(bytes(self._missing or _HEAD - len(self._header)))

    def receive(self) -> list[Message]:
        """Give out all that comes in answer to what was sent.

        Raises:
            BrokenError: the other side neither answers nor closes, or writes what cannot be read.

        """
        self._token += 1
        self._socket.send(frame(_CODEC.encode(KeepAlivePoll(token=self._token))))
        reply = KeepAliveReply(token=self._token)
        received: list[Message] = []
        while not self.closed:
            received += self._read(self._socket.read_bytes())
            if reply in received:  # it need not be the last: time passes on the other side, too
                return [message for message in received if message != reply]
        return received + self._read(self._socket.read_bytes())

    def _read(self, data: bytes) -> list[Message]:
        try:
            return [_CODEC.decode(payload) for payload in self._reader.feed(data)]
        except (BadMessageError, MalformedFrameError) as error:
            raise BrokenError(f"it wrote what cannot be read: {error}") from error

    def _account(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._missing:
                consumed = min(self._missing, len(data) - at)
                self._missing -= consumed
            else:
                consumed = min(_HEAD - len(self._header), len(data) - at)
                self._header += data[at : at + consumed]
                if len(self._header) == _HEAD:
                    self._missing = int.from_bytes(self._header)
                    self._header.clear()
            at += consumed
