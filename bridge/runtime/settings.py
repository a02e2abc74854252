"""Settings of a program: one class gives its flags, variables, file keys, defaults and help.

A field of a `ProgramSettings` class is a flag (`--session-idle`), a variable (`TSERVER_BRIDGE_SESSION_IDLE`)
and a key of the settings file (`session_idle`). A flag outranks a variable, and a variable outranks the file.
"""

import argparse
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar, get_args

from annotated_types import Ge, Le
from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    CliSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bridge.runtime.loop import CannotStartError
from bridge.runtime.sitefile import (
    Loc,
    SiteFileError,
    SiteFileFault,
    Source,
    compose,
    expectation,
    hint,
    show,
)

S = TypeVar("S", bound="ProgramSettings")


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


class WrongFlagError(CannotStartError):
    """A flag that does not exist, or has a value that is not valid; the text has one line per fault."""


def setting_error(setting: str, text: str) -> PydanticCustomError:
    """Make the error for a check of several settings to raise; it is reported as a fault of one of them.

    Args:
        setting: Name of the setting, as in the settings file.
        text: What is wrong.

    """
    return PydanticCustomError("setting", "{text}", {"text": text, "setting": setting})


def load(model: type[S], flags: CliSettingsSource[Any], file: Path | None) -> S:
    """Read the settings of a program from its flags, its variables and its settings file.

    Args:
        model: The class of the settings.
        flags: The flags, parsed.
        file: The settings file; None for none.

    Raises:
        WrongFlagError: a flag has a value that is not valid.
        CannotStartError: a variable or a value in the file is not valid; the text has one line per fault.
        SiteFileError: the file cannot be read, or has a key that is no setting.

    """
    source = _compose(file, model) if file else None
    content: Any = source.value if source else {}  # a mapping: `_compose` saw to it
    try:
        return model(_cli_settings_source=flags, **content)
    except ValidationError as error:
        given = _Given(model, flags(), EnvSettingsSource(model)(), file, source)
        faults = error.errors(include_url=False)
        text = "\n".join(given.report(fault) for fault in faults)
        is_flag = any(given.is_flag(_name(fault)) for fault in faults)
        raise (WrongFlagError if is_flag else CannotStartError)(text) from None


def _compose(file: Path, model: type[ProgramSettings]) -> Source:
    source = compose(file, "settings file")
    faults = list(source.faults)
    if isinstance(source.value, dict):
        known = [setting_name(name, field) for name, field in model.model_fields.items()]
        faults += [
            source.fault_at((key,), f"unknown key, {hint(key, known)}")
            for key in source.value
            if key not in known
        ]
    else:
        faults.append(SiteFileFault(1, "", "expected settings, one `name: value` a line"))
    if faults:
        raise SiteFileError(file, faults)
    return source


def setting_name(field_name: str, field: FieldInfo) -> str:
    """Return the name of a setting, which is its key in the settings file."""
    return field.validation_alias if isinstance(field.validation_alias, str) else field_name


def flag_name(name: str) -> str:
    """Return the flag of the setting with this name."""
    return f"--{name.replace('_', '-')}"


def variable_name(model: type[ProgramSettings], name: str) -> str:
    """Return the environment variable of the setting with this name."""
    return f"{model.model_config.get('env_prefix', '')}{name}".upper()


# --- faults ---------------------------------------------------------------------------------------


class _Given(NamedTuple):
    """What each source gave, to say where a value that is not valid came from."""

    model: type[ProgramSettings]
    flags: Mapping[str, Any]
    variables: Mapping[str, Any]
    file: Path | None
    source: Source | None

    def is_flag(self, name: str) -> bool:
        return name in self.flags

    def report(self, error: ErrorDetails) -> str:
        """Return the line that reports a fault: where the value came from, what was expected, the value."""
        name = _name(error)
        field = next(each for key, each in self.model.model_fields.items() if setting_name(key, each) == name)
        where, shown = self._origin(name, error["loc"])
        if error["type"] == "setting":  # says itself what was given
            return f"{where}: {error['msg']}"
        got = shown if field.repr else "a value that is not shown here"
        return f"{where}: {_expectation(field, error)}, got {got}{_suggestion(field, error['input'])}"

    def _origin(self, name: str, loc: Loc) -> tuple[str, str]:
        """Return the flag, the variable or the line of the file that gave a setting, and what it gave."""
        if name in self.flags:
            return flag_name(name), _show(self.flags[name])
        if name in self.variables:
            return variable_name(self.model, name), _show(self.variables[name])
        if self.source and loc in self.source:
            return f"{self.file}:{self.source.line(loc)}: {name}", self.source.shown(loc)
        return flag_name(name), "nothing"


def _name(error: ErrorDetails) -> str:
    """Return the name of the setting that an error is about."""
    return str(error["loc"][0]) if error["loc"] else str(error.get("ctx", {})["setting"])


def _show(value: object) -> str:
    return show(" ".join(value) if isinstance(value, tuple) else str(value))


def _expectation(field: FieldInfo, error: ErrorDetails) -> str:
    least = next((each.ge for each in field.metadata if isinstance(each, Ge)), None)
    most = next((each.le for each in field.metadata if isinstance(each, Le)), None)
    if least is not None and most is not None:
        return f"expected an integer from {least} to {most}"
    if field.annotation is bool:
        return "expected true or false"
    choices = _choices(field)
    if choices:
        return f"expected {', '.join(choices[:-1])} or {choices[-1]}"
    return expectation(error)


def _choices(field: FieldInfo) -> list[str]:
    """Return the values of a setting that has a few; an empty list for any other."""
    annotation = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(each.value) for each in annotation]
    return [each for each in get_args(annotation) if isinstance(each, str)]


def _suggestion(field: FieldInfo, value: object) -> str:
    close = difflib.get_close_matches(str(value), _choices(field), n=1)
    return f"; did you mean {close[0]}?" if close else ""


# --- flags ----------------------------------------------------------------------------------------


class _Collect(argparse.Action):
    """Collects the values of a flag that may be given several times."""

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,  # noqa: ANN401 (argparse's signature)
        _option: str | None = None,
    ) -> None:
        # A tuple: the settings source would join a list with commas, which separate other things here.
        setattr(namespace, self.dest, (*getattr(namespace, self.dest, ()), values))


class _Flags:
    """Adds the flags of the settings to a parser, in groups."""

    def __init__(self, parser: argparse.ArgumentParser, model: type[ProgramSettings]) -> None:
        self._fields = {setting_name(name, field): field for name, field in model.model_fields.items()}
        self._groups: dict[str, Any] = {"": parser}
        self.names: list[str] = []
        for flag in map(_flag, model.model_fields.values()):
            if flag.group not in self._groups:
                self._groups[flag.group] = parser.add_argument_group(flag.group)

    def add(self, _parser: object, *names: str, dest: str, **given: Any) -> None:  # noqa: ANN401
        """Add the flag that the settings source asks for, with this project's help text."""
        field = self._fields[dest]
        flag = _flag(field)
        self.names += names
        keywords: dict[str, Any] = {"dest": dest, "default": argparse.SUPPRESS, "help": _help(field)}
        if given.get("action") is argparse.BooleanOptionalAction:
            keywords["action"] = argparse.BooleanOptionalAction
        else:
            keywords["metavar"] = flag.metavar or "|".join(_choices(field)) or None
            keywords["action"] = _Collect if given.get("action") == "append" else "store"
        self._groups[flag.group].add_argument(*names, **keywords)


def _flag(field: FieldInfo) -> Flag:
    return next((each for each in field.metadata if isinstance(each, Flag)), Flag())


def _help(field: FieldInfo) -> str:
    default = field.default.value if isinstance(field.default, Enum) else field.default
    text = str(field.description)
    if default not in (None, (), False):
        text += f" (default: {default})"
    return text.replace("%", "%%")


def add_flags(
    parser: argparse.ArgumentParser, model: type[ProgramSettings]
) -> tuple[CliSettingsSource[Any], Sequence[str]]:
    """Add a flag for each setting to a parser.

    Returns:
        The settings source that reads what the parser parsed, and the names of the flags.

    """
    flags = _Flags(parser, model)
    source: CliSettingsSource[Any] = CliSettingsSource(
        model, root_parser=parser, add_argument_method=partial(_Flags.add, flags)
    )
    return source, flags.names


def unknown_flags(words: Iterable[str], known: Sequence[str]) -> Iterator[str]:
    """Yield a line for each flag in `words` that does not exist, with the nearest one that does."""
    is_value = False  # of an unknown flag
    for word in words:
        name = word.partition("=")[0]
        if name.startswith("-"):
            close = difflib.get_close_matches(name, known, n=1)
            yield f"{name}: unknown flag, {f'did you mean {close[0]}?' if close else '--help lists them'}"
            is_value = True
        elif not is_value:
            yield f"{word}: expected a flag, which begins with --"
