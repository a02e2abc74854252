"""The systemd units: systemd understands them, and what they start runs."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
import yaml

from tests.deploy.programs import BIN, DEPLOY, becomes_ready, running
from tests.needs import require

UNITS = DEPLOY / "systemd"
PROGRAMS = ("tserver-bridge", "tserver-sim")
MOST_EXPOSED = 20
"""Tenths of the points by which `systemd-analyze security` measures exposure; 100 is no protection."""


def unit(name: str) -> str:
    return (UNITS / f"{name}.service").read_text()


@pytest.fixture
def verified(tmp_path: Path) -> list[Path]:
    """Write the units with programs that are there: systemd looks for them."""
    files = [tmp_path / f"{name}.service" for name in PROGRAMS]
    for file in files:
        file.write_text(unit(file.stem).replace("/opt/tserver-bridge/bin/", f"{BIN}/"))
    return files


def systemd_analyze(*arguments: str | Path) -> tuple[int, str]:
    program = shutil.which("systemd-analyze")
    require("systemd-analyze", present=program is not None, reason="install systemd (Debian: systemd)")
    done = subprocess.run([str(program), *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_systemd_understands_them(verified: list[Path]) -> None:
    code, output = systemd_analyze("verify", "--man=no", *verified)
    assert code == 0, output
    assert not [line for line in output.splitlines() if "tserver" in line]


@pytest.mark.parametrize("index", range(len(PROGRAMS)), ids=PROGRAMS)
def test_little_of_the_machine_is_exposed(verified: list[Path], index: int) -> None:
    code, output = systemd_analyze(
        "security", "--no-pager", "--offline=true", f"--threshold={MOST_EXPOSED}", verified[index]
    )
    assert code == 0, output


def test_both_are_confined_alike() -> None:
    bridge, sim = (unit(name).partition("# What the program may do")[2] for name in PROGRAMS)
    assert bridge
    assert bridge == sim


def test_what_they_start_serves(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    shutil.copy(DEPLOY / "sites" / "demo.yaml", site)

    sim = [*command("tserver-sim", site), "--port=0", "--control-port=0"]
    with running(sim, cwd=tmp_path) as printed:
        switches = list(addresses(islice(printed, 3)))
        assert len(switches) == 2
        bridge = [*command("tserver-bridge", site), "--port=0", *(f"--switch={s}" for s in switches)]
        with running(bridge, cwd=tmp_path) as greeting:
            becomes_ready(next(greeting).split()[1].removesuffix("/api/v2"))


def command(name: str, site: Path) -> list[str]:
    """Read what a unit starts, with its files where they are here."""
    text = unit(name)
    assert f"LoadCredential={site.name}:/etc/tserver-bridge/{site.name}" in text.splitlines()
    (started,) = re.findall("^ExecStart=(.+)$", text, re.MULTILINE)
    return [
        word.replace("/opt/tserver-bridge/bin", str(BIN))
        .replace("/etc/tserver-bridge", str(UNITS))
        .replace("${CREDENTIALS_DIRECTORY}", str(site.parent))
        for word in started.split()
    ]


def addresses(printed: Iterator[str]) -> Iterator[str]:
    """Read the switches' addresses from what the simulator prints, as the bridge takes them."""
    for line in printed:
        found = re.fullmatch(r"\S+ for (\S+): (tcp://\S+)\n", line)
        if found:
            yield f"{found[1]}={found[2]}"


def test_the_example_settings_lead_to_the_first_switch_of_the_site() -> None:
    settings = yaml.safe_load((UNITS / "bridge.yaml").read_text())
    site = yaml.safe_load((DEPLOY / "sites" / "demo.yaml").read_text())
    assert settings["switch"] == [f"tcp://127.0.0.1:{site['switches'][0]['tserver']['port']}"]
