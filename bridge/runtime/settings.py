"""How a program declares its settings: one class gives flags, variables, file keys, defaults and help.

A field of a `ProgramSettings` class is a flag (`--session-idle`), a variable (`TSERVER_BRIDGE_SESSION_IDLE`)
and a key of the settings file (`session_idle`). `bridge.runtime.settings_loader` reads them.
"""

from enum import Enum
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, get_args

from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class Flag(NamedTuple):
    """How `--help` shows a setting; metadata of its field.

    Attributes:
        metavar: The placeholder of its value.
        group: The title that it stands under; empty for the general options.

    """

    metavar: str = ""
    group: str = ""


Port = Annotated[int, Field(ge=0, le=65535)]
Level = Literal["debug", "info", "warning", "error"]

DEMO_SITE: Final = Path("deploy/sites/demo.yaml")
"""The site that both programs run when none is named: that of the source tree they are started in."""


class ProgramSettings(BaseSettings):
    """Base of the settings class of each program."""

    model_config = SettingsConfigDict(
        env_prefix_target="all",  # of aliases too
        populate_by_name=False,
        cli_kebab_case=True,
        cli_implicit_flags=True,  # --csrf and --no-csrf
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (the library's signature)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Rank variables over arguments: `load` passes the content of the file as arguments."""
        return env_settings, init_settings


def setting_error(setting: str, text: str) -> PydanticCustomError:
    """Make the error for a check of several settings to raise; it is reported as a fault of one of them.

    Args:
        setting: Name of the setting, as in the settings file.
        text: What is wrong.

    """
    return PydanticCustomError("setting", "{text}", {"text": text, "setting": setting})


def setting_name(field_name: str, field: FieldInfo) -> str:
    """Return the name of a setting, which is its key in the settings file."""
    return field.validation_alias if isinstance(field.validation_alias, str) else field_name


def flag_name(name: str) -> str:
    """Return the flag of the setting with this name."""
    return f"--{name.replace('_', '-')}"


def variable_name(model: type[ProgramSettings], name: str) -> str:
    """Return the environment variable of the setting with this name."""
    return f"{model.model_config.get('env_prefix', '')}{name}".upper()


def setting_choices(field: FieldInfo) -> list[str]:
    """Return the values of a setting that has a few; an empty list for any other."""
    annotation = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(each.value) for each in annotation]
    return [each for each in get_args(annotation) if isinstance(each, str)]
