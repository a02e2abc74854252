"""The load program of part (i).

`python -m tests.benchmarks.operationload`, a question on stdin, figures on stdout.
"""

import gc
import re
import statistics
import sys
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter

import msgspec

from tests.benchmarks.agents import ESTABLISHED, HELD, OTHERS, RELEASED, RINGING, Agent
from tests.benchmarks.figures import Latency, OperationFigures, OperationLoadFigures
from tests.benchmarks.processes import processor_seconds
from tests.benchmarks.wire import BadAnswerError, Wires

AT_A_TIME = 32
"""Calls, with an operation under way on each."""

FIXED_RATE = 200.0
"""Transfers per second when the bridge is not loaded as much as it can take."""

_CALL_ID = re.compile(rb'"call":\{"id":"([^"]+)"')


class Question(msgspec.Struct, frozen=True):
    """What this program is asked."""

    port: int
    pid: int
    seconds: float
    rounds: int


Done = Callable[["Call"], None]


class Call:
    """A call of three agents: one stays in it, and the other two hand it to each other."""

    def __init__(self, caller: Agent, owner: Agent, other: Agent) -> None:
        self._caller = caller
        self._owner, self._other = owner, other
        self.is_held = False
        self._left = 0
        self._done: Done = _nothing_follows
        self.sent = 0.0
        self.rang = 0.0

    def begin(self, done: Done) -> None:
        """Have the caller dial, and the owner answer."""
        self._expect(4, done)
        self._owner.on(RINGING, self._rings_first)
        self._caller.dial(self._owner, self._one)

    def _rings_first(self, answer: bytes) -> None:
        found = _CALL_ID.search(answer)
        if found is None:
            raise BadAnswerError(answer.decode())
        call_id = found[1].decode()
        self._owner.take_part(call_id, self._other)
        self._other.take_part(call_id, self._owner)
        self._owner.on(ESTABLISHED, self._one)
        self._caller.on(ESTABLISHED, self._one)
        self._owner.do("Answer", self._one)

    def hold_or_retrieve(self, done: Done) -> None:
        """Put the call on hold or take it back: an answer, and a notification."""
        self._expect(2, done)
        self.is_held = not self.is_held
        self._owner.on(HELD if self.is_held else ESTABLISHED, self._one)
        self._owner.do("Hold" if self.is_held else "Retrieve", self._one)

    def transfer(self, done: Done) -> None:
        """Hand the call over, and have the other one answer: two answers, and four notifications."""
        self._expect(6, done)
        owner, other = self._owner, self._other
        self._owner, self._other = other, owner
        owner.on(RELEASED, self._one)
        other.on(RINGING, self._rings)
        self._caller.on(OTHERS, self._one)
        self.sent = perf_counter()
        owner.do("transfer", self._one)

    def _rings(self, answer: bytes) -> None:
        self.rang = perf_counter()
        self._owner.on(ESTABLISHED, self._one)
        self._owner.do("Answer", self._one)
        self._one(answer)

    def _expect(self, count: int, done: Done) -> None:
        self._left, self._done = count, done

    def _one(self, _answer: bytes) -> None:
        self._left -= 1
        if not self._left:
            self._done(self)


def _nothing_follows(_call: Call) -> None:
    pass


Operation = Callable[[Call, Done], None]


class OperationLoad:
    """All the agents."""

    def __init__(self, question: Question) -> None:
        self._pid = question.pid
        self._wires = Wires()
        agents = [Agent(self._wires, question.port, number) for number in range(3 * AT_A_TIME)]
        for agent in agents:
            agent.log_in()
        self._calls = [Call(*agents[first : first + 3]) for first in range(0, len(agents), 3)]
        begun: list[Call] = []
        for call in self._calls:
            call.begin(begun.append)
        self._wires.run(until=lambda: len(begun) == len(self._calls))

    def full_load(self, operation: Operation, seconds: float) -> tuple[float, float, float]:
        """Have an operation under way on each call; gives their number, the time, and the bridge's own."""
        count = under_way = 0
        goes_on = True

        def done(call: Call) -> None:
            nonlocal count, under_way
            count += 1
            if goes_on or call.is_held:
                operation(call, done)
            else:
                under_way -= 1

        for call in self._calls:
            under_way += 1
            operation(call, done)
        self._wires.run_for(seconds / 5)  # warms up
        counted, used, began = count, processor_seconds(self._pid), perf_counter()
        self._wires.run_for(seconds)
        self._wires.run(until=lambda: count > counted)
        figures = count - counted, perf_counter() - began, processor_seconds(self._pid) - used
        goes_on = False
        self._wires.run(until=lambda: not under_way)
        return figures

    def fixed_rate(self, seconds: float) -> list[float]:
        """Begin transfers in time, whatever becomes of those before; gives how long until others are told."""
        idle = deque(self._calls)
        taken: list[float] = []

        def done(call: Call) -> None:
            taken.append(call.rang - call.sent)
            idle.append(call)

        began = perf_counter()
        for number in range(max(1, int(seconds * FIXED_RATE))):
            self._wires.run_until(began + number / FIXED_RATE)
            self._wires.run(until=lambda: bool(idle))
            idle.popleft().transfer(done)
        self._wires.run(until=lambda: len(idle) == len(self._calls))
        return taken

    def figures(
        self, name: str, rounds: Sequence[tuple[float, float, float]], posts: int, events: int
    ) -> OperationFigures:
        """Sum it up."""
        rates = tuple(count / seconds for count, seconds, _ in rounds)
        count, seconds, used = map(sum, zip(*rounds, strict=True))
        return OperationFigures(
            operation=name,
            posts=posts,
            events=events,
            per_second=statistics.median(rates),
            per_second_by_round=rates,
            bridge_cpu_us=used / count * 1e6 or None,
            bridge_busy=used / seconds or None,
        )


def measure(question: Question) -> OperationLoadFigures:
    """Load the bridge with each operation in rounds."""
    load = OperationLoad(question)
    gc.collect()
    gc.disable()  # this program's own collections would look like the bridge's delays
    seconds = question.seconds / question.rounds
    holds, transfers, until_ringing = [], [], []
    for _ in range(question.rounds):
        holds.append(load.full_load(Call.hold_or_retrieve, seconds))
        transfers.append(load.full_load(Call.transfer, seconds))
        until_ringing += load.fixed_rate(seconds)
    return OperationLoadFigures(
        at_a_time=AT_A_TIME,
        operations=(
            load.figures("hold or retrieve", holds, posts=1, events=1),
            load.figures("transfer and answer", transfers, posts=2, events=4),
        ),
        fixed_rate_per_second=FIXED_RATE,
        post_to_other_agent=Latency.of(until_ringing),
    )


def main() -> None:
    """Answer the question on stdin."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    print(msgspec.json.encode(measure(question)).decode())


if __name__ == "__main__":
    main()
