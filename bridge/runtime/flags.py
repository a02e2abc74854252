"""The flags of a program, made from the class of its settings, and the reports of unknown ones."""

import argparse
import difflib
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import partial
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import CliSettingsSource

from bridge.runtime.settings import Flag, ProgramSettings, setting_choices, setting_name


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
            keywords["metavar"] = flag.metavar or "|".join(setting_choices(field)) or None
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
