"""The load program of part (h): `python -m tests.benchmarks.cometdload`, a plan on stdin, figures on stdout.

One process loads all servers, one after the other, round by round: whatever else the machine does then
meets all of them.
"""

import functools
import gc
import statistics
import sys
from collections.abc import Sequence
from time import perf_counter

import msgspec

from tests.benchmarks.figures import EventRateFigures, Latency, SubscriberFigures
from tests.benchmarks.processes import processor_seconds_of_all_threads
from tests.benchmarks.subscribers import Contender, Session, injection, open_all
from tests.benchmarks.wire import Http, Wires

GROUPS = 4
"""The sessions get their events in so many groups: one POST has an event published for each of a group.

When all of the group have it, the next POST follows; so each session has at most one event on its way, and
the other groups' events keep the server busy meanwhile.
"""

EVENTS_PER_SECOND = 1000.0
"""The rate at which the latency is measured; each event has a POST of its own."""

_INJECTORS = 16


class Plan(msgspec.Struct, frozen=True):
    """What the load program is to do."""

    contenders: tuple[Contender, ...]
    seconds: float
    rounds: int
    sessions: tuple[int, ...]
    """How many sessions get events; more than before in each step. The latency is that of the last step."""


# --- events ----------------------------------------------------------------------------------------


class Group:
    """Sessions that get an event each, again and again."""

    def __init__(self, injector: Http, sessions: Sequence[Session]) -> None:
        self._injector = injector
        self._sessions = sessions
        self._request = injection([session.channel for session in sessions])
        self._left = 0
        self._is_answered = True
        self.goes_on = True
        self.received = 0

    @property
    def rests(self) -> bool:
        """Whether nothing is on its way."""
        return not self._left and self._is_answered

    def begin(self) -> None:
        """Have the first events published."""
        for session in self._sessions:
            session.told = self._on_events
        self._inject()

    def _inject(self) -> None:
        self._left = len(self._sessions)
        self._is_answered = False
        self._injector.ask(self._request, self._answered)

    def _answered(self, _answer: bytes) -> None:
        self._is_answered = True
        if not self._left and self.goes_on:
            self._inject()

    def _on_events(self, _session: Session, count: int) -> None:
        self.received += count
        self._left -= count
        if not self._left and self._is_answered and self.goes_on:
            self._inject()


class Rig:
    """A contender with its sessions."""

    def __init__(self, wires: Wires, contender: Contender) -> None:
        self.contender = contender
        self._wires = wires
        self._injectors = [Http(wires, contender.port) for _ in range(_INJECTORS)]
        self.sessions: list[Session] = []
        self.latencies: list[Latency] = []
        """Of each round."""

    def open(self, count: int) -> None:
        """See to it that there are so many sessions."""
        new = [
            Session(self._wires, self.contender.port, self.contender.transport, number)
            for number in range(len(self.sessions), count)
        ]
        open_all(self._wires, new)
        self.sessions += new

    def events_for(self, seconds: float) -> tuple[float, float]:
        """Give all sessions events for so long; gives events per second, and processor seconds per event."""
        groups = [
            Group(injector, self.sessions[first::GROUPS])
            for first, injector in zip(range(GROUPS), self._injectors, strict=False)
        ]
        for group in groups:
            group.begin()
        self._wires.run_for(seconds / 5)  # warms up
        before, used_before, began = _received_by(groups), self._used(), perf_counter()
        self._wires.spin_until(began + seconds)
        self._wires.run(until=lambda: _received_by(groups) > before)
        lasted, used = perf_counter() - began, self._used() - used_before
        received = _received_by(groups) - before
        for group in groups:
            group.goes_on = False
        self._wires.run(until=lambda: all(group.rests for group in groups))
        return received / lasted, used / received

    def _used(self) -> float:
        return processor_seconds_of_all_threads(self.contender.pid)

    def paced_for(self, seconds: float) -> None:
        """Give one session after the other an event, in time whatever becomes of those before."""
        free = list(self._injectors)
        taken: list[float] = []
        requests = [injection([session.channel]) for session in self.sessions]
        on_the_way = 0

        def told(session: Session, count: int) -> None:
            nonlocal on_the_way
            received = perf_counter()
            taken.extend(received - due for due in session.due[:count])
            del session.due[:count]
            on_the_way -= count

        for session in self.sessions:
            session.told = told
        began = perf_counter()
        for number in range(max(1, int(seconds * EVENTS_PER_SECOND))):
            due = began + number / EVENTS_PER_SECOND
            self._wires.spin_until(due)
            self._wires.run(until=lambda: bool(free))
            session, injector = self.sessions[number % len(self.sessions)], free.pop()
            session.due.append(due)
            on_the_way += 1
            injector.ask(requests[number % len(requests)], functools.partial(_free, free, injector))
        self._wires.run(until=lambda: not on_the_way and len(free) == len(self._injectors))
        self.latencies.append(Latency.of(taken))


def _free(free: list[Http], injector: Http, _answer: bytes) -> None:
    free.append(injector)


def _received_by(groups: Sequence[Group]) -> int:
    return sum(group.received for group in groups)


class Rounds:
    """The rates of one contender with so many sessions, round by round."""

    def __init__(self) -> None:
        self.per_second: list[float] = []
        self.cpu_seconds: list[float] = []

    def figures(self, sessions: int, best_peer: Sequence[float] | None) -> EventRateFigures:
        """Sum it up; `best_peer` has the rate of whichever peer was the best of each round."""
        ratios = best_peer and [
            ours / theirs for ours, theirs in zip(self.per_second, best_peer, strict=True)
        ]
        return EventRateFigures(
            sessions=sessions,
            per_second=statistics.median(self.per_second),
            per_second_by_round=tuple(self.per_second),
            of_best_peer=statistics.median(ratios) if ratios else None,
            cpu_us=statistics.median(self.cpu_seconds) * 1e6 or None,
        )


def _rates(rigs: Sequence[Rig], plan: Plan, sessions: int) -> list[EventRateFigures]:
    """Load all rigs in rounds, as much as they can take."""
    rounds = {rig: Rounds() for rig in rigs}
    for _ in range(plan.rounds):
        for rig, its in rounds.items():
            per_second, cpu_seconds = rig.events_for(plan.seconds / plan.rounds)
            its.per_second.append(per_second)
            its.cpu_seconds.append(cpu_seconds)
    figures = []
    for rig, its in rounds.items():
        peers = [
            rounds[other].per_second
            for other in rigs
            if other.contender.is_peer and other.contender.transport == rig.contender.transport
        ]
        best = [max(of_round) for of_round in zip(*peers, strict=True)] or None
        figures.append(its.figures(sessions, best))
    return figures


def measure(plan: Plan) -> tuple[SubscriberFigures, ...]:
    """Load all contenders in rounds."""
    wires = Wires()
    rigs = [Rig(wires, contender) for contender in plan.contenders]
    rates = []
    for sessions in plan.sessions:
        for rig in rigs:
            rig.open(sessions)
        gc.collect()
        gc.disable()  # this program's own collections would look like the servers' delays
        rates.append(_rates(rigs, plan, sessions))
    for _ in range(plan.rounds):
        for rig in rigs:
            rig.paced_for(plan.seconds / plan.rounds)
    return tuple(
        SubscriberFigures(
            server=rig.contender.server,
            transport=rig.contender.transport,
            rates=of_rig,
            injection_to_event=Latency.median(rig.latencies),
        )
        for rig, of_rig in zip(rigs, zip(*rates, strict=True), strict=True)
    )


def main() -> None:
    """Carry out the plan on stdin."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    print(msgspec.json.encode(measure(plan)).decode())


if __name__ == "__main__":
    main()
