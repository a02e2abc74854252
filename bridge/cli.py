"""The entry of the program `tserver-bridge`; its commands are in `bridge.commands`."""

import gc
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    # What is imported stays for ever. Walking it again and again while it comes would take a sixth of the
    # start; serving begins with `settle`, which turns the collector on again.
    gc.disable()
    try:
        from bridge import commands  # noqa: PLC0415 (only now that the collector rests)

        return commands.main(arguments)
    finally:
        gc.enable()
