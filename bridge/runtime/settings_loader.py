"""Reads the settings of a program, and reports each fault with the flag, variable or line that gave it.

A flag outranks a variable, and a variable outranks the settings file.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from annotated_types import Ge, Le
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import CliSettingsSource, EnvSettingsSource

from bridge.runtime.loop import CannotStartError
from bridge.runtime.settings import ProgramSettings, flag_name, setting_choices, setting_name, variable_name
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

S = TypeVar("S", bound=ProgramSettings)


class WrongFlagError(CannotStartError):
    """A flag that does not exist, or has a value that is not valid; the text has one line per fault."""


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
        where, shown = self._origin(name, error["loc"] or (name,))
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
    choices = setting_choices(field)
    if choices:
        return f"expected {', '.join(choices[:-1])} or {choices[-1]}"
    return expectation(error)


def _suggestion(field: FieldInfo, value: object) -> str:
    close = difflib.get_close_matches(str(value), setting_choices(field), n=1)
    return f"; did you mean {close[0]}?" if close else ""
