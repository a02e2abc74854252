"""Ways to spoil a frame. Each takes whole frames and gives bytes, which need be no frame any more."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import msgspec

from bridge.tlib.message_pack import frame

_HEAD = 4
_encode = msgspec.msgpack.Encoder().encode

_MAX_NESTING = 3000
_LONG = 70_000


def mutate(random: Random, whole: bytes, others: Sequence[bytes]) -> tuple[str, bytes]:
    """Spoil a frame in one to three ways; gives also what was done.

    Ways that need a readable frame fall back to flipping bits when an earlier way has left none.
    """
    done = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        way = random.choice(_WAYS)
        try:
            whole = way(random, whole, random.choice(others))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, _UnreadableError):
            way = _flip_bits
            whole = way(random, whole, whole)
        done.append(way.__name__.lstrip("_"))
    return "+".join(done), whole


class _UnreadableError(Exception):
    """The frame holds no map any more."""


# --- bytes ---------------------------------------------------------------------------------------


def _flip_bits(random: Random, whole: bytes, _other: bytes) -> bytes:
    spoilt = bytearray(whole)
    for _ in range(random.randint(1, 8)):
        if spoilt:
            spoilt[random.randrange(len(spoilt))] ^= 1 << random.randrange(8)
    return bytes(spoilt)


def _insert_bytes(random: Random, whole: bytes, _other: bytes) -> bytes:
    at = random.randrange(len(whole) + 1)
    return _reframed(random, whole[:at] + random.randbytes(random.randint(1, 16)) + whole[at:])


def _delete_bytes(random: Random, whole: bytes, _other: bytes) -> bytes:
    at = random.randrange(len(whole) + 1)
    return _reframed(random, whole[:at] + whole[at + random.randint(1, 16) :])


def _repeat_bytes(random: Random, whole: bytes, _other: bytes) -> bytes:
    at = random.randrange(len(whole) + 1)
    return _reframed(random, whole[:at] + whole[at : at + random.randint(1, 64)] * 3 + whole[at:])


def _truncate(random: Random, whole: bytes, _other: bytes) -> bytes:
    return _reframed(random, whole[: random.randrange(len(whole) + 1)])


def _lie_about_length(random: Random, whole: bytes, _other: bytes) -> bytes:
    real = max(0, len(whole) - _HEAD)
    lie = random.choice(
        (0, 1, real - 1, real + 1, real + 4, real * 2, 4096, 4097, 1 << 20, (1 << 20) + 1, 2**31, 2**32 - 1)
    )
    return max(0, lie).to_bytes(_HEAD) + whole[_HEAD:]


def _splice(random: Random, whole: bytes, other: bytes) -> bytes:
    return _reframed(
        random, whole[: random.randrange(len(whole) + 1)] + other[random.randrange(len(other)) :]
    )


def _join(_random: Random, whole: bytes, other: bytes) -> bytes:
    return whole + other


def _reframed(random: Random, whole: bytes) -> bytes:
    """Set the length right again, mostly: otherwise nothing behind it would ever be looked at."""
    return frame(whole[_HEAD:]) if random.random() < 0.95 else whole


# --- MessagePack ---------------------------------------------------------------------------------


def _pairs(whole: bytes) -> list[tuple[Any, Any]]:
    read = msgspec.msgpack.decode(whole[_HEAD:])
    if not isinstance(read, dict) or not read:
        raise _UnreadableError
    return list(read.items())


def _packed(pairs: Sequence[tuple[Any, Any]]) -> bytes:
    """Write a map pair by pair, so that keys may repeat and values may be bytes made elsewhere."""
    inside = b"".join(
        _encode(key) + (value if type(value) is _Raw else _encode(value)) for key, value in pairs
    )
    return frame(b"\xdf" + len(pairs).to_bytes(4) + inside)


class _Raw(bytes):
    """MessagePack already."""


def _odd_value(random: Random) -> Any:
    return random.choice(_ODD_VALUES)(random)


_ODD_VALUES: tuple[Callable[[Random], Any], ...] = (
    lambda _: None,
    lambda _: True,
    lambda _: "",
    lambda _: b"",
    lambda _: [],
    lambda _: {},
    lambda _: {1: 2},
    lambda _: [[]],
    lambda _: [["key"]],
    lambda _: [["key", None]],
    lambda _: [[1, "value"]],
    lambda _: [["key", 2**31]],
    lambda _: 1.5,
    lambda _: float("nan"),
    lambda _: -1,
    lambda _: 2**32,
    lambda _: 2**63,
    lambda _: 2**64 - 1,
    lambda _: -(2**63),
    lambda random: random.getrandbits(random.choice((8, 31, 32, 63, 64))),
    lambda random: random.randbytes(random.randrange(100)),
    lambda random: "é" * random.randrange(300),
    lambda _: "x" * _LONG,
    lambda _: [["key", "value"]] * 4097,
    lambda _: msgspec.msgpack.Ext(5, b"extension"),
    lambda _: _Raw(b"\xa3\xff\xfe\xfd"),  # a string that is no UTF-8
    lambda _: _Raw(b"\xc1"),  # never used in MessagePack
    lambda _: _Raw(b"\xdd\xff\xff\xff\xff"),  # an array of 2**32 - 1 elements that are not there
    lambda _: _Raw(b"\xdb\xff\xff\xff\xff"),  # a string that long
    lambda _: _Raw(b"\xd6\xff\xff\xff\xff\xff"),  # a timestamp
    lambda random: _Raw(b"\x91" * random.choice((5, 100, _MAX_NESTING)) + b"\x90"),
    lambda random: _nested(random.choice((8, 9, 40))),
)


def _nested(depth: int) -> list[Any]:
    value: Any = "deep"
    for _ in range(depth):
        value = [["down", value]]
    return value  # type: ignore[no-any-return] # at least one level


def _swap_type(random: Random, whole: bytes, _other: bytes) -> bytes:
    pairs = _pairs(whole)
    at = random.randrange(len(pairs))
    pairs[at] = (pairs[at][0], _odd_value(random))
    return _packed(pairs)


def _repeat_key(random: Random, whole: bytes, _other: bytes) -> bytes:
    pairs = _pairs(whole)
    key, value = random.choice(pairs)
    pairs.insert(random.randrange(len(pairs) + 1), (key, random.choice((value, _odd_value(random)))))
    return _packed(pairs)


def _drop_key(random: Random, whole: bytes, _other: bytes) -> bytes:
    pairs = _pairs(whole)
    del pairs[random.randrange(len(pairs))]
    return _packed(pairs)


def _odd_key(random: Random, whole: bytes, _other: bytes) -> bytes:
    pairs = _pairs(whole)
    key = random.choice(("Colour", "", 7, -1, None, b"ThisDN", "thisdn", 1.5, "x" * _LONG))
    pairs.insert(random.randrange(len(pairs) + 1), (key, _odd_value(random)))
    return _packed(pairs)


def _renumber(random: Random, whole: bytes, _other: bytes) -> bytes:
    number = random.choice((random.randint(-3, 200), 255, 65_536, 2**63))
    return _packed([(key, number if key == "Message" else value) for key, value in _pairs(whole)])


def _borrow(random: Random, whole: bytes, other: bytes) -> bytes:
    """Take attributes of another message along."""
    borrowed = [pair for pair in _pairs(other) if pair[0] != "Message"]
    pairs = dict(_pairs(whole)) | dict(random.sample(borrowed, random.randint(0, len(borrowed))))
    return _packed(list(pairs.items()))


_BYTES = (
    _flip_bits,
    _insert_bytes,
    _delete_bytes,
    _repeat_bytes,
    _truncate,
    _lie_about_length,
    _splice,
    _join,
)
_MESSAGE_PACK = (_swap_type, _swap_type, _swap_type, _repeat_key, _drop_key, _odd_key, _renumber, _borrow)

_WAYS: tuple[Callable[[Random, bytes, bytes], bytes], ...] = (*_BYTES, *_MESSAGE_PACK * 3)
"""Those that leave a readable map are more often taken: bytes that are none end the connection at once."""
