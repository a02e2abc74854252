"""The specification: its golden frames and its tables are those of the code."""

import json
import re
import subprocess
import sys
from typing import Any, get_args

import msgspec
import pytest

from bridge.options import ServeOptions
from bridge.tlib.__main__ import main, tables
from bridge.tlib.codec import InvalidAttributeError
from bridge.tlib.json_lines import JsonCodec
from bridge.tlib.message_pack import MessagePackCodec, frame
from bridge.tlib.messages import MESSAGES, EventError
from bridge.tlib.numbers import MessageNumber
from bridge.tlib.wire import WIRES
from tests.sites import ROOT
from tserver_sim.settings import SimulatorSettings

README = (ROOT / "bridge" / "tlib" / "README.md").read_text(encoding="utf-8")
JSON_EXAMPLES = re.findall(r"^[<>] (\{.*\})$", README, re.MULTILINE)
MODULES = sorted(
    path.name if path.is_file() else f"{path.name}/"
    for path in (ROOT / "bridge" / "tlib").iterdir()
    if path.name not in ("README.md", "__init__.py", "__pycache__")
)
GOLDEN = re.findall(r"```frame\n(\w+) (.*)\n([0-9a-f\n]+)```", README)


def unplain(value: Any) -> Any:
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return [unplain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("name", "attributes", "text"), GOLDEN, ids=[golden[0] for golden in GOLDEN])
def test_a_golden_frame_has_the_attributes_of_the_page_and_is_what_the_codec_writes(
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


def test_the_command_of_the_page_prints_the_line_below_it() -> None:
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
def test_what_is_no_frame_is_reported_in_one_line(frames: list[str], text: str) -> None:
    with pytest.raises(SystemExit, match=text):
        main(frames)


# --- JSON lines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", JSON_EXAMPLES[:-2])
def test_an_example_in_json_is_a_message_on_both_wires(line: str) -> None:
    message = JsonCodec().decode(line.encode())
    packed = MessagePackCodec().encode(message)
    assert msgspec.msgpack.decode(packed, type=dict[str, Any]).keys() >= json.loads(line).keys()
    assert MessagePackCodec().decode(packed) == JsonCodec().decode(JsonCodec().encode(message)) == message


def test_the_last_example_in_json_is_a_mistake_and_its_answer() -> None:
    mistake, answer = JSON_EXAMPLES[-2:]
    error = JsonCodec().decode(answer.encode())
    assert isinstance(error, EventError)
    with pytest.raises(InvalidAttributeError) as caught:
        JsonCodec().decode(mistake.encode())
    assert (str(caught.value), caught.value.code) == (error.error_message, error.error_code)
    assert caught.value.reference_id == error.reference_id


@pytest.mark.parametrize("module", MODULES)
def test_the_map_names_every_module(module: str) -> None:
    assert f"| `{module}` |" in README


def test_the_settings_offer_the_wires_that_there_are() -> None:
    for settings in (ServeOptions, SimulatorSettings):
        assert get_args(settings.model_fields["wire"].annotation) == tuple(WIRES)
