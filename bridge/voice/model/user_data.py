"""User data: the JSON object of the API <-> the KV list of the T-Server.

Going out, a string stays a string, an object becomes a nested list and an integer of 32 bits an
integer; anything else that a KV list cannot hold is sent as its JSON text. `null` is refused: a KV list has
none, and the text "null" would look like a value. Coming back, binary becomes base64 text, and
of pairs with the same key the first one counts, as for every reader of a KV list.
"""

import base64
from collections.abc import Iterator, Mapping

import msgspec

from bridge.tlib.kv import INT_MAX, INT_MIN, MAX_DEPTH, MAX_PACKED_BYTES, MAX_PAIRS, KVList, KVValue
from bridge.voice.model.errors import ApiError, StatusCode


def to_kv(data: Mapping[str, object]) -> KVList:
    """Convert the `userData` of an operation to a KV list.

    Raises:
        ApiError: it is nested too deep, too large, or holds null.

    """
    pairs = KVList(_pairs(data, "userData", 1))
    if pairs.packed_bytes > MAX_PACKED_BYTES or _count(pairs) > MAX_PAIRS:
        text = (
            f"userData: {pairs.packed_bytes} bytes in {_count(pairs)} pairs when packed; "
            f"at most {MAX_PACKED_BYTES} bytes and {MAX_PAIRS} pairs are possible"
        )
        raise ApiError(StatusCode.INVALID, text)
    return pairs


def to_json(pairs: KVList) -> dict[str, object]:
    """Convert a KV list to the `userData` or `extensions` of a notification."""
    data: dict[str, object] = {}
    for key, value in pairs:
        if key not in data:
            data[key] = _value_to_json(value)
    return data


def _pairs(data: Mapping[str, object], where: str, depth: int) -> Iterator[tuple[str, KVValue]]:
    if depth > MAX_DEPTH:
        raise ApiError(StatusCode.INVALID, f"{where}: nested deeper than {MAX_DEPTH} objects")
    for key, value in data.items():
        yield key, _value_to_kv(value, f"{where}.{key}", depth)


def _value_to_kv(value: object, where: str, depth: int) -> KVValue:
    match value:
        case str():
            return value
        case dict():
            return KVList(_pairs(value, where, depth + 1))
        case int() if INT_MIN <= value <= INT_MAX and not isinstance(value, bool):
            return value
        case None:
            raise ApiError(StatusCode.INVALID, f"{where}: null cannot be attached to a call")
        case _:
            return msgspec.json.encode(value).decode()


def _value_to_json(value: KVValue) -> object:
    match value:
        case KVList():
            return to_json(value)
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value


def _count(pairs: KVList) -> int:
    return sum(1 + (_count(value) if isinstance(value, KVList) else 0) for _, value in pairs)
