"""Frames to begin with: the golden ones of the specification, and a session played here."""

import re
from collections.abc import Sequence
from pathlib import Path

from bridge.tlib import messages as t
from bridge.tlib.message_pack import MessagePackCodec, frame
from tests.sites import ROOT

_BLOCK = re.compile(r"^```frame\n\w+ .*\n((?:[0-9a-f]+\n)+)```", re.MULTILINE)
_encode = MessagePackCodec().encode


def pack(message: t.Message) -> bytes:
    """Make the frame of a message."""
    return frame(_encode(message))


def golden(page: Path = ROOT / "bridge" / "tlib" / "README.md") -> list[bytes]:
    """Read the golden frames."""
    return [bytes.fromhex(digits) for digits in _BLOCK.findall(page.read_text(encoding="utf-8"))]


OPENING = pack(t.RequestRegisterClient(application_name="fuzz", protocol_version=t.PROTOCOL_VERSION))


def number(whole: bytes) -> int:
    """Read the message number of a good frame."""
    return MessagePackCodec().decode(whole[4:]).number


def only(kinds: Sequence[type[t.Message]], frames: Sequence[bytes]) -> list[bytes]:
    """Pick the frames of these kinds."""
    numbers = {kind.number for kind in kinds}
    return [whole for whole in frames if number(whole) in numbers]
