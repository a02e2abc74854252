"""The program `tserver-bridge`: settings, and one clear line for everything that keeps it from its work."""

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.commands import BridgeSettings
from bridge.directory import passwords
from bridge.runtime.settings import flag_name, setting_name
from tests.processes import PROGRAMS
from tests.settings import settings
from tests.sites import quick_demo_site


def fails(*flags: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
    """Run the program; gives its exit code and its error output, which must be one line."""
    done = subprocess.run(
        [PROGRAMS / "tserver-bridge", *flags],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.returncode, done.stderr.rstrip("\n")


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, line = fails("serve", "--site", str(quick_demo_site()), "--port", str(port))
    assert code == 1
    assert line.startswith(f"tserver-bridge: cannot listen on 127.0.0.1:{port}: the port is in use")


def test_a_site_file_that_is_not_there() -> None:
    code, line = fails("serve", "--site", "nowhere.yaml")
    assert (code, line) == (
        1,
        "tserver-bridge: nowhere.yaml: the site file cannot be read: No such file or directory",
    )


def test_a_fault_in_the_site_file_is_told_with_its_line(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(quick_demo_site().read_text().replace("- api-voice\n", "- api-vioce\n", 1))
    number = next(n for n, text in enumerate(site.read_text().splitlines(), 1) if "api-vioce" in text)
    code, line = fails("serve", "--site", str(site))
    assert code == 1
    assert f"{site}:{number}: contact_centers[0].features[0]" in line
    assert "api-voice" in line


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("serve", "--prot", "1"), "tserver-bridge: --prot: unknown flag, did you mean --port?"),
        (("fly",), "tserver-bridge: argument COMMAND: invalid choice: 'fly'"),
        ((), "tserver-bridge: the following arguments are required: COMMAND (--help tells more)"),
        (
            ("serve", "--port"),
            "tserver-bridge serve: argument --port: expected one argument (--help tells more)",
        ),
        (("serve", "--port", "x"), "tserver-bridge: --port: expected an integer from 0 to 65535, got 'x'"),
        (("serve", "--port", "65536"), "tserver-bridge: --port: expected an integer from 0 to 65535, got"),
        (
            ("serve", "--switch", "7010"),
            "tserver-bridge: --switch: expected [NAME=]tcp://HOST:PORT, or tls://, or two of them",
        ),
        (("serve", "--switch", "tcp://host"), "tserver-bridge: --switch: expected [NAME=]tcp://HOST:PORT"),
        (
            ("serve", "--switch", "tcp://host:99999"),
            "tserver-bridge: --switch: expected [NAME=]tcp://HOST:PORT",
        ),
    ],
)
def test_a_wrong_flag(flags: tuple[str, ...], text: str) -> None:
    code, line = fails(*flags)
    assert code == 2
    assert line.startswith(text)


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--greeting", "nowhere.txt"), "cannot read the greeting: [Errno 2]"),
        (
            ("--config", "nowhere.yaml"),
            "nowhere.yaml: the settings file cannot be read: No such file or directory",
        ),
        (
            ("--switch", "X=tcp://host:1"),
            "--switch X=tcp://host:1: the site has no switch X; it has Switch_A",
        ),
        (("--switch", "tcp://host:1", "--embedded-switch"), "an embedded switch and a switch elsewhere"),
    ],
)
def test_a_setting_that_makes_no_sense(flags: tuple[str, ...], text: str) -> None:
    code, line = fails("serve", "--site", str(quick_demo_site()), "--port", "0", *flags)
    assert code == 1
    assert line.startswith(f"tserver-bridge: {text}")


def test_settings_come_from_file_environment_and_flags_in_rising_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bridge.yaml"
    file.write_text("site: of-the-file.yaml\nport: 1\nhost: of-the-file\nswitch: [tcp://a:1]\n")
    monkeypatch.setenv("TSERVER_BRIDGE_PORT", "2")
    monkeypatch.setenv("TSERVER_BRIDGE_HOST", "of-the-environment")
    monkeypatch.setenv("TSERVER_BRIDGE_SWITCH", "tcp://b:1,Switch_B=tcp://b:2")

    chosen = settings(BridgeSettings, "--port", "3", file=file)

    assert (str(chosen.site), chosen.host, chosen.port) == ("of-the-file.yaml", "of-the-environment", 3)
    assert chosen.switch == ("tcp://b:1", "Switch_B=tcp://b:2")


def test_a_flag_that_is_given_twice_is_a_list_and_is_not_split_at_commas() -> None:
    flags = ("--switch", "tcp://a:1,tcp://a:2", "--switch", "Switch_B=tcp://b:1")
    assert settings(BridgeSettings, *flags).switch == ("tcp://a:1,tcp://a:2", "Switch_B=tcp://b:1")


def test_a_flag_turns_off_what_the_environment_turned_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TSERVER_BRIDGE_WEBSOCKET", "true")
    assert settings(BridgeSettings).websocket
    assert not settings(BridgeSettings, "--no-websocket").websocket


def test_the_first_fault_found_in_the_settings_file_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "bridge.yaml"
    file.write_text("host: localhost\nport: high\n")
    code, line = fails("serve", "--config", str(file))
    assert code == 1
    assert line == f"tserver-bridge: {file}:2: port: expected an integer from 0 to 65535, got 'high'"


def test_hash_password_makes_a_hash_that_is_good_for_the_site_file() -> None:
    done = subprocess.run(
        [PROGRAMS / "tserver-bridge", "hash-password"],
        input="s3cret pass\n",
        capture_output=True,
        text=True,
        check=True,
    )
    encoded = done.stdout.rstrip("\n")
    assert passwords.is_hash(encoded)
    assert passwords.verify(encoded, "s3cret pass")


def test_no_password_is_no_password() -> None:
    assert fails("hash-password") == (1, "tserver-bridge: no password was given")


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.strip() == "0.1.0"


def test_every_flag_is_a_setting_and_every_setting_a_flag() -> None:
    helped = subprocess.run(
        [PROGRAMS / "tserver-bridge", "serve", "--help"], capture_output=True, text=True, check=True
    ).stdout
    shown = set(re.findall(r"^  (?:-h, )?(--[a-z-]+)", helped, re.MULTILINE))
    flags = {flag_name(setting_name(*item)) for item in BridgeSettings.model_fields.items()}
    assert shown == flags | {"--help", "--config"}
