"""Part (b): requests and their answers on a real link to a T-Server in another process."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import msgspec
from twisted.internet.endpoints import HostnameEndpoint

from bridge.link import Endpoint, Failure, Link, LinkConfig
from bridge.runtime import logs
from bridge.runtime.loop import Runtime, run
from bridge.tlib import messages as t
from bridge.tlib.session import Credentials
from bridge.tlib.wire import MESSAGE_PACK
from tests.benchmarks import site
from tests.benchmarks.figures import Latency, LinkFigures
from tests.benchmarks.processes import FIRST, LAST, ask, started, when_serving
from tests.benchmarks.where import HOST

WINDOW = 64
PATIENCE_SECONDS = 30.0


class Question(msgspec.Struct, frozen=True):
    """What the program below is asked: where the T-Server is, and for how long to measure."""

    port: int
    seconds: float


def measure(seconds: float, folder: Path) -> LinkFigures:
    """Measure a link: the bridge's side on the first core, the T-Server on the last."""
    file = site.write(folder, WINDOW)
    with started("servers", "switch", str(file)) as switch:
        port = when_serving(switch, LAST).switch_port
        answer = ask("link", Question(port, seconds), FIRST)
    return msgspec.json.decode(answer, type=LinkFigures)


# --- the program on the bridge's side ------------------------------------------------------------


class _Line:
    """A DN that dials and hangs up, again and again; each is a request that one event answers."""

    def __init__(self, link: "Link[_Line]", number: int) -> None:
        self.dn = site.caller(number)
        self.took: list[float] = []
        self._link = link
        self._target = site.target(number)
        self._ends = 0.0
        self._sent = 0.0
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def register(self) -> None:
        self._link.send(t.RequestRegisterAddress(this_dn=self.dn), self)
        await self._over

    async def use_until(self, ends: float) -> None:
        self._ends = ends
        self.took.clear()
        self._over = asyncio.get_running_loop().create_future()
        self._send(t.RequestMakeCall(this_dn=self.dn, other_dn=self._target))
        await self._over

    def answered(self, event: t.Event) -> None:
        self.took.append(perf_counter() - self._sent)
        if isinstance(event, t.EventDialing):
            self._send(t.RequestReleaseCall(this_dn=self.dn, conn_id=event.conn_id))
        elif isinstance(event, t.EventReleased) and perf_counter() < self._ends:
            self._send(t.RequestMakeCall(this_dn=self.dn, other_dn=self._target))
        else:
            self._over.set_result(None)

    def failed(self, failure: Failure) -> None:
        self._over.set_exception(RuntimeError(failure.text))

    def _send(self, request: t.Request) -> None:
        self._sent = perf_counter()
        self._link.send(request, self)


class _Listener:
    def __init__(self) -> None:
        self.up = asyncio.Event()

    def link_up(self, switch: str) -> None:  # noqa: ARG002 (there is only one)
        self.up.set()

    def link_down(self, switch: str, reason: str) -> None:
        """Nothing is to be done: what was under way is told as failed."""

    def received(self, switch: str, event: t.Event, pending: _Line | None) -> None:  # noqa: ARG002
        if pending is not None:
            pending.answered(event)

    def failed(self, switch: str, pending: _Line, failure: Failure) -> None:  # noqa: ARG002
        pending.failed(failure)


async def _use(lines: Sequence[_Line], seconds: float) -> tuple[float, Latency]:
    began = perf_counter()
    await asyncio.gather(*(line.use_until(began + seconds) for line in lines))
    took = [duration for line in lines for duration in line.took]
    return len(took) / (perf_counter() - began), Latency.of(took)


async def _measure(question: Question, runtime: Runtime) -> LinkFigures:
    listener = _Listener()
    link: Link[_Line] = Link(
        LinkConfig(site.SWITCH, Credentials("benchmark"), MESSAGE_PACK, runtime.clock, runtime.reactor),
        Endpoint(f"tcp://{HOST}:{question.port}", HostnameEndpoint(runtime.reactor, HOST, question.port)),
        listener,
    )
    link.start()
    async with asyncio.timeout(PATIENCE_SECONDS + 2 * question.seconds):
        await listener.up.wait()
        lines = [_Line(link, number) for number in range(WINDOW)]
        for line in lines:
            await line.register()
        await _use(lines, question.seconds / 10)  # warms up
        one_at_a_time, sequential = await _use(lines[:1], question.seconds)
        at_once, pipelined = await _use(lines, question.seconds)
    await link.stop().asFuture(asyncio.get_running_loop())
    return LinkFigures(one_at_a_time, sequential, WINDOW, at_once, pipelined)


def main() -> None:
    """Answer the question on stdin."""
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    logs.configure("error")

    async def answer(runtime: Runtime) -> None:
        print(msgspec.json.encode(await _measure(question, runtime)).decode())

    run(answer)


if __name__ == "__main__":
    main()
