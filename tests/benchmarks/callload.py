"""The load program of part (d): `python -m tests.benchmarks.callload`.

A line is three DNs, each on another connection. The caller dials the target, which answers; the caller
transfers it to the colleague, who answers and hangs up. Then the line begins again.
"""

import gc
import selectors
import sys
from collections.abc import Callable, Sequence
from time import perf_counter

import msgspec

from bridge.tlib import messages as t
from tests.benchmarks import site
from tests.benchmarks.figures import CallLoadFigures, Latency
from tests.benchmarks.processes import processor_seconds
from tests.benchmarks.raw import (
    ANY_CONN_ID,
    PATIENCE_SECONDS,
    CallFrame,
    Head,
    RawClient,
    RefusedError,
    head,
    plain_frame,
)

CALLER, TARGET, COLLEAGUE = 0, 1, 2

_STEPS = (
    (t.EventRinging.number.value, TARGET),
    (t.EventEstablished.number.value, CALLER),
    (t.EventRinging.number.value, COLLEAGUE),
    (t.EventEstablished.number.value, COLLEAGUE),
)
"""What a line waits for before it sends its next request, in order; the first request needs nothing."""

_OUTCOMES = frozenset(kind.number.value for kind in (t.EventDialing, t.EventEstablished, t.EventReleased))
"""Each request has one of them at the DN that asked as its outcome."""

_RELEASED = t.EventReleased.number.value


class Question(msgspec.Struct, frozen=True):
    """What this program is asked."""

    port: int
    pid: int
    """The process of the switch."""
    seconds: float
    clients: int
    under_way: tuple[int, ...]
    """How many calls to have at once; each number is measured for `seconds`."""


class Connection:
    """One client of the T-Server and what it has to send at the end of this turn."""

    def __init__(self, port: int, name: str) -> None:
        self.client = RawClient(port)
        self.client.open(name)
        self.to_send: list[bytes] = []


class Line:
    """Three DNs and their call."""

    __slots__ = ("_frames", "_step", "connections", "dns", "released", "requested_at")

    def __init__(self, number: int, connections: Sequence[Connection]) -> None:
        self.dns = (site.agent(number), site.caller(number), site.target(number))
        self.connections = [connections[(number + role) % len(connections)] for role in range(3)]
        caller, target, colleague = self.dns
        ours = [3 * number + role + 1 for role in range(3)]
        made = plain_frame(t.RequestMakeCall(this_dn=caller, other_dn=target, reference_id=ours[CALLER]))
        self._frames = (
            (CALLER, lambda _: made),
            (TARGET, _answer(target, ours[TARGET])),
            (CALLER, _transfer(caller, colleague, ours[CALLER])),
            (COLLEAGUE, _answer(colleague, ours[COLLEAGUE])),
            (COLLEAGUE, _release(colleague, ours[COLLEAGUE])),
        )
        self.requested_at = [0.0, 0.0, 0.0]
        """When each DN sent the request whose outcome it waits for; 0 is never."""
        self.released = 0
        self._step = 0

    def dial(self, now: float) -> None:
        """Begin a call."""
        self.released = self._step = 0
        self._send(0, now)

    def handle_event(self, event: Head, role: int, now: float) -> None:
        """Send the next request if this is the event it waits for."""
        if self._step < len(_STEPS) and (event.number, role) == _STEPS[self._step]:
            self._step += 1
            self._send(event.conn_id, now)

    def _send(self, conn_id: int, now: float) -> None:
        role, make = self._frames[self._step]
        self.requested_at[role] = now
        self.connections[role].to_send.append(make(conn_id))


def _answer(dn: str, reference: int) -> Callable[[int], bytes]:
    return CallFrame(t.RequestAnswerCall(this_dn=dn, conn_id=ANY_CONN_ID, reference_id=reference)).of


def _transfer(dn: str, to: str, reference: int) -> Callable[[int], bytes]:
    return CallFrame(
        t.RequestSingleStepTransfer(this_dn=dn, conn_id=ANY_CONN_ID, other_dn=to, reference_id=reference)
    ).of


def _release(dn: str, reference: int) -> Callable[[int], bytes]:
    return CallFrame(t.RequestReleaseCall(this_dn=dn, conn_id=ANY_CONN_ID, reference_id=reference)).of


class Load:
    """All lines on all connections."""

    def __init__(self, question: Question) -> None:
        self._pid = question.pid
        self._connections = [Connection(question.port, f"load{number}") for number in range(question.clients)]
        self._lines = [Line(number, self._connections) for number in range(max(question.under_way))]
        self._places = {dn: (line, role) for line in self._lines for role, dn in enumerate(line.dns)}
        self._selector = selectors.DefaultSelector()
        for connection in self._connections:
            dns = [dn for dn, (line, role) in self._places.items() if line.connections[role] is connection]
            connection.client.register(dns)
            self._selector.register(connection.client.socket, selectors.EVENT_READ, connection)
        self._calls = self._messages = self._under_way = 0
        self._took: list[float] = []

    def measure(self, under_way: int, seconds: float) -> CallLoadFigures:
        """Keep so many calls under way for so long."""
        self._calls = self._messages = 0
        self._took.clear()
        used_before, began = processor_seconds(self._pid), perf_counter()
        self._ends = began + seconds
        for line in self._lines[:under_way]:
            line.dial(began)
        self._under_way = under_way
        self._flush()
        while perf_counter() < self._ends:
            self._turn()
        lasted, used = perf_counter() - began, processor_seconds(self._pid) - used_before
        calls, messages, took = self._calls, self._messages, Latency.of(self._took)
        while self._under_way:
            self._turn()
        return CallLoadFigures(
            under_way=under_way,
            calls_per_second=calls / lasted,
            messages_per_second=messages / lasted,
            switch_cpu_us=used / messages * 1e6 or None,
            switch_busy=used / lasted or None,
            request_to_event=took,
        )

    def _turn(self) -> None:
        ready = self._selector.select(PATIENCE_SECONDS)
        if not ready:
            raise RefusedError(f"{self._under_way} calls got stuck")
        for key, _ in ready:
            connection: Connection = key.data
            now = perf_counter()
            for payload in connection.client.payloads():
                self._messages += 1
                event = head(payload)
                line, role = self._places[event.this_dn]
                if line.requested_at[role] and event.number in _OUTCOMES:
                    self._took.append(now - line.requested_at[role])
                    line.requested_at[role] = 0.0
                if event.number == _RELEASED:
                    self._release(line, now)
                else:
                    line.handle_event(event, role, now)
        self._flush()

    def _release(self, line: Line, now: float) -> None:
        line.released += 1
        if line.released < len(line.dns):
            return
        self._calls += 1
        if now < self._ends:
            line.dial(now)
        else:
            self._under_way -= 1

    def _flush(self) -> None:
        for connection in self._connections:
            if connection.to_send:
                self._messages += len(connection.to_send)
                connection.client.socket.sendall(b"".join(connection.to_send))
                connection.to_send.clear()


def main() -> None:
    """Answer the question on stdin."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    load = Load(question)
    gc.disable()
    load.measure(max(question.under_way), question.seconds / 5)  # warms up
    figures = [load.measure(number, question.seconds) for number in question.under_way]
    print(msgspec.json.encode(figures).decode())


if __name__ == "__main__":
    main()
