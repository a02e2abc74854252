"""The specification: its golden frames and its tables are those of the code."""

import json
import re
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from bridge.tlib.__main__ import main, tables
from bridge.tlib.message_pack import MessagePackCodec, frame
from bridge.tlib.messages import MESSAGES
from bridge.tlib.numbers import MessageNumber
from tests.sites import ROOT

README = (ROOT / "bridge" / "tlib" / "README.md").read_text(encoding="utf-8")
GOLDEN = re.findall(r"```frame\n(\w+) (.*)\n([0-9a-f\n]+)```", README)


def unplain(value: Any) -> Any:
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return [unplain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("name", "attributes", "text"), GOLDEN, ids=[golden[0] for golden in GOLDEN])
def test_a_golden_frame_is_what_the_page_says_and_what_the_codec_writes(
    name: str, attributes: str, text: str
) -> None:
    data = bytes.fromhex(text.replace("\n", ""))
    by_hand = {key: unplain(value) for key, value in json.loads(attributes).items()}
    assert int.from_bytes(data[:4], "big") == len(data) - 4
    on_the_wire = msgspec.msgpack.decode(data[4:], type=dict[str, Any])
    assert list(on_the_wire.items()) == [("Message", MessageNumber[name].value), *by_hand.items()]

    message = MessagePackCodec().decode(data[4:])
    assert message.name == name
    assert frame(MessagePackCodec().encode(message)) == data


def test_there_are_golden_frames_of_both_directions_and_of_the_keep_alive() -> None:
    names = {name for name, _, _ in GOLDEN}
    assert {"RequestRegisterClient", "RequestSingleStepTransfer", "EventServerInfo", "EventReleased"} <= names
    assert {"EventError", "KeepAlivePoll", "KeepAliveReply"} <= names
    assert {"RequestCompleteTransfer", "EventQueued", "EventPartyAdded", "EventAttachedDataChanged"} <= names
    assert {"EventAgentNotReady", "EventAddressInfo", "EventPartyInfo"} <= names


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    _, _, rest = README.partition("<!-- tables -->\n\n")
    assert rest.partition("\n\n<!-- end of tables -->")[0] == tables()
    assert all(message.__name__ in rest for message in MESSAGES)


def test_the_command_of_the_page_prints_what_the_page_says() -> None:
    found = re.search(r"\$ \.venv/bin/python (-m bridge\.tlib .*)\n(.*)\n```", README)
    assert found
    run = subprocess.run([sys.executable, *found[1].split()], capture_output=True, text=True, check=True)
    assert run.stdout == found[2] + "\n"


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        (["zz"], "not a frame: non-hexadecimal"),
        (["00000001", "c1"], "not a frame: MessagePack data is malformed"),
        (["00000001", "80"], "not a frame: a map without an integer Message"),
        (["ffffffff"], "not a frame: a frame of 4294967295 bytes"),
        (["00000002", "80"], "the last frame is not complete: 5 bytes"),
    ],
)
def test_what_is_no_frame_is_said_in_one_line(frames: list[str], text: str) -> None:
    with pytest.raises(SystemExit, match=text):
        main(frames)
