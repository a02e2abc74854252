"""What deploy/README.md says is so, as far as this machine can tell."""

import re
import subprocess
from pathlib import Path

from tests.deploy.containerfile import read
from tests.deploy.programs import DEPLOY, ROOT

TEXT = (DEPLOY / "README.md").read_text()
LINES = [line for block in re.findall("```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


def test_its_table_lists_all_files() -> None:
    table = "\n".join(line for line in TEXT.splitlines() if line.startswith("| `"))
    listed = {name for name in re.findall("`([^`]+)`", table) if (DEPLOY / name).is_file()}
    there = {str(file.relative_to(DEPLOY)) for file in DEPLOY.rglob("*") if file.is_file()}
    assert listed | {"README.md"} >= there


def test_a_host_is_set_up_as_the_image_is() -> None:
    on_a_host = [line.partition("uv pip ")[2] for line in LINES if "uv pip " in line]
    in_the_image = [i.text.removeprefix("uv pip ") for i in read(DEPLOY / "Containerfile") if i.name == "RUN"]
    assert on_a_host == in_the_image[2:]


def test_the_install_lines_put_the_files_where_the_units_look(tmp_path: Path) -> None:
    for line in LINES:
        if line.startswith("sudo install "):
            command = line.removeprefix("sudo ").replace("/etc/", f"{tmp_path}/")
            subprocess.run(command.split(), cwd=ROOT, check=True)

    modes = {str(f.relative_to(tmp_path)): f"{f.stat().st_mode:o}"[-3:] for f in tmp_path.rglob("*.*")}
    assert modes == {
        "systemd/system/tserver-bridge.service": "644",
        "systemd/system/tserver-sim.service": "644",
        "tserver-bridge/bridge.yaml": "644",
        "tserver-bridge/sim.yaml": "644",
        "tserver-bridge/site.yaml": "600",
    }
