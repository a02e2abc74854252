"""The load program of part (c): `python -m tests.benchmarks.load`, a plan on stdin, figures on stdout.

One process loads all contenders, one after the other, round by round: whatever else the machine does then
meets all of them.
"""

import asyncio
import gc
import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from time import perf_counter

import msgspec

from bridge.runtime import logs
from bridge.runtime.loop import Runtime, run
from tests.benchmarks.desktops import (
    ClientKind,
    Desktop,
    Poster,
    Taken,
    open_desktop,
    open_poster,
    until_ready,
)
from tests.benchmarks.figures import ContenderFigures, Latency, PostFigures, Scale, TransferFigures
from tests.benchmarks.processes import processor_seconds
from tests.benchmarks.switchboard import Switchboard, switchboard
from tests.benchmarks.where import HOST, Where

CONCURRENCY = 64
"""POSTs under way at once when a server is loaded as much as it can take.

With half as many, a bridge whose switch is another process was on its core for only 87 % of the time.
"""

FIXED_RATE = 200.0
"""POSTs per second when it is not."""

YARDSTICK = "bare FastAPI"
"""The contender that all others are compared with."""

PATIENCE_SECONDS = 60.0
"""After how long the logins of all agents, or a batch, count as stuck."""

Users = Sequence[Desktop | Poster]
Way = Callable[[Users], Awaitable[Sequence[Taken]]]
"""A way of having each user post once."""


class Contender(msgspec.Struct, frozen=True):
    """A server under load; with a T-Server behind it, it is a bridge."""

    name: str
    pid: int
    where: Where
    client_kind: ClientKind


class Plan(msgspec.Struct, frozen=True):
    """What the load program is to do."""

    scale: Scale
    contenders: tuple[Contender, ...]


# --- the ways ------------------------------------------------------------------------------------


async def full_load(users: Users) -> list[Taken]:
    """Keep `CONCURRENCY` POSTs under way."""
    waiting = iter(users)

    async def one_after_another() -> list[Taken]:
        return [await user.transfer() for user in waiting]

    shares = await asyncio.gather(*(one_after_another() for _ in range(CONCURRENCY)))
    return [taken for share in shares for taken in share]


async def fixed_rate(users: Users) -> list[Taken]:
    """Send POSTs at `FIXED_RATE`, whatever becomes of the ones before."""
    started = perf_counter()

    async def in_time(number: int, user: Desktop | Poster) -> Taken:
        await asyncio.sleep(started + number / FIXED_RATE - perf_counter())
        return await user.transfer()

    return await asyncio.gather(*(in_time(number, user) for number, user in enumerate(users)))


# --- the measuring -------------------------------------------------------------------------------


class Tally:
    """What became of the POSTs of some batches; only the time under load counts."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.seconds = 0.0
        self.server_seconds = 0.0

    @property
    def per_second(self) -> float:
        """The rate, until both answer and notification were there."""
        return len(self.taken) / self.seconds

    def add(self, taken: Sequence[Taken], seconds: float, server_seconds: float) -> None:
        """Take in more."""
        self.taken += taken
        self.seconds += seconds
        self.server_seconds += server_seconds

    def figures(self) -> PostFigures:
        """Sum it up."""
        count = len(self.taken)
        notified = [t.notified - t.sent for t in self.taken if t.notified is not None]
        return PostFigures(
            count=count,
            per_second=self.per_second,
            answer=Latency.of([t.answered - t.sent for t in self.taken]),
            notification=Latency.of(notified) if notified else None,
            server_cpu_us=self.server_seconds / count * 1e6 or None,
        )


class Rig:
    """A contender with everything that is needed to load it."""

    def __init__(self, contender: Contender, users: Users, board: Switchboard | None) -> None:
        self.name = contender.name
        self._pid = contender.pid
        self._users = users
        self._board = board
        self.rounds: list[Tally] = []
        self.full_load = Tally()
        self.fixed_rate = Tally()

    async def take_turn(self, seconds: float) -> None:
        """Load the contender as much as it can take, for one round."""
        this_round = Tally()
        await self.load(full_load, seconds, this_round)
        self.rounds.append(this_round)
        self.full_load.add(this_round.taken, this_round.seconds, this_round.server_seconds)

    async def load(self, way: Way, seconds: float, tally: Tally) -> None:
        """Load the contender for so many seconds that count, in batches."""
        began = tally.seconds
        while tally.seconds - began < seconds:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._batch(way, tally)

    async def _batch(self, way: Way, tally: Tally) -> None:
        """Give every user a call, which is not counted, and count what is done with these calls."""
        if self._board is not None:
            desktops = [user for user in self._users if isinstance(user, Desktop)]
            expecting = [desktop.expect_call() for desktop in desktops]
            await self._board.call_everybody()
            await asyncio.gather(*expecting)
            await asyncio.gather(*(desktop.settle() for desktop in desktops))
        began, used_before = perf_counter(), processor_seconds(self._pid)
        taken = await way(self._users)
        tally.add(taken, perf_counter() - began, processor_seconds(self._pid) - used_before)
        if self._board is not None:
            await self._board.hang_up()


async def _rig(contender: Contender, desktops: int, stack: AsyncExitStack) -> Rig:
    port = contender.where.http_port
    board = None
    if contender.where.switch_port:
        await until_ready(HOST, port)
        board = await stack.enter_async_context(switchboard(HOST, contender.where.switch_port, desktops))
    users: list[Desktop | Poster] = []
    for number in range(desktops):
        if board is None:
            user: Desktop | Poster = await open_poster(number, HOST, port)
        else:
            user = await open_desktop(number, contender.client_kind, HOST, port)
        stack.callback(user.close)
        users.append(user)
    return Rig(contender, users, board)


async def measure(plan: Plan) -> TransferFigures:
    """Load all contenders in rounds; one more before them only warms up."""
    seconds = plan.scale.seconds / plan.scale.rounds
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(PATIENCE_SECONDS):
            rigs = [await _rig(contender, plan.scale.desktops, stack) for contender in plan.contenders]
        gc.disable()  # this program's own collections would look like the servers' delays
        for rig in rigs:
            await rig.load(full_load, seconds, Tally())
        for _ in range(plan.scale.rounds):
            for rig in rigs:
                await rig.take_turn(seconds)
            for rig in rigs:
                await rig.load(fixed_rate, seconds, rig.fixed_rate)
        yardstick = next(rig for rig in rigs if rig.name == YARDSTICK)
        return TransferFigures(CONCURRENCY, FIXED_RATE, tuple(_figures(rig, yardstick) for rig in rigs))


def _figures(rig: Rig, yardstick: Rig) -> ContenderFigures:
    by_round = tuple(tally.per_second for tally in rig.rounds)
    of_yardstick = (tally.per_second for tally in yardstick.rounds)
    ratios = (ours / theirs for ours, theirs in zip(by_round, of_yardstick, strict=True))
    return ContenderFigures(
        contender=rig.name,
        per_second=statistics.median(by_round),
        per_second_by_round=by_round,
        ratio_to_fastapi=statistics.median(ratios),
        full_load=rig.full_load.figures(),
        fixed_rate=rig.fixed_rate.figures(),
    )


def main() -> None:
    """Carry out the plan on stdin."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    logs.configure("error")

    async def answer(_runtime: Runtime) -> None:
        print(msgspec.json.encode(await measure(plan)).decode())

    run(answer)


if __name__ == "__main__":
    main()
