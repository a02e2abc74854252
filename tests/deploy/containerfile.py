"""Carries out a container file in a folder, as far as that goes without a container engine.

Each stage gets a folder that stands for its file system, and its absolute paths are taken to be in there.
What a stage takes from its base image, Python and a shell, is this machine's.
"""

import re
import shlex
import shutil
import subprocess
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from tests.deploy.programs import environment

ABSOLUTE = re.compile(r"(?<![^\s=:\"'])/(?=(?:src|opt|etc)\b)")
"""The slash that begins a path of the image, at the start of a word or after `=`, `:` or a quote."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, with its continuation lines joined."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The text, split as a shell does."""
        return shlex.split(self.text)


def read(file: Path) -> list[Instruction]:
    """Read the instructions of a container file."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


@dataclass(slots=True)
class Image:
    """The last stage: its files, and what it runs with."""

    root: Path
    env: Mapping[str, str]

    def path(self, text: str) -> str:
        """Put the absolute paths of a text into the image."""
        return ABSOLUTE.sub(f"{self.root}/", text)

    def files(self) -> set[Path]:
        """List all that is in the image."""
        return set(self.root.rglob("*"))


def base_python(folder: Path) -> Path:
    """Make what stands for the Python of the base image, with pip and nothing else."""
    venv.create(folder, with_pip=True)
    return folder


@dataclass(slots=True)
class Builder:
    """Builds in `scratch` from `context`, the folder that the build is given, with the Python in `python`."""

    context: Path
    scratch: Path
    python: Path
    _workdir: Path = field(init=False)
    _image: Image = field(init=False)

    def build(self, instructions: list[Instruction]) -> Image:
        """Carry out all instructions that make files or set what the programs run with."""
        for instruction in instructions:
            match instruction.name:
                case "FROM":
                    self._begin()
                case "WORKDIR":
                    self._workdir = Path(self._image.path(instruction.text))
                    self._workdir.mkdir(parents=True)
                case "COPY":
                    self._copy(*instruction.words)
                case "RUN":
                    self._run(instruction.text)
                case "ENV":
                    name, _, value = instruction.text.partition("=")
                    value = Template(self._image.path(value)).substitute(self._image.env)
                    self._image.env = {**self._image.env, name: value}
        return self._image

    def _begin(self) -> None:
        """Begin a stage. The one before makes room: its paths may be written into its files."""
        root = self.scratch / "root"
        if root.exists():
            root.rename(self.scratch / "build")
        root.mkdir()
        self._workdir = root
        self._image = Image(root, environment(PATH=f"{self.python}/bin:/usr/bin:/bin"))

    def _copy(self, *words: str) -> None:
        *options, target = words
        source = self.context
        if options[0].startswith("--from="):
            source = self.scratch / options.pop(0).removeprefix("--from=")
        to = self._workdir / self._image.path(target)
        for name in options:
            item = source / name.removeprefix("/")
            if item.is_dir():
                ignored = shutil.ignore_patterns("__pycache__") if source == self.context else None
                shutil.copytree(item, to, symlinks=True, ignore=ignored)
            else:
                shutil.copy(item, to)

    def _run(self, command: str) -> None:
        done = subprocess.run(
            ["/bin/sh", "-c", self._image.path(command)],
            cwd=self._workdir,
            env=self._image.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"RUN {command}\n{done.stderr}"
