"""The load program of the second half of part (h): how much an idle CometD session takes.

`python -m tests.benchmarks.idleload`, a question on stdin, figures on stdout.
"""

import sys
from time import perf_counter

import msgspec

from tests.benchmarks.figures import IdleFigures
from tests.benchmarks.processes import proportional_bytes
from tests.benchmarks.subscribers import Contender, Session, injection, open_all
from tests.benchmarks.wire import Http, Wires

_FIRST = 100
"""Sessions that are there before anything is measured: what the server needs once, it then has."""

_QUIET_SECONDS = 1.0
"""For how long nothing may arrive before the memory is looked at."""


class Question(msgspec.Struct, frozen=True):
    """What this program is asked."""

    contender: Contender
    sessions: int


def measure(question: Question) -> IdleFigures:
    """Open sessions, look at the server's memory while they idle, and see that each still gets its event."""
    wires, contender = Wires(), question.contender
    first = min(_FIRST, question.sessions // 2)
    sessions = _open(wires, contender, range(first))
    wires.settle(_QUIET_SECONDS)
    before = proportional_bytes(contender.pid)
    began = perf_counter()
    sessions += _open(wires, contender, range(first, question.sessions))
    took = perf_counter() - began
    wires.settle(_QUIET_SECONDS)
    after = proportional_bytes(contender.pid)
    new = len(sessions) - first
    _expect_events(wires, contender, sessions)
    return IdleFigures(
        server=contender.server,
        transport=contender.transport,
        sessions=len(sessions),
        opened_per_second=new / took,
        bytes_per_session=None if before is None or after is None else (after - before) / new,
    )


def _open(wires: Wires, contender: Contender, numbers: range) -> list[Session]:
    sessions = [Session(wires, contender.port, contender.transport, number) for number in numbers]
    open_all(wires, sessions)
    return sessions


def _expect_events(wires: Wires, contender: Contender, sessions: list[Session]) -> None:
    left = len(sessions)

    def told(_session: Session, count: int) -> None:
        nonlocal left
        left -= count

    for session in sessions:
        session.told = told
    injectors = [Http(wires, contender.port) for _ in range(0, len(sessions), 500)]
    for number, injector in enumerate(injectors):
        some = sessions[500 * number : 500 * (number + 1)]
        injector.ask(injection([session.channel for session in some]), lambda _: None)
    wires.run(until=lambda: not left)


def main() -> None:
    """Answer the question on stdin."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    print(msgspec.json.encode(measure(question)).decode())


if __name__ == "__main__":
    main()
