"""The yardstick of part (e): a server that writes each frame it gets to all its clients, as it is."""

from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from bridge.tlib.codec import MAX_FRAME_BYTES
from bridge.tlib.message_pack import FrameReader, frame


class Copier(Factory["CopierProtocol"]):
    """Makes the connections and knows them."""

    noisy = False

    def __init__(self) -> None:
        self.connections: set[CopierProtocol] = set()

    def buildProtocol(self, addr: object) -> "CopierProtocol":  # noqa: ARG002, N802 (Twisted's names)
        return CopierProtocol(self)


class CopierProtocol(Protocol):
    """One connection."""

    def __init__(self, all_of_them: Copier) -> None:
        self._connections = all_of_them.connections
        self._reader = FrameReader(MAX_FRAME_BYTES)

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        self._connections.add(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002, N802 (Twisted's name)
        self._connections.discard(self)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        for payload in self._reader.feed(data):
            whole = frame(bytes(payload))
            for connection in self._connections:
                assert connection.transport is not None
                connection.transport.write(whole)
