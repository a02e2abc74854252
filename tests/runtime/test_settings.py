"""The settings of a program: where each comes from, and the reports of wrong ones, one line each."""

from pathlib import Path
from typing import Annotated, Literal, Self

import pytest
from pydantic import Field, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from bridge.runtime.program import Program
from bridge.runtime.settings import Flag, Port, ProgramSettings, setting_error


class Settings(ProgramSettings):
    model_config = SettingsConfigDict(env_prefix="TRY_")

    port: Annotated[Port, Field(description="port to listen on; 100 % free")] = 8080
    clock: Annotated[Literal["loop", "held"], Field(description="the clock")] = "loop"
    fast: Annotated[bool, Field(description="run fast")] = False
    words: Annotated[tuple[str, ...], NoDecode, Field(description="words"), Flag("WORD", "words")] = ()
    secret: Annotated[str | None, Field(description="a password", repr=False)] = None
    folder: Annotated[Path | None, Field(description="a folder")] = None

    @model_validator(mode="after")
    def _held_is_slow(self) -> Self:
        if self.fast and self.clock == "held":
            raise setting_error("clock", "a held clock is never fast")
        return self


@pytest.fixture
def outcome(capsys: pytest.CaptureFixture[str]) -> "Runner":
    return Runner(capsys)


class Runner:
    """Runs a program with these settings; gives its exit code and its lines of errors."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.found: list[Settings] = []

    def __call__(self, *arguments: str) -> tuple[int, list[str]]:
        program = Program("try", "A program.", "1.2.3")
        program.add_serving_command("serve", "serve it", Settings, self.found.append)
        code = program.main(("serve", *arguments))
        output = self._capsys.readouterr()
        assert output.out == ""
        return code, output.err.splitlines()


FAULTS = {
    "port": ("x", "expected an integer from 0 to 65535, got 'x'"),
    "clock": ("hold", "expected loop or held, got 'hold'; did you mean held?"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_value_of_a_flag(name: str, outcome: Runner) -> None:
    value, text = FAULTS[name]
    assert outcome(f"--{name}", value) == (2, [f"try: --{name}: {text}"])


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_value_of_a_variable(name: str, outcome: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    value, text = FAULTS[name]
    monkeypatch.setenv(f"TRY_{name.upper()}", value)
    assert outcome() == (1, [f"try: TRY_{name.upper()}: {text}"])


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_value_in_the_file(name: str, outcome: Runner, tmp_path: Path) -> None:
    value, text = FAULTS[name]
    file = tmp_path / "try.yaml"
    file.write_text(f"# a comment\n{name}: {value}\n")
    assert outcome("--config", str(file)) == (1, [f"try: {file}:2: {name}: {text}"])


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (("--prot", "1"), ["try: --prot: unknown flag, did you mean --port?"]),
        (("--prot=1",), ["try: --prot: unknown flag, did you mean --port?"]),
        (("--xyzzy",), ["try: --xyzzy: unknown flag, --help lists them"]),
        (("7010",), ["try: 7010: expected a flag, which begins with --"]),
        (
            ("--prot", "1", "--clcok", "held"),
            [
                "try: --prot: unknown flag, did you mean --port?",
                "try: --clcok: unknown flag, did you mean --clock?",
            ],
        ),
    ],
)
def test_an_unknown_flag(arguments: tuple[str, ...], lines: list[str], outcome: Runner) -> None:
    assert outcome(*arguments) == (2, lines)


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        ("port: 1\nprot: 8080\n", ["2: prot: unknown key, did you mean 'port'?"]),
        ("_env_file: x\n", ["1: _env_file: unknown key, known are clock, fast, folder, port, secret, words"]),
        ("port:\n", ["1: port: expected an integer from 0 to 65535, got nothing"]),
        ("folder: 0x10\n", ["1: folder: expected a path, got 0x10 (an integer)"]),
        ("words:\n  - a\n  - 1\n", ["3: words: expected a string, got 1 (an integer)"]),
        ("fast: maybe\n", ["1: fast: expected true or false, got 'maybe'"]),
        ("secret: 5\n", ["1: secret: expected a string, got a value that is not shown here"]),
        ("port: x\nclock: y\n", [
            "1: port: expected an integer from 0 to 65535, got 'x'",
            "2: clock: expected loop or held, got 'y'",
        ]),
        ("fast: true\nclock: held\n", ["2: clock: a held clock is never fast"]),
        ("- port\n", ["1: expected settings, one `name: value` a line"]),
        ("", ["1: expected a mapping, but the file is empty"]),
        ("port: 1\nport: 2\n", ["2: port: this key is given twice, first on line 1"]),
    ],
)  # fmt: skip
def test_a_wrong_settings_file(content: str, faults: list[str], outcome: Runner, tmp_path: Path) -> None:
    file = tmp_path / "try.yaml"
    file.write_text(content)
    assert outcome("--config", str(file)) == (1, [f"try: {file}:{fault}" for fault in faults])


@pytest.mark.parametrize("content", ["port: [\n", "\x00"])
def test_a_settings_file_that_is_not_yaml(content: str, outcome: Runner, tmp_path: Path) -> None:
    file = tmp_path / "try.yaml"
    file.write_text(content)
    code, (line,) = outcome("--config", str(file))
    assert code == 1
    assert line.startswith((f"try: {file}:1: ", f"try: {file}:2: "))


def test_the_value_that_counts_is_the_one_that_is_reported(
    outcome: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "try.yaml"
    file.write_text("port: of-the-file\n")
    monkeypatch.setenv("TRY_PORT", "of-the-environment")
    assert outcome("--config", str(file))[1][0].startswith("try: TRY_PORT: ")
    assert outcome("--config", str(file), "--port", "of-the-flag")[1][0].startswith("try: --port: ")


def test_a_flag_outranks_a_variable_which_outranks_the_file(
    outcome: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "try.yaml"
    file.write_text("port: 1\nclock: held\nwords: [a, 'b,c']\n")
    monkeypatch.setenv("TRY_PORT", "2")
    monkeypatch.setenv("TRY_FAST", "true")
    monkeypatch.setenv("TRY_CLOCK", "loop")
    assert outcome("--config", str(file), "--port", "3", "--no-fast") == (0, [])
    (found,) = outcome.found
    assert (found.port, found.clock, found.fast, found.words) == (3, "loop", False, ("a", "b,c"))


def test_the_help_has_every_setting_with_its_default_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    program = Program("try", "A program.", "1.2.3")
    program.add_serving_command("serve", "serve it", Settings, lambda _: None)
    with pytest.raises(SystemExit):
        program.main(("serve", "--help"))
    assert (
        capsys.readouterr().out
        == """\
usage: try serve [flags]

serve it

options:
  -h, --help         show this help message and exit
  --config FILE      settings in YAML; variables and flags outrank them
  --port PORT        port to listen on; 100 % free (default: 8080)
  --clock loop|held  the clock (default: loop)
  --fast, --no-fast  run fast
  --secret SECRET    a password
  --folder FOLDER    a folder

words:
  --words WORD       words
"""
    )
