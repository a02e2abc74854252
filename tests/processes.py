"""Real processes of the two programs, for tests that kill, cut and restart."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

PROGRAMS = Path(sys.executable).parent


class Process:
    """A running program and what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.printed = ""

    async def prints(self, pattern: str) -> re.Match[str]:
        """Wait until it has printed something that matches.

        Raises:
            EOFError: it ended without; the text says what it did print.

        """
        assert self._process.stdout is not None
        while not (match := re.search(pattern, self.printed, re.MULTILINE)):
            line = await self._process.stdout.readline()
            if not line:
                errors = await self.errors()
                raise EOFError(f"ended without printing {pattern!r}: {self.printed!r}, {errors!r}")
            self.printed += line.decode()
        return match

    async def logs(self, text: str) -> None:
        """Wait until it has logged a line with this text.

        Raises:
            EOFError: it ended without.

        """
        assert self._process.stderr is not None
        seen = ""
        while text not in seen:
            line = await self._process.stderr.readline()
            if not line:
                raise EOFError(f"ended without logging {text!r}: {seen!r}")
            seen += line.decode()

    async def errors(self) -> str:
        """Read what it wrote to its error output, to the end."""
        assert self._process.stderr is not None
        return (await self._process.stderr.read()).decode()

    async def ends(self) -> int:
        """Wait until it has ended; gives its exit code."""
        return await self._process.wait()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(2)

    def terminate(self) -> None:
        """Ask it to end, as a service manager does."""
        self._process.terminate()

    def kill(self) -> None:
        """Kill it where it stands."""
        self._process.kill()


@asynccontextmanager
async def program(
    name: str, *arguments: str | Path, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> AsyncIterator[Process]:
    """Start `tserver-bridge` or `tserver-sim`; at the end, if it still runs, it is asked to stop and must.

    What it logs goes to the file `log`, if one is given.
    """
    with ExitStack() as files:
        process = await asyncio.create_subprocess_exec(
            PROGRAMS / name,
            *map(str, arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE if log is None else files.enter_context(log.open("ab")),
            env={**os.environ, **(environment or {})},
        )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@asynccontextmanager
async def bridge(site: Path, *arguments: str, log: Path | None = None) -> AsyncIterator[tuple[Process, str]]:
    """Start `tserver-bridge serve` on a free port; gives its address when it serves."""
    flags: tuple[str | Path, ...] = ("--site", site, "--port", "0", "--log-level", "error", *arguments)
    async with program("tserver-bridge", "serve", *flags, log=log) as process:
        match = await process.prints(r"(http://127\.0\.0\.1:\d+)/api/v2")
        yield process, match[1]


@asynccontextmanager
async def simulator(site: Path, *arguments: str) -> AsyncIterator[tuple[Process, str]]:
    """Start `tserver-sim serve` on free ports; gives the address of the control API."""
    flags: tuple[str | Path, ...] = ("--site", site, "--port", "0", "--control-port", "0", *arguments)
    async with program("tserver-sim", "serve", *flags) as process:
        control = await process.prints(r"Control API: (http://\S+)")
        yield process, control[1]
