"""Reads frames for people: `python -m bridge.tlib HEX...`; without arguments, lists what is modelled."""

import json
import sys
from typing import Any, Union, get_args, get_origin

import msgspec

from bridge.tlib import enums
from bridge.tlib.codec import MAX_FRAME_BYTES
from bridge.tlib.kv import KVList
from bridge.tlib.message_pack import FrameReader
from bridge.tlib.messages import MESSAGES, Message
from bridge.tlib.numbers import MessageNumber


def plain(value: object) -> object:
    """Write an attribute's value as JSON can hold it: binary as `{"hex": ...}`."""
    match value:
        case bytes():
            return {"hex": value.hex()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def describe(payload: bytes) -> str:
    """Write the payload of a frame as one line: its name, then its attributes as JSON.

    Raises:
        msgspec.DecodeError: it is no MessagePack map with a `Message`.

    """
    attributes: dict[str, Any] = msgspec.msgpack.decode(payload, type=dict[str, Any])
    number = attributes.pop("Message", None)
    if type(number) is not int:
        raise msgspec.DecodeError("a map without an integer Message")
    known = number in MessageNumber.__members__.values()
    name = MessageNumber(number).name if known else f"message {number}"
    return (
        f"{name} {json.dumps({key: plain(value) for key, value in attributes.items()}, ensure_ascii=False)}"
    )


def message_table() -> str:
    """List what the messages of a family have, then what each message has besides, as Markdown."""
    rows = ["| Message | No | Is a | Must have | May have |", "|---|---|---|---|---|"]
    rows += [f"| *{family.__name__}* | | {_attributes(family)} |" for family in families()]
    rows += [f"| {kind.number.name} | {kind.number.value} | {_attributes(kind)} |" for kind in MESSAGES]
    return "\n".join(rows)


def families() -> list[type[Message]]:
    """List the classes that are no message but what several messages have in common, wider ones first."""
    bases = {base: None for message in MESSAGES for base in reversed(message.__mro__)}
    return [base for base in bases if issubclass(base, Message) and base not in {Message, *MESSAGES}]


def attribute_table() -> str:
    """List the attributes and their types, as Markdown."""
    kinds = {f.encode_name: _kind(f.type) for message in MESSAGES for f in msgspec.structs.fields(message)}
    of_kind: dict[str, list[str]] = {}
    for attribute, kind in sorted(kinds.items()):
        of_kind.setdefault(kind, []).append(attribute)
    rows = ["| Type | Attributes |", "|---|---|"]
    rows += [f"| {kind} | {', '.join(attributes)} |" for kind, attributes in sorted(of_kind.items())]
    return "\n".join(rows)


def enumeration_table() -> str:
    """List the enumerations with their values, as Markdown."""
    kinds = sorted(enums.WireEnum.__subclasses__(), key=lambda kind: kind.__name__)
    rows = [
        f"| {kind.__name__} | {', '.join(f'{m.value} {m.name}' for m in sorted(kind))} |" for kind in kinds
    ]
    return "\n".join(["| Enumeration | Values |", "|---|---|", *rows])


def tables() -> str:
    """List everything that is modelled, as Markdown."""
    return f"{message_table()}\n\n{attribute_table()}\n\n{enumeration_table()}"


def _attributes(message: type[Message]) -> str:
    (base,) = message.__bases__
    known = {f.name: f.required for f in msgspec.structs.fields(base)}
    own = [f for f in msgspec.structs.fields(message) if known.get(f.name) is not f.required]
    columns = (
        "" if base is Message else base.__name__,
        ", ".join(f.encode_name for f in own if f.required),
        ", ".join(f.encode_name + _usual(f) for f in own if not f.required),
    )
    return " | ".join(columns)


def _usual(field: msgspec.structs.FieldInfo) -> str:
    return "" if field.default_factory is msgspec.NODEFAULT else f" = {json.dumps(field.default_factory())}"


def _kind(kind: Any) -> str:  # noqa: ANN401 (a type, in all its forms)
    if get_origin(kind) is Union or type(kind).__name__ == "UnionType":
        kind = next(option for option in get_args(kind) if option is not type(None))
    names = {str: "string", bytes: "binary", KVList: "KV list"}
    if kind in names:
        return names[kind]
    constraint = getattr(kind, "__metadata__", (None,))[0]
    if constraint is not None:
        return "u32" if constraint.le else "u64"
    return f"enumeration {kind.__name__}"


def main(frames: list[str]) -> None:
    """Print the frames, or the lists."""
    if not frames:
        print(tables())  # noqa: T201 (the result)
        return
    reader = FrameReader(MAX_FRAME_BYTES)
    try:
        for payload in reader.feed(bytes.fromhex("".join(frames))):
            print(describe(bytes(payload)))  # noqa: T201 (the result)
    except (ValueError, RecursionError) as error:
        sys.exit(f"not a frame: {error}")
    if reader.fault is not None:
        sys.exit(f"not a frame: {reader.fault}")
    if reader.buffered:
        sys.exit(f"the last frame is not complete: {reader.buffered} bytes of it are there")


if __name__ == "__main__":
    main(sys.argv[1:])
