"""The commands of the program `tserver-bridge`."""

import getpass
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from bridge import app
from bridge.directory import passwords
from bridge.options import ServeOptions
from bridge.runtime import logs
from bridge.runtime.loop import CannotStartError, Runtime, freeze_heap, run
from bridge.runtime.program import Program
from bridge.runtime.settings import Flag, Level, ProgramSettings


class BridgeSettings(ServeOptions, ProgramSettings):
    """The settings of `tserver-bridge serve`: the options of the bridge, and those of the program."""

    model_config = SettingsConfigDict(env_prefix="TSERVER_BRIDGE_", populate_by_name=False)

    greeting: Annotated[
        Path | None, Field(description="a text to print once it serves; {url} is its address"), Flag("FILE")
    ] = None
    log_level: Annotated[Level, Field(description="the lowest level that is logged")] = "info"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    program = Program(
        "tserver-bridge", "A GWS v2 voice API and CometD server in front of T-Servers.", app.VERSION
    )
    program.add_serving_command(
        "serve", "serve the GWS v2 API and CometD in front of T-Servers", BridgeSettings, _serve
    )
    program.add_command("hash-password", "make the hash of a password for the site file", _hash_password)
    return program.main(arguments)


def _serve(settings: BridgeSettings) -> None:
    logs.configure(settings.log_level)
    run(partial(_serve_until_stopped, settings))


async def _serve_until_stopped(settings: BridgeSettings, runtime: Runtime) -> None:
    greeting = _greeting(settings.greeting)
    async with app.serving(settings, runtime) as running:
        freeze_heap()
        print(greeting.replace("{url}", running.url), end="", flush=True)  # noqa: T201 (for the person who started it)
        await runtime.stop.wait()


def _greeting(file: Path | None) -> str:
    if file is None:
        return "tserver-bridge: {url}/api/v2  (API page: {url}/docs)\n"
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStartError(f"cannot read the greeting: {error}") from None


def _hash_password() -> None:
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not password:
        raise CannotStartError("no password was given")
    print(passwords.hash_password(password))  # noqa: T201 (the result)
