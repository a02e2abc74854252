"""KV lists: UserData, Extensions and Reasons.

A KV list is an ordered list of pairs in which keys may repeat. A value is a string, a 32-bit integer,
binary or another KV list (T-Library, TKVList). On the wire it is an array of `[key, value]`.
"""

from collections.abc import Iterable
from typing import Self, TypeAlias

import msgspec

MAX_DEPTH = 8
"""How deep KV lists may nest; the outermost counts as 1."""

MAX_PAIRS = 4096
"""How many pairs a KV list may hold, those of nested lists included."""

MAX_PACKED_BYTES = 16_000
"""The customary limit of a call's user data, measured as it travels."""

INT_MIN, INT_MAX = -(2**31), 2**31 - 1

KVValue: TypeAlias = "str | int | bytes | KVList"

_PAIR_LENGTH = 2


class KVList(tuple[tuple[str, KVValue], ...]):
    """An immutable KV list; what changes it returns a new one, so that calls and events may share it."""

    __slots__ = ()

    @classmethod
    def of(cls, **pairs: KVValue) -> Self:
        """Make a list of these pairs, in this order."""
        return cls(pairs.items())

    def first(self, key: str) -> "KVValue | None":
        """Return the value of the first pair with this key, as readers of KV lists do."""
        return next((value for name, value in self if name == key), None)

    def updated(self, newer: "KVList") -> "KVList":
        """Return this list with the pairs of `newer`: same-named keys replaced, others added.

        Source: T-Library function reference, TUpdateUserData.
        """
        if not self:
            return newer
        replaced = {key for key, _ in newer}
        return KVList((*(pair for pair in self if pair[0] not in replaced), *newer))

    def with_all(self, newer: "KVList") -> "KVList":
        """Return this list with the pairs of `newer` behind its own, whatever their keys.

        Source: T-Library function reference, TAttachUserData.
        """
        return KVList((*self, *newer))

    def without(self, key: str) -> "KVList":
        """Return this list without any pair of this key."""
        return KVList(pair for pair in self if pair[0] != key)

    @property
    def packed_bytes(self) -> int:
        """The bytes this list takes on the wire."""
        return len(msgspec.msgpack.encode(self))


def decode_kv_list(_expected: type, value: object) -> KVList:
    """Turn the arrays of a decoded message into a KV list: the hook of msgspec's decoders.

    Raises:
        ValueError: it is not a list of pairs, a value has another type than a KV list can hold, or it is
            deeper or longer than the limits.

    """
    return _checked(value, 1, [0])


def _checked(value: object, depth: int, pairs: list[int]) -> KVList:
    if type(value) is not list:
        raise ValueError("expected an array of [key, value] pairs")
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH} KV lists")
    pairs[0] += len(value)
    if pairs[0] > MAX_PAIRS:
        raise ValueError(f"more than {MAX_PAIRS} pairs")
    return KVList(_checked_pairs(value, depth, pairs))


def _checked_pairs(values: list[object], depth: int, pairs: list[int]) -> Iterable[tuple[str, KVValue]]:
    for pair in values:
        if type(pair) is not list or len(pair) != _PAIR_LENGTH:
            raise ValueError("expected a pair [key, value]")
        key, value = pair
        if type(key) is not str:
            raise ValueError("expected a string as key")
        kind = type(value)
        if kind is list:
            yield key, _checked(value, depth + 1, pairs)
        elif kind is str or kind is bytes or (kind is int and INT_MIN <= value <= INT_MAX):
            yield key, value
        else:
            raise ValueError(f"the value of {key!r} is not a string, a 32-bit integer, binary or a KV list")
