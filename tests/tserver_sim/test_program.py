"""`tserver-sim serve` as a process of its own."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState
from bridge.tlib.kv import KVList
from tests.loop import run
from tests.tserver_sim.wire import connected
from tserver_sim.app import main
from tserver_sim.settings import SimulatorSettings

COMMAND = [sys.executable, "-c", "import sys; from tserver_sim.app import main; sys.exit(main())", "serve"]
ROOT = Path(__file__).parents[2]

SITE = """
switches:
  - name: Switch_A
    tserver: {application: TServer_A, port: 7010}
    ids: {call_uuid_prefix: 01RCC3N118B1V0SL807GK2LAES, conn_id_base: "0071027198180000"}
    extensions: {BusinessCall: 0}
    dns:
      - {number: "15000"}
      - {number: "15001", phone: {answers_after: 1}}
      - {number: "15002"}
  - name: Switch_B
    tserver: {application: TServer_B, port: 7020}
    ids: {call_uuid_prefix: 02RCC3N118B1V0SL807GK2LAES, conn_id_base: "0072027198180000"}
    dns:
      - {number: "25000"}
contact_centers:
  - {name: "is not looked at"}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    return path


def start(*flags: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *flags], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def outcome(*flags: str) -> tuple[int, str, str]:
    """Run the program to its end; return exit code, stdout and stderr."""
    with start(*flags) as program:
        output, errors = program.communicate()
        return program.returncode, output, errors


@contextmanager
def serving(*flags: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Start the program; yield it, and the addresses that it prints by their labels."""
    with start(*flags) as program:
        try:
            yield program, dict(printed(program))
        finally:
            program.kill()


def printed(program: subprocess.Popen[str]) -> Iterator[tuple[str, str]]:
    assert program.stdout is not None
    for line in program.stdout:
        what, _, address = line.strip().partition(": ")
        yield what, address
        if what == "Control API":
            return


def port_of(address: str) -> int:
    match = re.fullmatch(r"tcp://127\.0\.0\.1:(\d+)", address)
    assert match
    return int(match[1])


def test_a_call_and_a_transfer_by_a_held_clock(site: Path) -> None:
    flags = ["--site", str(site), "--port", "0", "--control-port", "0", "--clock", "held"]
    with serving(*flags) as (program, addresses), httpx.Client(base_url=addresses["Control API"]) as control:
        assert list(addresses) == ["TServer_A for Switch_A", "TServer_B for Switch_B", "Control API"]
        run(call_and_transfer(port_of(addresses["TServer_A for Switch_A"]), control))

        program.send_signal(signal.SIGTERM)
        output, errors = program.communicate()
        assert (program.returncode, output, errors) == (0, "", "")


async def call_and_transfer(port: int, control: httpx.Client) -> None:
    def advance(seconds: float) -> None:
        assert control.post("/clock/advance", json={"seconds": seconds}).status_code == 200

    def now() -> float:
        return float(control.get("/clock").json()["now"])

    started = now()
    async with connected(port) as desktop:
        await desktop.opens()
        await desktop.registers("15000", "15001", "15002")

        await desktop.send(m.RequestMakeCall(this_dn="15000", other_dn="15001", reference_id=1))
        dialing = await desktop.receive()
        assert isinstance(dialing, m.EventDialing)
        assert isinstance(await desktop.receive(), m.EventRinging)
        advance(1)
        assert [(await desktop.receive()).name for _ in range(2)] == ["EventEstablished"] * 2
        advance(20)
        await desktop.send(
            m.RequestSingleStepTransfer(
                this_dn="15000",
                conn_id=dialing.conn_id,
                other_dn="15002",
                location="Switch_A",
                user_data=KVList.of(Topic="Billing"),
                reference_id=2,
            )
        )
        released, ringing, changed = [await desktop.receive() for _ in range(3)]
        assert isinstance(released, m.EventReleased)
        assert (released.this_dn, released.call_state, released.reference_id) == (
            "15000",
            CallState.Transferred,
            2,
        )
        assert released.time - started == pytest.approx(21, abs=1e-5)
        assert released.conn_id == 0x0071027198180001
        assert isinstance(ringing, m.EventRinging)
        assert isinstance(changed, m.EventPartyChanged)
        assert released.user_data == ringing.user_data == changed.user_data == KVList.of(Topic="Billing")


def test_ctrl_c_ends_it_cleanly(site: Path) -> None:
    with serving("--site", str(site), "--port", "0", "--control-port", "0") as (program, _):
        program.send_signal(signal.SIGINT)
        output, errors = program.communicate()
        assert (program.returncode, output, errors) == (0, "", "")


def test_a_terminal_that_closes_does_not_end_it(site: Path) -> None:
    with serving("--site", str(site), "--port", "0", "--control-port", "0") as (program, addresses):
        program.send_signal(signal.SIGHUP)
        assert httpx.get(f"{addresses['Control API']}/health").status_code == 200
        program.send_signal(signal.SIGTERM)
        program.communicate()
        assert program.returncode == 0


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    "flags", [("--port", "{}", "--control-port", "0"), ("--port", "0", "--control-port", "{}")]
)
def test_a_port_in_use(site: Path, taken: int, flags: tuple[str, ...]) -> None:
    arguments = [flag.format(taken) for flag in flags]
    assert outcome("--site", str(site), *arguments) == (
        1,
        "",
        (
            f"tserver-sim: cannot listen on 127.0.0.1:{taken}: the port is in use; choose another one, "
            "or 0 for any that is free\n"
        ),
    )


# --- messages to the user; in this process -------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    try:
        code: object = main(arguments)
    except SystemExit as end:
        code = end.code
    output = capsys.readouterr()
    assert output.out == ""
    assert isinstance(code, int)
    return code, output.err


MISUSES = {
    (): "the following arguments are required: COMMAND (--help tells more)",
    ("serve", "--xyzzy"): "--xyzzy: unknown flag, --help lists them",
    ("serve", "--clok", "held"): "--clok: unknown flag, did you mean --clock?",
    ("serve", "--port", "x"): "--port: expected an integer from 0 to 65535, got 'x'",
    ("serve", "--port", "65536"): "--port: expected an integer from 0 to 65535, got '65536'",
    ("serve", "--clock", "sand"): "--clock: expected loop or held, got 'sand'",
    ("serve", "--member", "primry"): (
        "--member: expected primary or backup, got 'primry'; did you mean primary?"
    ),
}


@pytest.mark.parametrize("arguments", MISUSES)
def test_a_wrong_flag_is_one_line(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, *arguments) == (2, f"tserver-sim: {MISUSES[arguments]}\n")


def test_a_wrong_environment_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TSERVER_SIM_CONTROL_PORT", "high")
    text = "tserver-sim: TSERVER_SIM_CONTROL_PORT: expected an integer from 0 to 65535, got 'high'\n"
    assert said(capsys, "serve") == (1, text)


@pytest.mark.parametrize(("port", "ports"), [(None, {}), (0, {"A": 0, "B": 0}), (7000, {"A": 7000})])
def test_a_given_port_is_the_first_switchs_and_0_is_everybodys(
    port: int | None, ports: dict[str, int]
) -> None:
    assert SimulatorSettings(port=port).ports(("A", "B")) == ports


def test_no_site_file(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    text = f"tserver-sim: {path}: the site file cannot be read: No such file or directory\n"
    assert outcome("--site", str(path)) == (1, "", text)


def test_a_faulty_site_file(site: Path) -> None:
    site.write_text(SITE.replace("answers_after: 1", "answers_after: soon"))
    text = (
        f"tserver-sim: {site}:9: switches[0].dns[1].phone.answers_after: "
        "expected seconds, 0 to 86400, got 'soon'\n"
    )
    assert outcome("--site", str(site)) == (1, "", text)
