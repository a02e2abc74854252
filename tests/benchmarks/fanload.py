"""The load program of part (e): `python -m tests.benchmarks.fanload`.

Many clients watch the same DNs. One of them has these dial and hang up, again and again; each request is one
event, and each event goes to all of them.
"""

import gc
import selectors
import sys
from collections.abc import Callable
from time import perf_counter

import msgspec

from bridge.tlib import messages as t
from bridge.tlib.message_pack import frame
from tests.benchmarks import site
from tests.benchmarks.figures import FanFigures
from tests.benchmarks.processes import processor_seconds
from tests.benchmarks.raw import (
    ANY_CONN_ID,
    PATIENCE_SECONDS,
    CallFrame,
    RawClient,
    RefusedError,
    head,
    plain_frame,
)

DNS = 8
"""DNs that dial and hang up at once."""

Answer = Callable[[memoryview], bytes | None]
"""What the first client sends when it gets a frame."""


class Question(msgspec.Struct, frozen=True):
    """What this program is asked: about a T-Server, or about the yardstick."""

    server: str
    port: int
    pid: int
    seconds: float
    watchers: int
    event_bytes: int | None
    """The size of the frames that the yardstick shall copy; None for a T-Server."""


class Callers:
    """The DNs of a T-Server that dial and hang up."""

    def __init__(self) -> None:
        names = [site.caller(number) for number in range(DNS)]
        self.dns = tuple(names)
        self._dial = {
            dn: plain_frame(
                t.RequestMakeCall(this_dn=dn, other_dn=site.target(number), reference_id=number + 1)
            )
            for number, dn in enumerate(names)
        }
        self._hang_up = {
            dn: CallFrame(t.RequestReleaseCall(this_dn=dn, conn_id=ANY_CONN_ID, reference_id=number + 1))
            for number, dn in enumerate(names)
        }

    def begin(self) -> bytes:
        """Have all of them dial."""
        return b"".join(self._dial.values())

    def answer(self, payload: memoryview) -> bytes | None:
        """Hang up what dials, and dial again when it has hung up."""
        event = head(payload)
        if event.number == t.EventDialing.number:
            return self._hang_up[event.this_dn].of(event.conn_id)
        return self._dial[event.this_dn] if event.number == t.EventReleased.number else None


class Watching:
    """All the clients."""

    def __init__(self, question: Question) -> None:
        self._pid = question.pid
        self._selector = selectors.DefaultSelector()
        clients = [RawClient(question.port) for _ in range(question.watchers)]
        self._driver = clients[0]
        if question.event_bytes is None:
            callers = Callers()
            for number, client in enumerate(clients):
                client.open(f"watcher{number}")
                client.register(callers.dns)
            self._begin, self._answer = callers.begin(), callers.answer
        else:
            self._begin = frame(bytes(question.event_bytes - 4)) * DNS
            self._answer = _again
        for client in clients:
            self._selector.register(client.socket, selectors.EVENT_READ, client)
        self._events = self._bytes = 0

    def measure(self, server: str, seconds: float) -> tuple[FanFigures, int]:
        """Load the server for so long; gives also the mean size of a frame."""
        self._driver.socket.sendall(self._begin)
        self._run_until(perf_counter() + seconds / 5)  # warms up
        self._events = self._bytes = 0
        used_before, began = processor_seconds(self._pid), perf_counter()
        self._run_until(began + seconds)
        lasted, used = perf_counter() - began, processor_seconds(self._pid) - used_before
        rate, cpu = self._events / lasted, used / self._events * 1e6 or None
        return FanFigures(server, rate, cpu), self._bytes // self._events

    def _run_until(self, ends: float) -> None:
        while perf_counter() < ends:
            ready = self._selector.select(PATIENCE_SECONDS)
            if not ready:
                raise RefusedError("no event came any more")
            for key, _ in ready:
                self._take(key.data)

    def _take(self, client: RawClient) -> None:
        payloads = list(client.payloads())
        self._events += len(payloads)
        self._bytes += sum(len(payload) + 4 for payload in payloads)
        if client is self._driver:
            answers = [answer for payload in payloads if (answer := self._answer(payload))]
            client.socket.sendall(b"".join(answers))


def _again(payload: memoryview) -> bytes:
    return frame(bytes(payload))


def main() -> None:
    """Answer the question on stdin."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    watching = Watching(question)
    gc.disable()
    print(msgspec.json.encode(watching.measure(question.server, question.seconds)).decode())


if __name__ == "__main__":
    main()
