"""What every program of this project has: commands, `--version`, settings, one line per fault, exit codes."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from bridge.runtime.flags import add_flags, unknown_flags
from bridge.runtime.loop import CannotStartError
from bridge.runtime.settings_loader import S, WrongFlagError, load
from bridge.runtime.sitefile import SiteFileError


class _Parser(argparse.ArgumentParser):
    """Reports a fault in one line, and exits with 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help tells more)\n")


class Program:
    """A program with commands.

    Exit codes: 0 at its end, 1 if it cannot start, 2 for a wrong flag or command.

    Args:
        name: Name of the program.
        description: One line for `--help`.
        version: What `--version` prints.

    """

    def __init__(self, name: str, description: str, version: str) -> None:
        self._name = name
        self._parser = _Parser(prog=name, description=description)
        self._parser.add_argument("--version", action="version", version=version)
        self._commands = self._parser.add_subparsers(required=True, metavar="COMMAND")

    def add_command(self, name: str, description: str, run: Callable[[], None]) -> None:
        """Add a command without settings.

        Args:
            name: Name of the command.
            description: One line for `--help`.
            run: Runs it; may raise `CannotStartError` or `SiteFileError`.

        """
        parser = self._commands.add_parser(name, help=description, description=description)
        parser.set_defaults(start=lambda _: run(), known=[])

    def add_serving_command(
        self, name: str, description: str, model: type[S], run: Callable[[S], None]
    ) -> None:
        """Add a command with settings.

        Args:
            name: Name of the command.
            description: One line for `--help`.
            model: The class of its settings.
            run: Runs it with the settings; may raise `CannotStartError` or `SiteFileError`.

        """
        parser = self._commands.add_parser(
            name, help=description, description=description, usage="%(prog)s [flags]"
        )
        parser.add_argument(
            "--config", type=Path, metavar="FILE", help="settings in YAML; variables and flags outrank them"
        )
        source, names = add_flags(parser, model)

        def start(given: argparse.Namespace) -> None:
            run(load(model, source(parsed_args=given), given.config))

        parser.set_defaults(start=start, known=["--config", "--help", *names])

    def main(self, arguments: Sequence[str] | None = None) -> int:
        """Run the command that the arguments name, and return the exit code."""
        given, unknown = self._parser.parse_known_args(arguments)
        try:
            if unknown:
                raise WrongFlagError("\n".join(unknown_flags(unknown, given.known)))
            given.start(given)
        except (CannotStartError, SiteFileError) as error:
            is_flag = isinstance(error, WrongFlagError)
            for line in str(error).splitlines():
                print(f"{self._name}: {line}", file=sys.stderr)  # noqa: T201 (for the user of the program)
            return 2 if is_flag else 1
        return 0
