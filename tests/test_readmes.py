"""Every command in the READMEs does what the text says, on free ports."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
from dataclasses import fields
from enum import Enum
from pathlib import Path

import httpx
import pytest

from bridge.bayeux import Options
from bridge.commands import BridgeSettings
from bridge.runtime.settings import ProgramSettings, flag_name, setting_name, variable_name
from tests.loop import run
from tests.needs import require
from tests.processes import PROGRAMS, Process, program
from tests.sites import DEMO, ROOT
from tserver_sim.settings import SimulatorSettings
from tserver_sim.switch.config.profile import PROFILES, SIP_SERVER
from tserver_sim.switch.models import MODELS

FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`([\w./]+\.py|[\w./]+/)`")
"""A file or folder in the text of a page."""
TRIED = {
    "README.md": [
        "make run\n",
        "make test\n",
        "make demo\n",
        "api=",
        ".venv/bin/tserver-sim",
        ".venv/bin/tserver-bridge",
    ],
    "bridge/README.md": [".venv/bin/tserver-bridge serve", ".venv/bin/tserver-bridge hash-password"],
    "bridge/voice/README.md": ["from bridge."],
    "bridge/bayeux/README.md": ["from starlette", "url=", ".venv/bin/python -m bridge.bayeux"],
    "tserver_sim/README.md": [".venv/bin/tserver-sim serve", "curl http://127.0.0.1:7011"],
    "tserver_sim/switch/README.md": ["from tserver_sim."],
}
"""How each block of commands begins; a new one wants a test, too."""


def blocks(page: str) -> list[str]:
    """Take the blocks of a page that somebody could run."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [block for language, block in FENCED.findall(text) if language in ("sh", "python")]


def block(page: str, beginning: str) -> str:
    """Take the block of a page that begins so."""
    (found,) = [text for text in blocks(page) if text.startswith(beginning)]
    return found


def environment() -> dict[str, str]:
    """Return the environment as a shell of one's own has it, which no make has started."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


def shell(lines: str) -> str:
    """Paste lines into a shell; gives what they print."""
    for tool in ("sh", "curl", "sed"):
        require(tool, present=shutil.which(tool) is not None, reason="the README's lines use it")
    done = subprocess.run(
        ["sh", "-e"], input=lines, capture_output=True, text=True, check=False, cwd=ROOT, env=environment()
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def answers(printed: str) -> list[dict[str, object]]:
    """Read the JSON texts that curl printed without a line end between them."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(printed.rstrip()):
        value, at = decoder.raw_decode(printed, at)
        found.append(value)
    return found


@pytest.mark.parametrize("page", TRIED)
def test_every_block_of_commands_is_tried_here(page: str) -> None:
    found = blocks(page)
    assert len(found) == len(TRIED[page])
    for beginning in TRIED[page]:
        assert block(page, beginning)


@pytest.mark.parametrize("page", TRIED)
def test_every_file_that_is_named_is_there(page: str) -> None:
    beside = (ROOT / page).parent
    named = NAMED.findall((ROOT / page).read_text(encoding="utf-8"))
    assert [name for name in named if not ((beside / name).exists() or (ROOT / name).exists())] == []


def test_make_run_and_the_first_transfer_by_curl() -> None:
    async def scene() -> str:
        make = await asyncio.create_subprocess_exec(
            *block("README.md", "make run").split(),
            cwd=ROOT,
            env=environment() | {"TSERVER_BRIDGE_PORT": "0"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        running = Process(make)
        try:
            url = (await running.prints(r"(http://127\.0\.0\.1:\d+)/api/v2"))[1]
            await running.prints("agent15000")
            lines = block("README.md", "api=").replace("http://127.0.0.1:8080", url)
            return await asyncio.to_thread(shell, lines)
        finally:
            os.killpg(make.pid, signal.SIGINT)  # Ctrl-C reaches make and what it runs
            assert await running.ends() == -signal.SIGINT  # make's own; the bridge's is shown elsewhere
            assert "Traceback" not in await running.errors()

    started, dialled, read, transferred, calls = answers(run(scene()))
    assert started == dialled == transferred == {"statusCode": 0}
    assert isinstance(read["call"], dict)
    assert read["call"]["state"] == "Established"
    assert calls == {"statusCode": 0, "calls": []}


def test_make_test_runs_all_tests() -> None:
    done = subprocess.run(
        [*block("README.md", "make test").split(), "--dry-run"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert ".venv/bin/pytest" in done.stdout


def test_make_demo_ends_well_only_because_everything_is_as_published() -> None:
    printed = shell(block("README.md", "make demo"))
    assert printed.endswith("Both samples are as published.\n")
    assert printed.count("The notification is the published one.") == 2
    assert "20.000  Released Transferred to 15002" in printed


def test_the_two_halves_apart() -> None:
    async def scene() -> None:
        _, *simulate = block("README.md", ".venv/bin/tserver-sim").split()
        _, *bridge = block("README.md", ".venv/bin/tserver-bridge").split()
        simulate[simulate.index("7010")] = "0"
        async with program("tserver-sim", *simulate, "--control-port", "0") as simulator:
            first = (await simulator.prints(r"Switch_A: (tcp://\S+)"))[1]
            second = (await simulator.prints(r"Switch_B: (tcp://\S+)"))[1]
            where = [word.replace("tcp://127.0.0.1:7010", first) for word in bridge]
            async with program(
                "tserver-bridge",
                *where,
                "--switch",
                f"Switch_B={second}",
                "--port",
                "0",
                "--log-level",
                "info",
            ) as service:
                await service.prints("/api/v2")
                await service.logs(f'"address": "{first}", "event": "link up"')

    run(scene())


def test_the_bridge_alone() -> None:
    async def scene() -> None:
        _, *flags = block("bridge/README.md", ".venv/bin/tserver-bridge serve").split()
        async with program("tserver-bridge", *flags, "--port", "0") as service:
            await service.prints("/api/v2")

    run(scene())


def test_hash_password() -> None:
    command = block("bridge/README.md", ".venv/bin/tserver-bridge hash-password")
    assert shell(f"echo secret | {command}").startswith("$argon2id$")


def test_the_desk_by_itself(tmp_path: Path) -> None:
    example = tmp_path / "example.py"
    example.write_text(block("bridge/voice/README.md", "from bridge."))
    done = subprocess.run([PROGRAMS / "python", example], capture_output=True, text=True, check=True)
    expected = re.search(r"prints `(.*)`", (ROOT / "bridge/voice/README.md").read_text())
    assert expected
    assert done.stdout == f"{expected[1]}\n"


def test_a_bayeux_server_of_ones_own_in_thirty_lines(tmp_path: Path) -> None:
    served = block("bridge/bayeux/README.md", "from starlette")
    assert len(served.splitlines()) <= 30

    async def scene() -> str:
        example = tmp_path / "example.py"
        assert served.count("port=8088") == 1
        example.write_text(served.replace("port=8088", "port=0"))
        async with program("python", example) as service:
            url = (await service.prints(r"(http://\S+)"))[1]
            lines = block("bridge/bayeux/README.md", "url=").replace("http://127.0.0.1:8088", url)
            return await asyncio.to_thread(shell, lines)

    messages: list[dict[str, object]] = [each for array in answers(run(scene())) for each in array]  # type: ignore[misc]
    assert [each for each in messages if "data" in each] == [{"channel": "/echo", "data": {"hello": "world"}}]
    assert [each.get("successful") for each in messages if "data" not in each] == [True, True, True]


def test_the_chat() -> None:
    async def scene() -> None:
        _, *flags = block("bridge/bayeux/README.md", ".venv/bin/python -m bridge.bayeux").split()
        assert flags[2:4] == ["--port", "8088"]
        async with program("python", *flags, "--port", "0", environment={"OPTIONS": ""}) as service:
            url = (await service.prints(r"CometD chat: (http://\S+)"))[1]
            async with httpx.AsyncClient(trust_env=False) as http:
                wish = {"channels": ["/chat/demo"], "data": "hello"}
                assert (await http.post(f"{url}/inject", json=wish)).json() == {"delivered": 0}

    run(scene())


def test_the_table_of_cometd_options_is_true() -> None:
    rows = []
    for option in fields(Options):
        first, *others = option.name.split("_")
        name, default = first + "".join(map(str.capitalize, others)), getattr(Options(), option.name)
        if name == "metaConnectDeliverOnlyOver":  # written with the name of a transport before it
            continue
        if isinstance(default, tuple):
            default = ",".join(default)
        value = default if isinstance(default, str) else json.dumps(default)
        rows.append(f"| `{name}` | {'' if default is None else f'`{value}`'} ")
    lines = (ROOT / "bridge/bayeux/README.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("| Name | Default | Meaning |") + 2
    assert [line[: len(row)] for line, row in zip(lines[start:], rows, strict=False)] == rows
    assert lines[start + len(rows)] == ""


@pytest.mark.parametrize(
    ("page", "model"), [("bridge/README.md", BridgeSettings), ("tserver_sim/README.md", SimulatorSettings)]
)
def test_the_table_of_settings_is_true(page: str, model: type[ProgramSettings]) -> None:
    """Each setting once; where the class has no default, the page says in words what happens then."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    start = lines.index("| Flag | Environment | Default | Meaning |") + 2
    rows = [line.strip("| ").split(" | ", 3) for line in lines[start : lines.index("", start)]]
    written = {flag: (variable, default) for flag, variable, default, _ in rows}
    assert len(written) == len(rows)
    expected = {}
    for name, field in model.model_fields.items():
        setting = setting_name(name, field)
        flag = f"`{flag_name(setting)}`"
        default = field.default.value if isinstance(field.default, Enum) else field.default
        in_words = default in (None, (), False) and not written[flag][1].startswith("`")
        shown = written[flag][1] if in_words else f"`{default}`"
        expected[flag] = (f"`{variable_name(model, setting)}`", shown)
    assert written == expected


def test_the_simulator_and_its_clock() -> None:
    async def scene() -> str:
        _, *flags = block("tserver_sim/README.md", ".venv/bin/tserver-sim serve").split()
        async with program(
            "tserver-sim", *flags, "--port", "0", "--control-port", "0", "--clock", "held"
        ) as simulator:
            control = (await simulator.prints(r"Control API: http://(\S+)/control"))[1]
            lines = block("tserver_sim/README.md", "curl http://127.0.0.1:7011").replace(
                "127.0.0.1:7011", control
            )
            return await asyncio.to_thread(shell, lines)

    before, after = answers(run(scene()))
    assert (before["held"], after["held"]) == (True, True)
    assert isinstance(before["now"], float)
    assert after["now"] == before["now"] + 20


def test_the_numbers_of_the_demo_site() -> None:
    async def scene() -> tuple[list[str], list[str]]:
        ports = ("--port", "0", "--control-port", "0")
        async with (
            program("tserver-sim", "serve", "--site", str(DEMO), *ports, "--clock", "held") as simulator,
            httpx.AsyncClient(trust_env=False) as http,
        ):
            control = (await simulator.prints(r"Control API: (\S+)"))[1]

            async def stands() -> str:
                """Let ten seconds pass, and say where the parties of the newest call stand."""
                await http.post(f"{control}/clock/advance", json={"seconds": 10})
                *_, call = (await http.get(f"{control}/switches/Switch_A/calls")).json()
                return " ".join(f"{party['dn']}:{party['state']}" for party in call["parties"])

            out, into = [], []
            for number in ("9100", "9200", "9300", "9400"):
                line = f"{control}/switches/Switch_A/phones/15000"
                await http.post(f"{line}/dial", json={"number": number})
                out.append(await stands())
                await http.post(f"{line}/hang_up")
            for number, data in (("08001", {"Tier": "gold"}), ("08001", {}), ("15500", {}), ("15000", {})):
                caller = {"switch": "Switch_A", "from": "0699", "to": number, "user_data": data}
                await http.post(f"{control}/calls", json=caller)
                into.append(await stands())
            return out, into

    out, into = run(scene())
    assert out == [
        "15000:Failed",
        "15000:Dialing 9200:Alerting",
        "15000:Failed",
        "15000:Connected 9400:Connected",
    ]
    assert into == [
        "0699:Dialing 15002:Alerting",
        "0699:Dialing 15600:Queued",
        "0699:Dialing 15600:Queued",
        "0699:Dialing 15000:Alerting",
    ]


def test_the_lines_of_a_model(tmp_path: Path) -> None:
    page = "tserver_sim/switch/README.md"
    example = tmp_path / "example.py"
    example.write_text(block(page, "from tserver_sim."))
    done = subprocess.run([PROGRAMS / "python", example], capture_output=True, text=True, check=True)
    assert f"```\n{done.stdout}```" in (ROOT / page).read_text(encoding="utf-8")


def test_the_table_of_knobs_is_true() -> None:
    """Each knob, its default and the profiles that turn it, in the order of `SwitchProfile`."""
    words = {True: "yes", False: "no"}
    rows = []
    for knob in fields(SIP_SERVER)[1:]:
        default = getattr(SIP_SERVER, knob.name)
        turned = [f"`{name}`" for name, each in PROFILES.items() if getattr(each, knob.name) != default]
        value = words[default] if isinstance(default, bool) else default.value
        rows.append(f"| `{knob.name}` | {value} | {', '.join(turned)}")
    lines = (ROOT / "tserver_sim/switch/README.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("| Knob | Default | Turned by | When it is turned |") + 2
    assert [line.rpartition(" | ")[0] for line in lines[start : start + len(rows)]] == rows
    assert lines[start + len(rows)] == ""


def test_each_model_that_is_named_is_one() -> None:
    text = (ROOT / "tserver_sim/switch/README.md").read_text(encoding="utf-8")
    known = {str(model) for model in MODELS}
    named = re.findall(r"`([A-Z]\w+\.[A-Z_]+)`", text)
    assert named
    assert [name for name in named if name not in known] == []
