"""The table for people and the JSON for machines."""

import importlib.metadata
import os
import platform
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.benchmarks.figures import (
    CodecFigures,
    Figures,
    Latency,
    LinkFigures,
    PostFigures,
    Scale,
    TransferFigures,
)

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
    if figures.codec is not None:
        lines += ["", *_codec(figures.codec)]
    if figures.link is not None:
        lines += ["", *_link(figures.link)]
    if figures.transfer is not None:
        lines += ["", *_transfer(figures.transfer)]
    return "\n".join(lines)


def _codec(codec: tuple[CodecFigures, ...]) -> Iterator[str]:
    yield "(a) Codec, nanoseconds per message; plain: the same bytes from and to untyped dicts"
    yield f"  {'':<28}{'bytes':>8}{'encode':>10}{'decode':>10}{'plain enc':>12}{'plain dec':>12}"
    for row in codec:
        yield (
            f"  {row.message:<28}{row.payload_bytes:>8}{row.encode_ns:>10.0f}{row.decode_ns:>10.0f}"
            f"{row.plain_encode_ns:>12.0f}{row.plain_decode_ns:>12.0f}"
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
    yield f"{'':>38}{'POST to answer, ms':>20}{'to notification, ms':>20}"
    head = f"  {'':<24}{'per second':>12}{'p50':>10}{'p99':>10}{'p50':>10}{'p99':>10}{'CPU us':>9}"
    yield f"{head}{'of FastAPI':>12}"
    for row in transfer.contenders:
        posts = _posts(row.full_load)
        yield f"  {row.contender:<24}{row.per_second:>12.0f}{posts}{row.ratio_to_fastapi:>12.2f}"
    yield ""
    yield f"  the same at {transfer.fixed_rate_per_second:.0f} per second"
    for row in transfer.contenders:
        yield f"  {row.contender:<24}{row.fixed_rate.per_second:>12.0f}{_posts(row.fixed_rate)}"


def _posts(posts: PostFigures) -> str:
    cpu = "-" if posts.server_cpu_us is None else f"{posts.server_cpu_us:.0f}"
    return f"{_latency(posts.answer)}{_latency(posts.notification)}{cpu:>9}"


def _latency(latency: Latency | None) -> str:
    return f"{'-':>10}{'-':>10}" if latency is None else f"{latency.p50_ms:>10.2f}{latency.p99_ms:>10.2f}"
