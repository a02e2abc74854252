"""The port of a real `tserver-sim`, over TCP."""

import json
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.fuzz import sites
from tests.fuzz.cleanup import end_calls
from tests.fuzz.control_client import ControlClient
from tests.fuzz.memory import resident_bytes
from tests.fuzz.peers import BrokenError, Peer
from tests.fuzz.usual import FROM_CLIENTS
from tests.processes import PROGRAMS

_PATIENCE_SECONDS = 10.0
_READ_BYTES = 1 << 16
_FAILURES = re.compile(r"Traceback|request failed|\"level\": \"(?:error|critical)\"")


class TcpSocket:
    """A real connection."""

    def __init__(self, port: int) -> None:
        self.closed = False
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        """Send bytes; where the other side has closed, they are lost."""
        if self.closed:
            return
        try:
            self._socket.sendall(data)
        except ConnectionError:
            self.hang_up()

    def read_bytes(self) -> bytes:
        """Wait for bytes, or for the end.

        Raises:
            BrokenError: neither came.

        """
        if self.closed:
            return b""
        try:
            data = self._socket.recv(_READ_BYTES)
        except TimeoutError as error:
            raise BrokenError("it neither answers nor closes") from error
        except ConnectionError:
            data = b""
        if not data:
            self.hang_up()
        return data

    def hang_up(self) -> None:
        """Hang up."""
        self.closed = True
        self._socket.close()


class TcpTarget:
    """A program of its own with a witness among its clients. Its time is the real one."""

    input = FROM_CLIENTS
    slack = 0

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        site = Path(self._folder.name) / "site.yaml"
        site.write_text(json.dumps(sites.SITE), encoding="utf-8")
        self._log = (Path(self._folder.name) / "log").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [PROGRAMS / "tserver-sim", "serve", "--port=0", "--control-port=0", f"--site={site}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        try:
            self._port = self._read_port()
            self._control_client = ControlClient(self.connect())
        except BaseException:
            self._stop()
            raise

    def _read_port(self) -> int:
        assert self._process.stdout is not None
        port = re.search(r"tcp://\S+:(\d+)", self._process.stdout.readline())
        if port is None:
            raise BrokenError("tserver-sim did not start")
        return int(port[1])

    def connect(self) -> Peer:
        """Let a client connect."""
        return Peer(TcpSocket(self._port))

    def advance(self, seconds: float) -> None:
        """Leave time alone."""

    @property
    def mark(self) -> int:
        """The ConnID of the last call."""
        return self._control_client.last_conn_id

    def catch_up(self, mark: int) -> None:
        """Make as many calls."""
        self._control_client.catch_up(mark)

    def check(self) -> None:
        """Have the witness make a call, and read what was logged."""
        self._control_client.check()
        failure = _FAILURES.search(logged := self._log.read())
        if failure:
            raise BrokenError(f"logged: {logged[failure.start() :][:5000]}")

    def clean(self) -> None:
        """End all calls."""
        end_calls(self.connect(), self.advance)
        self.check()

    def live(self) -> int:
        """Count the open files of the program, when it has noticed who left."""
        seen = self._open_files()
        while (now := self._settled_files()) < seen:
            seen = now
        return seen

    def _settled_files(self) -> int:
        time.sleep(0.2)
        self.check()
        return self._open_files()

    def _open_files(self) -> int:
        folder = Path(f"/proc/{self._process.pid}/fd")
        return sum(1 for _ in folder.iterdir()) if folder.exists() else 0

    def resident(self) -> int:
        """Tell the memory of the program."""
        return resident_bytes(self._process.pid)

    def close(self) -> None:
        """End the program."""
        self._control_client.hang_up()
        self._stop()

    def _stop(self) -> None:
        self._process.terminate()
        self._process.communicate()
        self._log.close()
        self._folder.cleanup()
