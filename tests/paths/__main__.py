"""Print the calls of the two ways through the bridge: `python -m tests.paths`, with `--list` each of them."""

import argparse
import tempfile
from pathlib import Path

from bridge.runtime import logs
from bridge.runtime.loop import Runtime, run
from tests.paths.scene import traced

parser = argparse.ArgumentParser(prog="python -m tests.paths", description=__doc__)
parser.add_argument("--list", action="store_true", help="print each call")
options = parser.parse_args()


async def main(runtime: Runtime) -> None:
    """Trace both ways and print the figures."""
    with tempfile.TemporaryDirectory(prefix="paths-") as folder:
        paths = await traced(runtime, Path(folder))
    for title, span in (
        ("SingleStepTransfer, from the POST to the bytes on the link and the HTTP answer", paths.request),
        ("EventReleased, from the bytes on the link to the Bayeux session", paths.event),
    ):
        print(f"{title}: {len(span.calls)} calls, {span.switches} switches of file, {span.files} files")
        if options.list:
            print("\n".join(span.lines()), end="\n\n")


logs.configure("error")
run(main)
