"""Part (f): how much memory a switch has for its DNs and calls, beside SIPp with as many calls."""

from collections.abc import Iterator
from pathlib import Path

from bridge.tlib import messages as t
from tests.benchmarks import sipp, site
from tests.benchmarks.figures import MemoryFigures, Scale
from tests.benchmarks.processes import FIRST, resident_bytes, simulator
from tests.benchmarks.raw import Head, RawClient, plain_frame

_AT_ONCE = 100


def measure(scale: Scale, folder: Path) -> tuple[MemoryFigures, ...]:
    """Measure both; nothing where the system does not tell how much memory a process has."""
    return tuple(figures for figures in (_switch(scale, folder), sipp.memory(scale.calls, folder)) if figures)


def _switch(scale: Scale, folder: Path) -> MemoryFigures | None:
    dns = [f"{number:06}" for number in range(scale.dns)]
    with simulator(site.write_switch(folder, dns[:1]), FIRST) as (process, _):
        empty = resident_bytes(process.pid)
    with simulator(site.write_switch(folder, dns), FIRST) as (process, port):
        at_start = resident_bytes(process.pid)
        client = RawClient(port)
        client.open("everybody")
        client.register(dns)
        registered = resident_bytes(process.pid)
        for first in range(0, scale.calls, _AT_ONCE):
            _connect(client, range(first, min(first + _AT_ONCE, scale.calls)), dns)
        with_calls = resident_bytes(process.pid)
        client.close()
    if empty is None or with_calls is None:
        return None
    return MemoryFigures("switch", scale.dns, scale.calls, empty, at_start, registered, with_calls)


def _connect(client: RawClient, numbers: range, dns: list[str]) -> None:
    """Set up some calls, each between two DNs of its own."""
    pairs = {dns[2 * number + 1]: dns[2 * number] for number in numbers}
    dial = b"".join(
        plain_frame(t.RequestMakeCall(this_dn=caller, other_dn=called, reference_id=number))
        for number, (called, caller) in enumerate(pairs.items(), start=1)
    )
    ringing = client.ask(dial, t.EventRinging, len(pairs))
    client.ask(b"".join(_answers(ringing)), t.EventEstablished, 2 * len(pairs))


def _answers(ringing: list[Head]) -> Iterator[bytes]:
    for number, event in enumerate(ringing, start=1):
        yield plain_frame(
            t.RequestAnswerCall(this_dn=event.this_dn, conn_id=event.conn_id, reference_id=number)
        )
