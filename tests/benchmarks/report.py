"""The table for people and the JSON for machines."""

import importlib.metadata
import os
import platform
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tests.benchmarks import cometd as peers
from tests.benchmarks.figures import (
    CallFigures,
    CodecFigures,
    CometdFigures,
    EventFigures,
    Figures,
    Latency,
    LinkFigures,
    MemoryFigures,
    OperationLoadFigures,
    PostFigures,
    Scale,
    ShareFigures,
    StartFigures,
    TransferFigures,
)
from tests.benchmarks.sipp import HOW_TO_INSTALL

_LIBRARIES = (
    "fastapi",
    "httptools",
    "msgspec",
    "pydantic",
    "starlette",
    "tserver-bridge",
    "twisted",
    "uvicorn",
    "uvloop",
)


class Machine(msgspec.Struct, frozen=True):
    """What the figures were measured on; without it they mean nothing."""

    date: str
    cpu: str
    cores: int
    load_average: tuple[float, float, float]
    system: str
    python: str
    libraries: dict[str, str]


class Report(msgspec.Struct, frozen=True):
    """The whole JSON."""

    machine: Machine
    scale: Scale
    figures: Figures


def machine() -> Machine:
    """Describe this machine as it is before anything is measured."""
    return Machine(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        load_average=os.getloadavg(),
        system=platform.platform(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        libraries={name: importlib.metadata.version(name) for name in _LIBRARIES},
    )


def _cpu() -> str:
    try:
        found = re.search(
            r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE
        )
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def write(report: Report, file: Path) -> None:
    """Write the JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(report)))


# --- the table -----------------------------------------------------------------------------------


def table(report: Report) -> str:
    """Write everything as text."""
    on, figures = report.machine, report.figures
    lines = [
        f"{on.date}  {on.cpu}, {on.cores} cores, load {on.load_average[0]:.2f}",
        f"{on.python}, {on.system}",
        ", ".join(f"{name} {version}" for name, version in on.libraries.items()),
    ]
    for part in msgspec.structs.fields(Figures):
        if (measured := getattr(figures, part.name)) is not None:
            lines += ["", *_PARTS[part.name](measured)]
    return "\n".join(lines)


def _codec(codec: tuple[CodecFigures, ...]) -> Iterator[str]:
    yield "(a) Codec, nanoseconds per message; plain: the same bytes from and to untyped dicts"
    yield f"  {'':<28}{'bytes':>8}{'encode':>10}{'decode':>10}{'plain enc':>12}{'plain dec':>12}"
    figures = {row.message: msgspec.structs.astuple(row)[1:] for row in codec}
    for message, row in figures.items():
        if message in _OFTEN:
            yield _codec_row(message, row)
    mean = [statistics.fmean(column) for column in zip(*figures.values(), strict=True)]
    yield _codec_row(f"mean of all {len(codec)}", mean)


_OFTEN = frozenset(
    {
        "KeepAlivePoll",
        "RequestRegisterAddress",
        "RequestMakeCall",
        "RequestAnswerCall",
        "RequestReleaseCall",
        "RequestSingleStepTransfer",
        "EventRegistered",
        "EventDialing",
        "EventRinging",
        "EventEstablished",
        "EventReleased",
        "EventPartyChanged",
        "EventError",
    }
)
"""The messages that have a row of their own; the JSON has all."""


def _codec_row(message: str, row: Sequence[float]) -> str:
    size, encode, decode, plain_encode, plain_decode = row
    return (
        f"  {message:<28}{size:>8.0f}{encode:>10.0f}{decode:>10.0f}{plain_encode:>12.0f}{plain_decode:>12.0f}"
    )


def _link(link: LinkFigures) -> Iterator[str]:
    yield "(b) Link, request to answering event, over TCP to a T-Server in another process"
    yield f"  {'':<28}{'per second':>12}{'p50 ms':>10}{'p99 ms':>10}"
    for name, rate, latency in (
        ("one at a time", link.sequential_per_second, link.sequential),
        (f"{link.window} under way", link.pipelined_per_second, link.pipelined),
    ):
        yield f"  {name:<28}{rate:>12.0f}{_latency(latency)}"


def _transfer(transfer: TransferFigures) -> Iterator[str]:
    yield f"(c) SingleStepTransfer, each server on one core, {transfer.concurrency} POSTs under way at once"
    yield f"{'':>44}{'POST to answer, ms':>20}{'to notification, ms':>20}"
    head = f"  {'':<30}{'per second':>12}{'p50':>10}{'p99':>10}{'p50':>10}{'p99':>10}{'CPU us':>9}"
    yield f"{head}{'of FastAPI':>12}"
    for row in transfer.contenders:
        posts = _posts(row.full_load)
        yield f"  {row.contender:<30}{row.per_second:>12.0f}{posts}{row.ratio_to_fastapi:>12.2f}"
    yield ""
    yield f"  the same at {transfer.fixed_rate_per_second:.0f} per second"
    for row in transfer.contenders:
        yield f"  {row.contender:<30}{row.fixed_rate.per_second:>12.0f}{_posts(row.fixed_rate)}"


def _posts(posts: PostFigures) -> str:
    cpu = "-" if posts.server_cpu_us is None else f"{posts.server_cpu_us:.0f}"
    return f"{_latency(posts.answer)}{_latency(posts.notification)}{cpu:>9}"


def _latency(latency: Latency | None) -> str:
    return f"{'-':>10}{'-':>10}" if latency is None else f"{latency.p50_ms:>10.2f}{latency.p99_ms:>10.2f}"


def _calls(calls: CallFigures) -> Iterator[str]:
    yield f"(d) Whole calls over TCP, {calls.clients} clients: make, answer, transfer, answer, release"
    yield (
        f"  {'':<28}{'calls/s':>10}{'messages/s':>12}{'CPU us':>9}{'busy':>7}{'p50 ms':>10}{'p99 ms':>10}"
        f"{'of SIPp: calls':>16}{'messages':>10}"
    )
    sipp = calls.sipp
    for row in calls.loads:
        name = f"{row.under_way} under way"
        yield (
            f"  {name:<28}{row.calls_per_second:>10.0f}{row.messages_per_second:>12.0f}"
            f"{_or_dash(row.switch_cpu_us, '.1f'):>9}{_or_dash(row.switch_busy, '.0%'):>7}"
            f"{_latency(row.request_to_event)}"
            f"{_ratio(row.calls_per_second, sipp.calls_per_second if sipp else None):>16}"
            f"{_ratio(row.messages_per_second, sipp.messages_per_second if sipp else None):>10}"
        )
    if sipp is None:
        yield f"  SIPp is not installed; try: {HOW_TO_INSTALL}"
        return
    failing = f"; fails at {sipp.failing_per_second:.0f}" if sipp.failing_per_second else ""
    yield (
        f"  {f'SIPp {sipp.version}, uac to uas':<28}{sipp.calls_per_second:>10.0f}"
        f"{sipp.messages_per_second:>12.0f}{_or_dash(sipp.answerer_cpu_us, '.1f'):>9}"
        f"   {sipp.messages_per_call} messages a call{failing}"
    )


def _events(events: EventFigures) -> Iterator[str]:
    yield f"(e) Events over TCP, each to {events.watchers} watchers"
    yield f"  {'':<28}{'per second':>12}{'CPU us':>9}"
    for row in events.servers:
        yield f"  {row.server:<28}{row.events_per_second:>12.0f}{_or_dash(row.cpu_us, '.2f'):>9}"


def _memory(memory: tuple[MemoryFigures, ...]) -> Iterator[str]:
    yield "(f) Memory, MiB resident"
    if not memory:
        yield "  this system does not tell how much memory a process has"
    for row in memory:
        steps = (
            ("empty", row.empty),
            (f"{row.dns} DNs", row.at_start),
            ("all registered", row.registered),
            (f"{row.calls} calls up", row.with_calls),
        )
        told = (f"{name} {size / 2**20:.1f}" for name, size in steps if size is not None)
        yield f"  {row.server:<12}{', '.join(told)}"


def _shares(shares: ShareFigures) -> Iterator[str]:
    kernel = f"{shares.kernel:.0%} of it in the kernel"
    yield f"(g) Where the switch's time goes in (d): {shares.samples} samples, {kernel}"
    for part, share in shares.shares.items():
        yield f"  {part:<34}{share:>6.0%}"


def _cometd(cometd: CometdFigures) -> Iterator[str]:
    yield "(h) CometD: events from the server to sessions, each its own; server and load on a core each"
    yield (
        f"  {'':<22}{'':<14}{'sessions':>10}{'events/s':>10}{'of peer':>9}{'CPU us':>9}"
        f"{'p50 ms':>10}{'p99 ms':>10}  at {cometd.latency_per_second:.0f} events/s"
    )
    for server in cometd.servers:
        for step, row in enumerate(server.rates, start=1):
            latency = _latency(server.injection_to_event) if step == len(server.rates) else ""
            yield (
                f"  {server.server:<22}{server.transport:<14}{row.sessions:>10}{row.per_second:>10.0f}"
                f"{_or_dash(row.of_best_peer, '.2f'):>9}{_or_dash(row.cpu_us, '.1f'):>9}{latency}"
            )
    yield f"  {'':<22}{'':<14}{'idle':>10}{'opened/s':>10}{'kB each':>9}"
    for idle in cometd.idle:
        each = None if idle.bytes_per_session is None else idle.bytes_per_session / 1000
        yield (
            f"  {idle.server:<22}{idle.transport:<14}{idle.sessions:>10}{idle.opened_per_second:>10.0f}"
            f"{_or_dash(each, '.1f'):>9}"
        )
    if not cometd.has_peers:
        yield f"  Node's servers are not installed; try: {peers.HOW_TO_INSTALL}"


def _operations(load: OperationLoadFigures) -> Iterator[str]:
    yield f"(i) Operations, {load.at_a_time} at a time, bridge on one core, switch and load on the other"
    yield f"  {'':<24}{'POSTs':>7}{'events':>8}{'per second':>12}{'CPU us':>9}{'busy':>7}"
    for row in load.operations:
        yield (
            f"  {row.operation:<24}{row.posts:>7}{row.events:>8}{row.per_second:>12.0f}"
            f"{_or_dash(row.bridge_cpu_us, '.0f'):>9}{_or_dash(row.bridge_busy, '.0%'):>7}"
        )
    ringing = load.post_to_other_agent
    yield (
        f"  POST of a transfer to the other agent's event, {load.fixed_rate_per_second:.0f} per second: "
        f"p50 {ringing.p50_ms:.2f} ms, p99 {ringing.p99_ms:.2f} ms"
    )


def _start(start: tuple[StartFigures, ...]) -> Iterator[str]:
    yield "(j) From the start of the program until it is ready, seconds"
    yield f"  {'':<28}{'median':>10}{'slowest':>10}"
    for row in start:
        yield f"  {row.program:<28}{row.median_seconds:>10.2f}{row.slowest_seconds:>10.2f}"


def _or_dash(figure: float | None, form: str) -> str:
    return "-" if figure is None else format(figure, form)


def _ratio(ours: float, theirs: float | None) -> str:
    return "-" if not theirs else f"{ours / theirs:.2f}"


_PARTS: dict[str, Callable[[Any], Iterator[str]]] = {
    "codec": _codec,
    "link": _link,
    "transfer": _transfer,
    "calls": _calls,
    "events": _events,
    "memory": _memory,
    "shares": _shares,
    "cometd": _cometd,
    "operations": _operations,
    "start": _start,
}
