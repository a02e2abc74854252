"""Messages made from their own types: each attribute gets a value it may have, in a plausible call."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

import msgspec
from msgspec import inspect as types

from bridge.tlib.ids import conn_id_of
from bridge.tlib.kv import KVList
from bridge.tlib.messages import PROTOCOL_VERSION, EventError, EventRegistered, Message

_OPTIONAL_SHARE = 0.25
"""How often an attribute is there that need not be."""

_KNOWN_SHARE = 0.8
"""How often an id is one that the peer has mentioned."""

_WORDS = (
    "",
    "Escalation",
    "TransferReason",
    "4711",
    "Größe",
    "Switch_A",
    "TServer_B@Switch_B",
    "\0",
    "a" * 300,
)
_KEYS = ("BusinessCall", "addp-timeout", "conn-1", "ps-1", "ct-1", "party-1", "AgentID", "ReasonCode", "x")


class World:
    """What a peer may talk about: DNs of the site, and ids that the other side has mentioned."""

    def __init__(self, dns: Sequence[str]) -> None:
        self.dns = dns
        self.conn_ids: list[int] = [1]
        self.references: list[int] = [1]
        self.parties: list[tuple[str, int]] = []
        """DNs and the ConnIDs that they were last told about."""

    def remember(self, message: Message) -> None:
        """Take note of what a message mentions; old mentions are forgotten. An error only says it again."""
        if isinstance(message, EventError):
            return
        dn, conn_id = getattr(message, "this_dn", None), getattr(message, "conn_id", None)
        reference = getattr(message, "reference_id", None)
        if reference is not None:
            self.references = [*self.references[-7:], reference]
        if conn_id is not None:
            self.conn_ids = [*self.conn_ids[-3:], conn_id]
        elif isinstance(message, EventRegistered):
            conn_id = _call_of(message)
        if dn is not None and conn_id is not None:
            self.parties = [*self.parties[-3:], (dn, conn_id)]


def _call_of(registered: EventRegistered) -> int | None:
    """Read the first call of a DN from its snapshot."""
    text = registered.extensions and registered.extensions.first("conn-1")
    return conn_id_of(text) if isinstance(text, str) else None


def build(kind: type[Message], random: Random, world: World) -> Message:
    """Make a message of a kind."""
    attributes = {
        name: make(random, world)
        for name, required, make in _makers(kind)
        if required or random.random() < _OPTIONAL_SHARE
    }
    if world.parties and "conn_id" in attributes and random.random() < _KNOWN_SHARE:
        attributes["this_dn"], attributes["conn_id"] = random.choice(world.parties)
    return kind(**attributes)


Make = Callable[[Random, World], Any]


@cache
def _makers(kind: type[Message]) -> tuple[tuple[str, bool, Make], ...]:
    info = types.type_info(kind)
    assert isinstance(info, types.StructType)
    return tuple(
        (field.name, field.required or field.name in _ALWAYS, _maker(field.name, field.type))
        for field in info.fields
    )


_ALWAYS = ("reference_id", "this_dn")


def _maker(name: str, kind: types.Type) -> Make:
    if isinstance(kind, types.UnionType):
        (kind,) = (each for each in kind.types if not isinstance(each, types.NoneType))
    if name in _BY_NAME:
        return _BY_NAME[name]
    if isinstance(kind, types.StrType):
        return _dn if name.endswith(("dn", "queue")) else _word
    if isinstance(kind, types.IntType):
        return _conn_id if name.endswith("conn_id") else _integer
    if isinstance(kind, types.BytesType):
        return _binary
    if isinstance(kind, types.CustomType) and kind.cls is KVList:
        return _kv_list
    values = _enumeration(kind)
    return lambda random, _: random.choice(values)


def _enumeration(kind: types.Type) -> list[Any]:
    """List the values of an enumeration, which msgspec may know as an enum, a custom type or a literal."""
    cls = getattr(kind, "cls", None)
    assert cls is not None, kind
    return list(cls)


def _dn(random: Random, world: World) -> str:
    return random.choice(world.dns)


def _word(random: Random, _: World) -> str:
    return random.choice(_WORDS)


def _conn_id(random: Random, world: World) -> int:
    return random.choice(world.conn_ids) if random.random() < _KNOWN_SHARE else random.getrandbits(64)


def _reference(random: Random, world: World) -> int:
    return random.choice(world.references) if random.random() < 0.3 else random.randrange(1, 2**31)


def _integer(random: Random, _: World) -> int:
    return random.choice((0, 1, 2, 5, 30, 2**31 - 1, 2**32 - 1))


def _binary(random: Random, _: World) -> bytes:
    return random.randbytes(random.choice((0, 1, 4, 64)))


def _kv_list(random: Random, world: World, depth: int = 0) -> KVList:
    pairs = []
    for _ in range(random.randrange(4)):
        value: Any = random.choice((random.choice(_WORDS), random.randrange(-5, 40), random.randbytes(3)))
        if depth < 3 and random.random() < 0.2:
            value = _kv_list(random, world, depth + 1)
        pairs.append((random.choice(_KEYS), value))
    return KVList(pairs)


_BY_NAME: Mapping[str, Make] = {
    "reference_id": _reference,
    "protocol_version": lambda _random, _world: PROTOCOL_VERSION,
    "application_password": lambda _random, _world: None,
}


def plain(payload: bytes) -> dict[str, Any]:
    """Read a payload as what MessagePack says it is, without types."""
    read: dict[str, Any] = msgspec.msgpack.decode(payload)
    return read
