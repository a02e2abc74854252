"""`make bench`: measure, print a table, write the JSON."""

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks import codec, link, report, transfer
from tests.benchmarks.figures import Figures, Scale

PARTS = ("codec", "link", "transfer")
FULL = Scale(seconds=3.0, rounds=10, desktops=512)
QUICK = Scale(seconds=0.05, rounds=1, desktops=8)


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
    scale = QUICK if arguments.quick else Scale(arguments.seconds, FULL.rounds, FULL.desktops)
    machine = report.machine()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        figures = Figures(
            codec=codec.measure(scale.seconds) if "codec" in parts else None,
            link=link.measure(scale.seconds, Path(folder)) if "link" in parts else None,
            transfer=transfer.measure(scale, Path(folder)) if "transfer" in parts else None,
        )
    result = report.Report(machine, scale, figures)
    print(report.table(result))
    report.write(result, arguments.json)
    print(f"\nWritten to {arguments.json}")


if __name__ == "__main__":
    main()
