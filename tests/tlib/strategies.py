"""Makes messages of any kind, from the types of their attributes."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from hypothesis import strategies as st

from bridge.tlib import messages as t
from bridge.tlib.kv import INT_MAX, INT_MIN, KVList

kv_lists: st.SearchStrategy[KVList] = st.recursive(
    st.text() | st.integers(INT_MIN, INT_MAX) | st.binary(),
    lambda values: st.lists(st.tuples(st.text(), values), max_size=4).map(KVList),
    max_leaves=12,
).flatmap(lambda value: st.lists(st.tuples(st.text(), st.just(value)), max_size=4).map(KVList))


def attribute(kind: Any) -> st.SearchStrategy[Any]:
    """Make values of an attribute's type, unlisted values of enumerations included."""
    kinds = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    return st.one_of([VALUES[type(k)](k) for k in kinds if not isinstance(k, msgspec.inspect.NoneType)])


VALUES: Mapping[type, Callable[[Any], st.SearchStrategy[Any]]] = {
    msgspec.inspect.IntType: lambda kind: st.integers(0, kind.le or 2**64 - 1),
    msgspec.inspect.StrType: lambda _: st.text(),
    msgspec.inspect.BytesType: lambda _: st.binary(),
    msgspec.inspect.EnumType: lambda kind: (
        st.integers(0, 2**31 - 1).map(kind.cls) | st.sampled_from(list(kind.cls))
    ),
    msgspec.inspect.CustomType: lambda _: kv_lists,
}


def fields(kind: type[t.Message]) -> tuple[msgspec.inspect.Field, ...]:
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return info.fields


ATTRIBUTES: Mapping[type[t.Message], Mapping[str, st.SearchStrategy[Any]]] = {
    kind: {field.name: attribute(field.type) for field in fields(kind)} for kind in t.MESSAGES
}


@st.composite
def messages_of(draw: st.DrawFn, kind: type[t.Message]) -> t.Message:
    """Make one message: what it must have, and some of what it may have."""
    names = [f.name for f in fields(kind) if f.required or draw(st.booleans())]
    return kind(**{name: draw(ATTRIBUTES[kind][name]) for name in names})


def messages() -> st.SearchStrategy[t.Message]:
    """Make messages of any kind."""
    return st.sampled_from(t.MESSAGES).flatmap(messages_of)
