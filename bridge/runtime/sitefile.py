"""Reads the YAML site file into a pydantic model, and reports every fault with its line.

Each program passes the model of its own part and gets a valid instance, or a `SiteFileError` whose text can
be shown as it is. Only a small part of YAML is allowed: one document, no tags, aliases of single values only,
and no key twice. Keys are always text, so ``on: 1`` has the key ``on``.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import ErrorDetails, PydanticCustomError

M = TypeVar("M", bound=BaseModel)
Loc: TypeAlias = tuple[str | int, ...]
"""A place in the file as keys and indexes from the top: ``("switches", 0, "name")``."""
Check: TypeAlias = Callable[[M], Iterable[tuple[Loc, str]]]
"""A check across values: yields the place and the text of each fault."""

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_DEPTH: Final = 32
_MAX_SHOWN: Final = 60  # characters of a value or key in a report

_SURROGATE: Final = re.compile("[\ud800-\udfff]")  # what "\ud800" in double quotes makes; no text may hold it
# PyYAML's words on these carry their names; a password that stands without quotes can begin like one of them.
_NAMED_NODE: Final = re.compile(r"(alias|anchor|tag handle) (['\"]).*\2")

_Scalar: TypeAlias = str | int | float | bool | None
_Value: TypeAlias = "_Scalar | list[_Value] | dict[str, _Value]"


@dataclass(frozen=True, slots=True)
class SiteFileFault:
    """A fault of a site file.

    Attributes:
        line: The line, counted from 1; 0 for the file as a whole.
        where: The place as a path of keys, such as ``switches[0].dns[3].number``; empty for the whole file.
        text: What was expected, and the value.

    """

    line: int
    where: str
    text: str


class SiteFileError(Exception):
    """The site file cannot be used; the text has one line per fault, in the order of the file."""

    def __init__(self, path: Path, faults: Iterable[SiteFileFault]) -> None:
        self.faults: tuple[SiteFileFault, ...] = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(_report(path, fault) for fault in self.faults))


def read(path: Path, model: type[M], check: Check[M] | None = None) -> M:
    """Read `path` and validate it as `model`, then with `check`.

    Args:
        path: The site file.
        model: Top of the reader's part of the file.
        check: Cross checks, run only on a file that is valid in itself.

    Raises:
        SiteFileError: The file cannot be read, is not valid YAML, or has a value that is not valid.

    """
    source = compose(path)
    try:
        site = model.model_validate(source.value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise SiteFileError(
            path, [*source.faults, *(source.fault(model, each) for each in details)]
        ) from None
    faults = [*source.faults, *(source.fault_at(loc, text) for loc, text in (check(site) if check else ()))]
    if faults:
        raise SiteFileError(path, faults)
    return site


def expected(what: str) -> WrapValidator:
    """Return metadata that makes a type report `what` for a wrong value, instead of pydantic's message.

    ``Annotated[str, Field(pattern="^[0-9]+$"), expected("a string of digits")]`` is reported as
    ``expected a string of digits, got ...``.
    """

    def validate(value: object, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValidationError as error:
            raise unexpected(what, {each["type"] for each in error.errors()}) from None

    return WrapValidator(validate)


def unexpected(what: str, types: Iterable[str] = ()) -> PydanticCustomError:
    """Return the error for a validator to raise where `what` was expected.

    Args:
        what: In plain words, such as ``a string of digits``.
        types: The types of the pydantic errors that this one replaces.

    """
    return PydanticCustomError("expected", "{what}", {"what": what, "types": tuple(types)})


def hint(word: str, known: Iterable[str]) -> str:
    """Return a hint with the one of the `known` words that is nearest, or else with all of them."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(words) or 'none'}"


def show(text: str) -> str:
    """Return a text from the file quoted for a report, on one line and shortened."""
    return repr(text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 3] + "...")


def where(loc: Loc) -> str:
    """Return a place as a path: ``switches[0].dns[3].number``."""
    return "".join(_step(part) for part in loc).removeprefix(".")


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if part.isidentifier() and len(part) <= _MAX_SHOWN else f"[{show(part)}]"


# The file as text and as nodes


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, kept to the part of YAML that a site file needs."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call] # the stubs leave it out
        if getattr(event, "tag", None) is not None:
            raise _refusal(event, "tags are not allowed here")
        if isinstance(event, yaml.ScalarEvent) and _SURROGATE.search(event.value):
            raise _refusal(event, "half of a surrogate pair is no character")
        if self.depth >= MAX_DEPTH:
            raise _refusal(event, f"nested deeper than {MAX_DEPTH} levels")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        if not isinstance(event, yaml.AliasEvent):
            return node
        if not isinstance(node, yaml.ScalarNode):  # else a short file could stand for an endless one
            raise _refusal(event, "an alias may stand for a single value only, not for a list or a mapping")
        # The same value, but at the place where it is used.
        return yaml.ScalarNode(node.tag, node.value, _mark(event), _mark(event))


def _mark(place: yaml.Event) -> yaml.Mark:
    mark = place.start_mark
    assert isinstance(mark, yaml.Mark)  # noqa: S101 - always so with PyYAML's own scanner; for the type checker
    return mark


def _refusal(event: yaml.Event, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=_mark(event))


def compose(path: Path, kind: str = "site file") -> "Source":
    """Read and parse a file without validating its content.

    Args:
        path: The file.
        kind: What reports call such a file.

    Raises:
        SiteFileError: With the one fault that ended the reading.

    """
    text = _text(path, kind)
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SiteFileError(
            path, [SiteFileFault(line, "", "cannot be parsed: a control character")]
        ) from None
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise SiteFileError(path, [_syntax_fault(error)]) from None
    except (ValueError, OverflowError):  # PyYAML does not check the range of "\U..." and of %YAML's version
        problem = "cannot be parsed: a number or a character code is out of range"
        raise SiteFileError(path, [SiteFileFault(loader.line + 1, "", problem)]) from None
    if node is None or node.tag == "tag:yaml.org,2002:null":
        raise SiteFileError(path, [SiteFileFault(1, "", "expected a mapping, but the file is empty")])
    return Source(loader, node)


def _text(path: Path, kind: str) -> str:
    """Return the text of the file.

    Raises:
        SiteFileError: The file cannot be read, is too large, or is not UTF-8.

    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SiteFileError(path, [SiteFileFault(0, "", f"the {kind} cannot be read: {reason}")]) from None
    if len(data) > MAX_BYTES:
        raise SiteFileError(path, [SiteFileFault(0, "", f"the {kind} is larger than {MAX_BYTES >> 20} MiB")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SiteFileError(path, [SiteFileFault(line, "", f"the {kind} is not UTF-8 text")]) from None


def _syntax_fault(error: yaml.MarkedYAMLError) -> SiteFileFault:
    mark = error.problem_mark or error.context_mark
    begun = error.context_mark
    context = error.context or ""
    if context and begun and mark and begun.line != mark.line:
        context += f" (begun on line {begun.line + 1})"
    text = _NAMED_NODE.sub(r"\1", ", ".join(part for part in (context, error.problem) if part))
    return SiteFileFault(mark.line + 1 if mark else 0, "", f"cannot be parsed: {text}")


# From nodes to plain values, remembering the lines

_SCALARS: Final[dict[str, Callable[[_Loader, yaml.ScalarNode], _Scalar]]] = {
    "tag:yaml.org,2002:bool": _Loader.construct_yaml_bool,
    "tag:yaml.org,2002:int": _Loader.construct_yaml_int,
    "tag:yaml.org,2002:float": _Loader.construct_yaml_float,
    "tag:yaml.org,2002:null": _Loader.construct_yaml_null,
}  # every other scalar is text, dates too
_KINDS: Final = {bool: "a boolean", int: "an integer", float: "a number"}


class Source:
    """A parsed file: its value, and for every place in it the line and the value as reports show it."""

    def __init__(self, loader: _Loader, node: yaml.Node) -> None:
        self.faults: list[SiteFileFault] = []
        self._lines: dict[Loc, int] = {}
        self._shown: dict[Loc, str] = {}
        self._loader = loader
        self.value = self._value_of(node, (), node)

    def _value_of(self, node: yaml.Node, loc: Loc, begin: yaml.Node) -> _Value:
        """Return the plain value of `node`, which begins (with its key, if it has one) at `begin`."""
        self._lines[loc] = begin.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            self._shown[loc] = "a mapping"
            return {
                name: self._value_of(value, (*loc, name), key)
                for name, key, value in self._entries(node, loc)
            }
        if isinstance(node, yaml.SequenceNode):
            self._shown[loc] = "a list"
            return [self._value_of(item, (*loc, index), item) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - the only kind left; for the type checker
        return self._scalar(node, loc)

    def _entries(self, node: yaml.MappingNode, loc: Loc) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """Yield key, key node and value node of each entry; of a repeated key only the first."""
        first: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.faults.append(SiteFileFault(line, where(loc), "a key must be a single value"))
            elif key.value in first:
                text = f"this key is given twice, first on line {first[key.value]}"
                self.faults.append(SiteFileFault(line, where((*loc, key.value)), text))
            else:
                first[key.value] = line
                yield key.value, key, value

    def _scalar(self, node: yaml.ScalarNode, loc: Loc) -> _Scalar:
        construct = _SCALARS.get(node.tag)
        try:
            value: _Scalar = construct(self._loader, node) if construct else node.value
        except ValueError:  # such as "0x_", or more digits than int() takes
            value = node.value
        if value is None:
            self._shown[loc] = "nothing"
        elif "password" in loc:
            self._shown[loc] = "a value that is not shown here"
        elif isinstance(value, str):
            self._shown[loc] = show(value)
        else:  # as it was written: 0x10 stays 0x10
            self._shown[loc] = f"{show(node.value)[1:-1]} ({_KINDS[type(value)]})"
        return value

    # Faults

    def fault_at(self, loc: Loc, text: str) -> SiteFileFault:
        """Return a fault on the line of the nearest place that is in the file."""
        return SiteFileFault(self._lines[self._nearest(loc)], where(loc), text)

    def fault(self, model: type[BaseModel], error: ErrorDetails) -> SiteFileFault:
        """Return the fault for an error of pydantic, in the words of the site file."""
        loc = self._nearest(error["loc"])
        if error["type"] == "missing":
            return self.fault_at((*loc, error["loc"][-1]), "this key is required and is missing")
        if error["type"] == "extra_forbidden":
            if error["input"] is None and (*loc[:-1], "password") in self._lines:
                # In {password: a,b} the "b" is a key without a value.
                text = "unknown key, not shown here; it may be part of a password that needs quotes"
                return SiteFileFault(self._lines[loc], where(loc[:-1]), text)
            return self.fault_at(loc, f"unknown key, {hint(str(loc[-1]), _keys(model, loc[:-1]))}")
        return self.fault_at(loc, f"{expectation(error)}, got {self._shown[loc]}{_suggestion(error)}")

    def __contains__(self, loc: object) -> bool:
        """Return whether a place is in the file."""
        return loc in self._lines

    def shown(self, loc: Loc) -> str:
        """Return the value at a place, as reports show it."""
        return self._shown[loc]

    def line(self, loc: Loc) -> int:
        """Return the line of a place."""
        return self._lines[loc]

    def _nearest(self, loc: Loc) -> Loc:
        """Return a place without the parts that are not in the file: missing keys, names of union members."""
        known: Loc = ()
        for part in loc:
            if (*known, part) in self._lines:
                known = (*known, part)
        return known


_EXPECTATIONS: Final = {
    "bool_parsing": "a boolean",
    "bool_type": "a boolean",
    "dict_type": "a mapping",
    "float_parsing": "a number",
    "float_type": "a number",
    "frozen_set_type": "a list",
    "int_from_float": "an integer",
    "int_parsing": "an integer",
    "int_parsing_size": "an integer",
    "int_type": "an integer",
    "list_type": "a list",
    "model_type": "a mapping",
    "path_type": "a path",
    "string_type": "a string",
    "tuple_type": "a list",
    "uuid_parsing": "a UUID",
    "uuid_type": "a UUID",
}  # by type of pydantic's error


def expectation(error: ErrorDetails) -> str:
    """Return what a validation error of pydantic expected, in plain words."""
    context = error.get("ctx", {})
    what = context.get("what") or _EXPECTATIONS.get(error["type"]) or context.get("expected")
    message = error["msg"].replace("Input should be", "expected", 1)
    return f"expected {what}" if what else message[:1].lower() + message[1:]


def _suggestion(error: ErrorDetails) -> str:
    types = {error["type"], *error.get("ctx", {}).get("types", ())}
    unquoted = "string_type" in types and isinstance(error["input"], bool | int | float)
    return "; put it in quotes" if unquoted else ""


def _report(path: Path, fault: SiteFileFault) -> str:
    place = f"{path}:{fault.line}" if fault.line else f"{path}"
    return ": ".join(part for part in (place, fault.where, fault.text) if part)


def _keys(model: type[BaseModel], loc: Loc) -> set[str]:
    """Return the keys that `model` has for the mapping at `loc`."""
    models = [model]
    for part in loc:
        if isinstance(part, str):
            fields = [each.model_fields[part] for each in models if part in each.model_fields]
            models = [inner for field in fields for inner in _models(field.annotation)]
    return {name for each in models for name in each.model_fields}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - any type expression
    """Yield the models inside a type such as ``tuple[Dn, ...] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
