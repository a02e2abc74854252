"""What was done to a target, step by step, so that it can be done again."""

from pathlib import Path
from typing import Literal

import msgspec


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was done; `peer` counts the connections of its case."""

    what: Literal["connect", "send", "hear", "finish", "advance", "leave", "check", "clean"]
    peer: int = 0
    data: bytes = b""
    cuts: list[int] = []
    seconds: float = 0.0


class Script(msgspec.Struct):
    """All cases since the target was last clean; the last one is the one that went wrong."""

    target: str
    seed: int
    reason: str
    mark: int
    """How far the target was before."""
    cases: list[list[Step]]


def write(script: Script, folder: Path) -> Path:
    """Write a script."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{script.target}-{script.seed}-{len(script.cases)}.json"
    file.write_bytes(msgspec.json.encode(script))
    return file


def read(file: Path) -> Script:
    """Read a script.

    Raises:
        msgspec.DecodeError: it is none.

    """
    return msgspec.json.decode(file.read_bytes(), type=Script)
