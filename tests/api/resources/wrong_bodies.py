"""What can be wrong with the parameters of an operation, found out from the struct that reads them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from msgspec import NODEFAULT, Struct, inspect

from bridge.api.schema.examples import example_body, example_value

MISSING, INVALID = 1, 2


@dataclass(frozen=True)
class WrongBody:
    """A body with one fault.

    Attributes:
        what: the fault, for people.
        where: the parameter that the answer must name.
        body: members that are `...` are to be left out.
        code: the `statusCode` of the answer.

    """

    what: str
    where: str
    body: dict[str, Any]
    code: int


@dataclass(frozen=True)
class _Fault:
    what: str
    where: str
    value: Any
    code: int = INVALID


def wrong_bodies(body: type[Struct]) -> Iterator[WrongBody]:
    """Make a body with each fault that the parameters of an operation can have."""
    good = example_body(body)
    yield WrongBody("missing", "operationName", {**good, "operationName": ...}, MISSING)
    others: tuple[Any, ...] = (None, 7, ["Hangup"], {}, "", f"{body.__name__}s")
    for value in others:
        yield WrongBody("no name", "operationName", {**good, "operationName": value}, INVALID)
    kind = inspect.type_info(body)
    assert isinstance(kind, inspect.StructType)
    for field in kind.fields:
        name = field.encode_name
        for fault in _faults(field, example_value(body, name)):
            yield WrongBody(fault.what, fault.where, {**good, name: fault.value}, fault.code)


def without_missing(value: Any) -> Any:
    """Leave out what is to be missing."""
    if not isinstance(value, dict):
        return value
    return {key: without_missing(item) for key, item in value.items() if item is not ...}


def _faults(field: inspect.Field, good: Any) -> Iterator[_Fault]:
    name = field.encode_name
    if field.default is NODEFAULT and field.default_factory is NODEFAULT:
        yield _Fault("missing", name, ..., MISSING)
    kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
    if not any(isinstance(kind, inspect.NoneType) for kind in kinds):
        yield _Fault("null", name, None)
    taken = {_JSON_TYPES[type(kind)] for kind in kinds}
    samples: tuple[Any, ...] = ("text", 7, 1.5, True, ["text"], {"k": "v"})
    for value in samples:
        if type(value) not in taken:
            yield _Fault(f"a {type(value).__name__}", name, value)
    for kind in kinds:
        yield from _WRONG_VALUES[type(kind)](name, kind, good)


def _texts(name: str, kind: Any, good: Any) -> Iterator[_Fault]:
    if kind.min_length:
        yield _Fault("empty", name, "")
    if kind.max_length is not None:
        yield _Fault("too long", name, str(good)[:1] * (kind.max_length + 1))
    if kind.pattern is not None:
        yield _Fault("of another form", name, "\N{SNOWMAN}")


def _numbers(name: str, kind: Any, _good: Any) -> Iterator[_Fault]:
    if kind.ge is not None:
        yield _Fault("too small", name, kind.ge - 1)
    if kind.le is not None:
        yield _Fault("too large", name, kind.le + 1)


def _choices(name: str, _kind: Any, _good: Any) -> Iterator[_Fault]:
    yield _Fault("none of the choices", name, "Nonsense")


def _lists(name: str, kind: Any, good: Any) -> Iterator[_Fault]:
    if kind.min_length:
        yield _Fault("empty", name, [])
    if kind.max_length is not None:
        yield _Fault("too long", name, list(good) * (kind.max_length + 1))
    others: tuple[Any, ...] = (None, 7, {})
    for value in others:
        yield _Fault("with something else in it", name, [value])


def _objects(name: str, kind: Any, good: Any) -> Iterator[_Fault]:
    for field in kind.fields:
        for fault in _faults(field, good[field.encode_name]):
            value = {**good, field.encode_name: fault.value}
            yield _Fault(fault.what, f"{name}.{fault.where}", value, fault.code)


def _data(name: str, _kind: Any, _good: Any) -> Iterator[_Fault]:
    yield _Fault("with a null", f"{name}.k", {"k": None})
    yield _Fault("with a null inside", f"{name}.k.k", {"k": {"k": None}})
    yield _Fault("too large", name, {"k": "x" * 16_000})


def _nothing(_name: str, _kind: Any, _good: Any) -> Iterator[_Fault]:
    return iter(())


_JSON_TYPES: dict[type[inspect.Type], type] = {
    inspect.BoolType: bool,
    inspect.DictType: dict,
    inspect.EnumType: str,
    inspect.IntType: int,
    inspect.ListType: list,
    inspect.LiteralType: str,
    inspect.NoneType: type(None),
    inspect.StrType: str,
    inspect.StructType: dict,
}
"""What a value of each type is in JSON."""

_WRONG_VALUES: dict[type[inspect.Type], Callable[[str, Any, Any], Iterator[_Fault]]] = {
    inspect.BoolType: _nothing,
    inspect.DictType: _data,
    inspect.EnumType: _choices,
    inspect.IntType: _numbers,
    inspect.ListType: _lists,
    inspect.LiteralType: _choices,
    inspect.NoneType: _nothing,
    inspect.StrType: _texts,
    inspect.StructType: _objects,
}
"""The wrong values of each type. A new type of parameter is missing here, and must be thought about."""
