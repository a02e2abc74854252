"""Reads frames for people: `python -m bridge.tlib HEX...`; without arguments, lists what is modelled."""

import json
import sys
from typing import Any, Union, get_args, get_origin

import msgspec

from bridge.tlib import enums
from bridge.tlib.framing import MAX_FRAME_BYTES, FrameReader, FrameTooLongError
from bridge.tlib.kv import KVList
from bridge.tlib.messages import MESSAGES, CallEvent, Event, Message, Request
from bridge.tlib.numbers import MessageNumber

FAMILIES: dict[type[Message], str] = {CallEvent: "call event", Event: "event", Request: "request"}
"""Messages with much in common, the narrower family first."""


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
    """List what every message has, then the messages with what each has besides, as Markdown."""
    rows = ["| Message | No | Must have | May have |", "|---|---|---|---|"]
    for kind, name in FAMILIES.items():
        base = next((family for family in FAMILIES if family is not kind and issubclass(kind, family)), None)
        rows.append(f"| every {name} | | {' | '.join(_attributes(kind, base))} |")
    for message in MESSAGES:
        base = next((family for family in FAMILIES if issubclass(message, family)), None)
        rows.append(
            f"| {message.number.name} | {message.number.value} | {' | '.join(_attributes(message, base))} |"
        )
    return "\n".join(rows)


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
    rows = [f"| {kind.__name__} | {', '.join(f'{m.value} {m.name}' for m in kind)} |" for kind in kinds]
    return "\n".join(["| Enumeration | Values |", "|---|---|", *rows])


def tables() -> str:
    """List everything that is modelled, as Markdown."""
    return f"{message_table()}\n\n{attribute_table()}\n\n{enumeration_table()}"


def _attributes(message: type[Message], base: type[Message] | None) -> tuple[str, str]:
    known = {f.name: f.required for f in msgspec.structs.fields(base)} if base else {}
    own = [f for f in msgspec.structs.fields(message) if known.get(f.name) is not f.required]
    return (
        ", ".join(f.encode_name for f in own if f.required),
        ", ".join(f.encode_name for f in own if not f.required),
    )


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
    except (ValueError, FrameTooLongError, RecursionError) as error:
        sys.exit(f"not a frame: {error}")
    if reader.buffered:
        sys.exit(f"the last frame is not complete: {reader.buffered} bytes of it are there")


if __name__ == "__main__":
    main(sys.argv[1:])
