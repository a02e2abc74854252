"""The container file: what can be shown of it without a container engine."""

import json
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.deploy import composefile
from tests.deploy.containerfile import Builder, Image, Instruction, base_python, read
from tests.deploy.programs import (
    DEPLOY,
    ROOT,
    commands,
    environment,
    greeting,
    pasted,
    running,
    shows_a_transfer,
)
from tests.needs import require

INSTRUCTIONS = read(DEPLOY / "Containerfile")
EXTERNAL_API = "http://127.0.0.1:8080/api/v2"


def texts(name: str) -> list[str]:
    return [instruction.text for instruction in INSTRUCTIONS if instruction.name == name]


def health_check() -> list[str]:
    (text,) = texts("HEALTHCHECK")
    check: list[str] = json.loads(text.partition("CMD ")[2])
    return check


def test_both_stages_have_one_base_and_name_no_registry() -> None:
    first, last = texts("FROM")
    assert first == f"{last} AS build"
    assert "/" not in last


def test_the_programs_run_without_rights() -> None:
    assert texts("USER") == ["10001:10001"]
    assert texts("STOPSIGNAL") == ["SIGTERM"]


def test_the_last_stage_has_only_the_programs_and_the_sites() -> None:
    last = max(index for index, instruction in enumerate(INSTRUCTIONS) if instruction.name == "FROM")
    assert [i.text.partition(" ")[0] for i in INSTRUCTIONS[last:] if i.name in ("COPY", "RUN", "ADD")] == [
        "--from=build",
        "deploy/sites",
    ]


def test_the_build_is_given_just_what_it_copies() -> None:
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    given = {line[1:] for line in ignore if line.startswith("!")}
    copied = {word for i in INSTRUCTIONS if copies_of_context(i) for word in i.words[:-1]}
    assert "*" in ignore
    assert {word for word in copied if not any(fnmatch(word, pattern) for pattern in given)} == set()
    assert {pattern for pattern in given if not any(fnmatch(word, pattern) for word in copied)} == set()


def copies_of_context(instruction: Instruction) -> bool:
    return instruction.name == "COPY" and not instruction.text.startswith("--from=")


@pytest.mark.timeout(300)
def test_it_builds_and_its_programs_serve(tmp_path: Path) -> None:
    """Build as the file says; run what it says, and both services of the compose file, on what came out."""
    python = base_python(tmp_path / "python")
    needs_registry(python, tmp_path / "asked")
    image = Builder(ROOT, tmp_path, python).build(INSTRUCTIONS)
    before = image.files()
    empty = tmp_path / "empty"
    empty.mkdir()

    serves_a_transfer(image, empty)
    its_own_command_serves(image, empty)
    assert image.files() == before  # it can be read-only
    assert list(empty.iterdir()) == []


def serves_a_transfer(image: Image, cwd: Path) -> None:
    with composefile.up(image.path, cwd, image.env) as started:
        assert composefile.is_healthy(health_check(), 8080, started.bridge, image.env)
        shows_a_transfer(pasted(commands(greeting(f"http://127.0.0.1:{started.bridge}"))), EXTERNAL_API)
    assert not composefile.is_healthy(health_check(), 8080, started.bridge, image.env)


def its_own_command_serves(image: Image, cwd: Path) -> None:
    command = json.loads(image.path(texts("CMD")[0]))
    with running([*command, "--host=127.0.0.1", "--port=0"], cwd=cwd, env=image.env) as printed:
        port = composefile.port(next(printed))
        assert composefile.is_healthy(health_check(), 8080, port, image.env)


def needs_registry(python: Path, folder: Path) -> None:
    """Ask for the first locked package, a small one."""
    requirement = (ROOT / "requirements.txt").read_text().split("\n", 2)[2].split(" \\", 1)[0]
    asked = subprocess.run(
        [f"{python}/bin/pip", "--retries=0", "download", "--no-deps", f"--dest={folder}", requirement],
        env=environment(),
        capture_output=True,
        check=False,
    )
    require("a package registry", present=asked.returncode == 0, reason="pip cannot download from one")
