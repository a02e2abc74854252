"""Settings of a program: from a file, from the environment and from flags, in rising order."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar

import yaml
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from bridge.runtime.loop import CannotStartError

S = TypeVar("S", bound=BaseSettings)

Port = Annotated[int, Field(ge=0, le=65535)]
Level = Literal["debug", "info", "warning", "error"]

DEMO_SITE = Path("deploy/sites/demo.yaml")
"""The site that both programs run when none is named: the one of the source tree they are started in."""


class Parser(argparse.ArgumentParser):
    """Reads flags; what is wrong with them is one line, and exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and leave."""
        self.exit(2, f"{self.prog}: {message} (--help tells more)\n")


def load(model: type[S], flags: Mapping[str, Any], file: Path | None) -> S:
    """Put the settings together; a flag that is None was not given.

    Raises:
        CannotStartError: the file cannot be read, or a value is not valid; the text names the setting.

    """
    from_file = _read(file) if file else {}

    class Layered(model):  # type: ignore[misc, valid-type] # a base class known only here
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            **_others: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, from_file)

    try:
        return Layered(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_url=False)
        ]
        raise CannotStartError(f"settings: {'; '.join(faults)}") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CannotStartError(
            f"cannot read the settings in {file}: {' '.join(str(error).split())}"
        ) from None
    if not isinstance(content, dict):
        raise CannotStartError(f"{file}: expected settings, one `name: value` a line")
    return content
