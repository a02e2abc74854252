"""`make bench`: measure, print a table, write the JSON."""

import argparse
import tempfile
from pathlib import Path

import msgspec

from tests.benchmarks import (
    calls,
    codec,
    cometd,
    events,
    link,
    memory,
    operations,
    report,
    shares,
    start,
    transfer,
)
from tests.benchmarks.figures import Figures, Scale

PARTS = (
    "codec",
    "link",
    "transfer",
    "calls",
    "events",
    "memory",
    "shares",
    "cometd",
    "operations",
    "start",
)
FULL = Scale(
    seconds=3.0,
    rounds=10,
    desktops=512,
    dns=10_000,
    calls=2_000,
    subscribers=(100, 1_000),
    idle_subscribers=10_000,
)
QUICK = Scale(seconds=0.05, rounds=1, desktops=8, dns=100, calls=20, subscribers=(4, 8), idle_subscribers=20)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)} (all)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--seconds", type=float, default=FULL.seconds, help="how long to measure each thing (%(default)s)"
    )
    length.add_argument(
        "--quick",
        action="store_true",
        help="only see whether everything can be measured; the figures are bad",
    )
    parser.add_argument(
        "--json", type=Path, default=Path("build/bench.json"), help="where to write (%(default)s)"
    )
    return parser


def main() -> None:
    """Measure what is asked for."""
    parser = _parser()
    arguments = parser.parse_args()
    parts = set(arguments.parts) or set(PARTS)
    if not parts <= set(PARTS):
        parser.error(f"unknown part: {', '.join(sorted(parts - set(PARTS)))}; there are {', '.join(PARTS)}")
    if not arguments.seconds > 0:
        parser.error(f"--seconds {arguments.seconds:g}: expected more than 0")
    scale = QUICK if arguments.quick else msgspec.structs.replace(FULL, seconds=arguments.seconds)
    machine = report.machine()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        figures = Figures(
            codec=codec.measure(scale.seconds) if "codec" in parts else None,
            link=link.measure(scale.seconds, place) if "link" in parts else None,
            transfer=transfer.measure(scale, place) if "transfer" in parts else None,
            calls=calls.measure(scale.seconds, place) if "calls" in parts else None,
            events=events.measure(scale.seconds, place) if "events" in parts else None,
            memory=memory.measure(scale, place) if "memory" in parts else None,
            shares=shares.measure(scale.seconds, place) if "shares" in parts else None,
            cometd=cometd.measure(scale) if "cometd" in parts else None,
            operations=operations.measure(scale, place) if "operations" in parts else None,
            start=start.measure(scale, place) if "start" in parts else None,
        )
    result = report.Report(machine, scale, figures)
    print(report.table(result))
    report.write(result, arguments.json)
    print(f"\nWritten to {arguments.json}")


if __name__ == "__main__":
    main()
