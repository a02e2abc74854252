"""The program `tserver-bridge`: settings, and one clear line for everything that keeps it from its work."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.commands import BridgeSettings
from bridge.directory import passwords
from bridge.runtime import settings
from bridge.runtime.loop import CannotStartError
from tests.processes import PROGRAMS
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
        (("serve", "--prot", "1"), "tserver-bridge: unrecognized arguments: --prot 1 (--help tells more)"),
        (("fly",), "tserver-bridge: argument COMMAND: invalid choice: 'fly'"),
        ((), "tserver-bridge: the following arguments are required: COMMAND (--help tells more)"),
        (("serve", "--port", "x"), "tserver-bridge serve: argument --port: invalid int value: 'x'"),
    ],
)
def test_a_wrong_flag(flags: tuple[str, ...], text: str) -> None:
    code, line = fails(*flags)
    assert code == 2
    assert line.startswith(text)


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--port", "65536"), "settings: port: Input should be less than or equal to 65535"),
        (("--greeting", "nowhere.txt"), "cannot read the greeting: [Errno 2]"),
        (("--config", "nowhere.yaml"), "cannot read the settings in nowhere.yaml: [Errno 2]"),
        (("--switch", "7010"), "--switch 7010: expected [NAME=]tcp://HOST:PORT"),
        (("--switch", "tcp://host"), "--switch tcp://host: expected [NAME=]tcp://HOST:PORT"),
        (("--switch", "tcp://host:99999"), "--switch tcp://host:99999: expected [NAME=]tcp://HOST:PORT"),
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

    chosen = settings.load(BridgeSettings, {"port": 3, "host": None}, file)

    assert (str(chosen.site), chosen.host, chosen.port) == ("of-the-file.yaml", "of-the-environment", 3)
    assert chosen.switch == ("tcp://b:1", "Switch_B=tcp://b:2")


def test_a_setting_that_does_not_exist_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bridge.yaml"
    file.write_text("prot: 8080\n")
    with pytest.raises(CannotStartError, match="settings: prot: Extra inputs are not permitted"):
        settings.load(BridgeSettings, {}, file)


@pytest.mark.parametrize("content", ["- 8080\n", "", "port: [\n", "\x00"])
def test_a_settings_file_that_is_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "bridge.yaml"
    file.write_text(content)
    with pytest.raises(CannotStartError, match=r"bridge\.yaml"):
        settings.load(BridgeSettings, {}, file)


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
    for name in BridgeSettings.model_fields:
        assert f"--{name.replace('_', '-')}" in helped
