"""A Twisted protocol without a socket below it."""

import gc
from pathlib import Path

from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.interfaces import IProtocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from tests.fuzz.peers import BrokenError

_PAGE_BYTES = 4096


class MemorySocket(StringTransport):
    """Both the transport of a protocol and the other end of its connection, which always reads."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False
        self._ending = False

    def attach(self, protocol: IProtocol) -> None:
        """Connect."""
        self._protocol = protocol
        protocol.makeConnection(self)

    # --- what the protocol does ------------------------------------------------------------------

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: FBT001, N802 (Twisted's name)
        """There is nothing to delay."""

    def loseConnection(self) -> None:  # noqa: N802 (Twisted's name)
        """End when the protocol has returned, as a reactor does."""
        self._ending = True

    def abortConnection(self) -> None:  # noqa: N802 (Twisted's name)
        """The same: nothing waits to be written."""
        self._ending = True

    # --- the other end ---------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Let the protocol receive bytes.

        Raises:
            BrokenError: an exception escaped.

        """
        if self.closed:
            return
        try:
            self._protocol.dataReceived(data)
        except Exception as error:
            raise BrokenError(f"dataReceived raised {error!r}") from error
        self.settle()

    def settle(self) -> None:
        """Do what a reactor would do next."""
        if self._ending and not self.closed:
            self._end(ConnectionAborted())

    def read_bytes(self) -> bytes:
        """Return what was written."""
        written: bytes = self.value()
        self.clear()
        if not written and not self.closed:
            raise BrokenError("it neither answers nor closes")
        return written

    def hang_up(self) -> None:
        """Hang up."""
        if not self.closed:
            self._end(ConnectionDone())

    def _end(self, reason: Exception) -> None:
        self.closed = True
        self._protocol.connectionLost(Failure(reason))


def live_objects() -> int:
    """Count what the garbage collector knows of after it has collected."""
    gc.collect()
    return len(gc.get_objects())


def resident_bytes(pid: int | str = "self") -> int:
    """Tell how much memory a process has: 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    except OSError:
        return 0
