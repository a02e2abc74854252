"""Reads frames for people: `python -m bridge.tlib HEX...`; without arguments, lists all attributes."""

import json
import sys
from typing import Any, Union, get_args, get_origin

import msgspec

from bridge.tlib.framing import MAX_FRAME_BYTES, FrameReader, FrameTooLongError
from bridge.tlib.kv import KVList
from bridge.tlib.messages import MESSAGES
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


def attribute_table() -> str:
    """List the messages with their numbers and attributes, as Markdown."""
    rows = ["| Message | No | Must have | May have |", "|---|---|---|---|"]
    for message in MESSAGES:
        fields = msgspec.structs.fields(message)
        must = ", ".join(_attribute(field) for field in fields if field.required)
        may = ", ".join(_attribute(field) for field in fields if not field.required)
        rows.append(f"| {message.number.name} | {message.number.value} | {must} | {may} |")
    return "\n".join(rows)


def _attribute(field: msgspec.structs.FieldInfo) -> str:
    return f"{field.encode_name} {_kind(field.type)}"


def _kind(kind: Any) -> str:  # noqa: ANN401 (a type, in all its forms)
    if get_origin(kind) is Union or type(kind).__name__ == "UnionType":
        kind = next(option for option in get_args(kind) if option is not type(None))
    names = {str: "string", bytes: "binary", KVList: "KV list"}
    if kind in names:
        return names[kind]
    constraint = getattr(kind, "__metadata__", (None,))[0]
    if constraint is not None:
        return "u32" if constraint.le else "u64"
    return f"enum {kind.__name__}"


def main(frames: list[str]) -> None:
    """Print the frames, or the list of attributes."""
    if not frames:
        print(attribute_table())  # noqa: T201 (the result)
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
