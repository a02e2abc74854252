"""The entry point of the program `tserver-bridge`; its commands are in `bridge.commands`."""

import gc
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    # Modules stay in memory for ever. Collecting garbage while they are imported takes a sixth of the start;
    # `bridge.runtime.loop.freeze_heap` turns the collector on again when the program serves.
    gc.disable()
    try:
        from bridge import commands  # noqa: PLC0415 (with the collector off)

        return commands.main(arguments)
    finally:
        gc.enable()
