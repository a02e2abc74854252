"""The reader of the site file: what it takes, and what it says of what it does not take."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from bridge.runtime import sitefile
from bridge.runtime.sitefile import Loc, SiteFileError, SiteFileFault, expected


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Phone(Strict):
    answers_after: float = Field(0, ge=0)
    password: str = ""


class Dn(Strict):
    number: Annotated[str, Field(pattern=r"^[0-9]+$"), expected("a string of digits")]
    phone: Phone | None = None


class Switch(Strict):
    name: str
    port: int = 0
    dns: tuple[Dn, ...] = ()
    extensions: dict[str, Annotated[str | int, expected("a string or an integer")]] = {}


class Site(Strict):
    switches: tuple[Switch, ...]


def no_twins(site: Site) -> Iterator[tuple[Loc, str]]:
    names: set[str] = set()
    for i, switch in enumerate(site.switches):
        if switch.name in names:
            yield ("switches", i, "name"), "this switch is given twice"
        names.add(switch.name)
        if switch.name == "portless" and not switch.port:
            yield ("switches", i, "port"), "a port is needed here"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.yaml"


def report(path: Path, text: str | bytes) -> list[str]:
    """Lines of the report on a file with this text, without the folder."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SiteFileError) as caught:
        sitefile.read(path, Site, no_twins)
    return str(caught.value).replace(f"{path.parent}/", "").splitlines()


def outcome(path: Path) -> SiteFileError | None:
    try:
        sitefile.read(path, Site, no_twins)
    except SiteFileError as error:
        return error
    return None


def test_a_good_file_becomes_the_model(path: Path) -> None:
    path.write_text(
        """
        switches:
          - name: &name Switch_A
            port: 7010
            extensions: {on: yes, since: 2024-01-01, name: *name, 0: 1}
            dns:
              - {number: "015000", phone: {answers_after: 1}}
        """,
        "utf-8-sig",
    )

    site = sitefile.read(path, Site, no_twins)

    assert site == Site(
        switches=(
            Switch(
                name="Switch_A",
                port=7010,
                extensions={"on": 1, "since": "2024-01-01", "name": "Switch_A", "0": 1},
                dns=(Dn(number="015000", phone=Phone(answers_after=1)),),
            ),
        )
    )


WRONG_VALUES = {
    "a number without quotes": (
        "switches:\n- name: A\n  dns:\n  - {number: 15}",
        [
            (
                "site.yaml:4: switches[0].dns[0].number: expected a string of digits, got 15 (an integer);"
                " put it in quotes"
            )
        ],
    ),
    "a value is shown as it was written": (
        "switches: [{name: 0x10}, {name: yes}, {name: 1.50}]",
        [
            "site.yaml:1: switches[0].name: expected a string, got 0x10 (an integer); put it in quotes",
            "site.yaml:1: switches[1].name: expected a string, got yes (a boolean); put it in quotes",
            "site.yaml:1: switches[2].name: expected a string, got 1.50 (a number); put it in quotes",
        ],
    ),
    "a text that does not fit": (
        'switches:\n- name: A\n  dns:\n  - number: "15\\n"',
        ["site.yaml:4: switches[0].dns[0].number: expected a string of digits, got '15\\n'"],
    ),
    "a long text is cut": (
        f"switches:\n- name: A\n  port: {'x' * 99}",
        [f"site.yaml:3: switches[0].port: expected an integer, got '{'x' * 57}...'"],
    ),
    "a mapping, a list, nothing": (
        "switches:\n- name: {}\n  port: []\n  dns:\n- A",
        [
            "site.yaml:2: switches[0].name: expected a string, got a mapping",
            "site.yaml:3: switches[0].port: expected an integer, got a list",
            "site.yaml:4: switches[0].dns: expected a list, got nothing",
            "site.yaml:5: switches[1]: expected a mapping, got 'A'",
        ],
    ),
    "a value out of range": (
        "switches:\n- name: A\n  dns:\n  - {number: '1', phone: {answers_after: -1}}",
        [
            (
                "site.yaml:4: switches[0].dns[0].phone.answers_after:"
                " expected greater than or equal to 0, got -1 (an integer)"
            )
        ],
    ),
    "a union is told in one line": (
        "switches:\n- name: A\n  extensions:\n    BusinessCall: []",
        ["site.yaml:4: switches[0].extensions.BusinessCall: expected a string or an integer, got a list"],
    ),
    "a password is not shown": (
        "switches:\n- name: A\n  dns:\n  - number: '1'\n    phone:\n      password: 4711",
        [
            (
                "site.yaml:6: switches[0].dns[0].phone.password:"
                " expected a string, got a value that is not shown here; put it in quotes"
            )
        ],
    ),
    "a password without its quotes is not shown either": (
        "switches:\n- name: A\n  dns:\n  - {number: '1', phone: {password: se,cret}}",
        [
            (
                "site.yaml:4: switches[0].dns[0].phone: unknown key, not shown here;"
                " it may be part of a password that needs quotes"
            )
        ],
    ),
    "an alias is at fault where it is used": (
        "switches:\n- name: &a A\n\n- name: B\n  port: *a",
        ["site.yaml:5: switches[1].port: expected an integer, got 'A'"],
    ),
    "a number that no integer is made for": (
        f"switches:\n- name: A\n  port: {'9' * 5000}",
        [f"site.yaml:3: switches[0].port: expected an integer, got '{'9' * 57}...'"],
    ),
}
WRONG_KEYS = {
    "a key that is missing": (
        "switches:\n-\n  port: 1",
        ["site.yaml:3: switches[0].name: this key is required and is missing"],
    ),
    "a top-level key that is missing": (
        "{}",
        ["site.yaml:1: switches: this key is required and is missing"],
    ),
    "a misspelt key": (
        "swithces: []\nswitches:\n- name: A\n  dns:\n  - {number: '1', phone: {answer_after: 1}}",
        [
            "site.yaml:1: swithces: unknown key, did you mean 'switches'?",
            "site.yaml:5: switches[0].dns[0].phone.answer_after: unknown key, did you mean 'answers_after'?",
        ],
    ),
    "a strange key": (
        "switches:\n- name: A\n  0: 1\n  <<: {port: 1}",
        [
            "site.yaml:3: switches[0]['0']: unknown key, known are dns, extensions, name, port",
            "site.yaml:4: switches[0]['<<']: unknown key, known are dns, extensions, name, port",
        ],
    ),
    "a key given twice, and other faults": (
        "switches:\n- name: A\n  port: x\n  name: B\n  name: C",
        [
            "site.yaml:3: switches[0].port: expected an integer, got 'x'",
            "site.yaml:4: switches[0].name: this key is given twice, first on line 2",
            "site.yaml:5: switches[0].name: this key is given twice, first on line 2",
        ],
    ),
    "a key that is a list": (
        "switches: []\n? [a]\n: b",
        ["site.yaml:2: a key must be a single value"],
    ),
}
CROSS_CHECKS = {
    "told with its line": (
        "switches:\n- name: A\n- name: A",
        ["site.yaml:3: switches[1].name: this switch is given twice"],
    ),
    "told on the nearest line if the place is not in the file": (
        "switches:\n- name: A\n- name: portless",
        ["site.yaml:3: switches[1].port: a port is needed here"],
    ),
    "in the order of the file": (
        "switches:\n- {name: portless}\n- {name: A}\n- {name: A}\nswitches: []",
        [
            "site.yaml:2: switches[0].port: a port is needed here",
            "site.yaml:4: switches[2].name: this switch is given twice",
            "site.yaml:5: switches: this key is given twice, first on line 1",
        ],
    ),
}
NOT_YAML = {
    "empty": ("", ["site.yaml:1: expected a mapping, but the file is empty"]),
    "only a comment": ("# nothing\n---\n", ["site.yaml:1: expected a mapping, but the file is empty"]),
    "a list": ("- a", ["site.yaml:1: expected a mapping, got a list"]),
    "one word": ("a", ["site.yaml:1: expected a mapping, got 'a'"]),
    "not closed": (
        "a: 1\nb: {c: 1\nd: 2\n",
        [
            (
                "site.yaml:3: cannot be parsed: while parsing a flow mapping (begun on line 2),"
                " expected ',' or '}', but got ':'"
            )
        ],
    ),
    "a wrong indent": (
        "a:\n   - b: 7\n  c: 7\n",
        [
            (
                "site.yaml:3: cannot be parsed: while parsing a block mapping (begun on line 1),"
                " expected <block end>, but found '<block mapping start>'"
            )
        ],
    ),
    "two documents": (
        "a: 1\n---\nb: 2",
        [
            (
                "site.yaml:2: cannot be parsed: expected a single document in the stream (begun on line 1),"
                " but found another document"
            )
        ],
    ),
    "not UTF-8": (b"a: 1\nb: \xff\n", ["site.yaml:2: the site file is not UTF-8 text"]),
    "a control character": ("a: 1\nb: \x01", ["site.yaml:2: cannot be parsed: a control character"]),
    "a character that does not exist": (
        'a: 1\nb: "\\UFFFFFFFF"',
        ["site.yaml:2: cannot be parsed: a number or a character code is out of range"],
    ),
    "half a character": (
        'a: 1\nb: "\\ud800"\n',
        ["site.yaml:2: cannot be parsed: half of a surrogate pair is no character"],
    ),
    "a tag": (
        "a: 1\nb: !!python/name:os.system x",
        ["site.yaml:2: cannot be parsed: tags are not allowed here"],
    ),
    "an unknown alias": ("a: 1\nb: *c", ["site.yaml:2: cannot be parsed: found undefined alias"]),
    "a password that begins like an alias": (
        "password: *secret",
        ["site.yaml:1: cannot be parsed: found undefined alias"],
    ),
    "a password that begins like an anchor": (
        "a: &secret x\npassword: &secret",
        [
            (
                "site.yaml:2: cannot be parsed: found duplicate anchor; first occurrence (begun on line 1),"
                " second occurrence"
            )
        ],
    ),
    "a password that begins like a tag": (
        "password: !secret!x",
        ["site.yaml:1: cannot be parsed: while parsing a node, found undefined tag handle"],
    ),
    "an alias bomb": (
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
        [
            (
                "site.yaml:2: cannot be parsed: an alias may stand for a single value only,"
                " not for a list or a mapping"
            )
        ],
    ),
    "an alias inside itself": (
        "a: &a [*a]",
        [
            (
                "site.yaml:1: cannot be parsed: an alias may stand for a single value only,"
                " not for a list or a mapping"
            )
        ],
    ),
    "too deep": ("a:\n  " + "[" * 800, ["site.yaml:2: cannot be parsed: nested deeper than 32 levels"]),
}
FAULTY = WRONG_VALUES | WRONG_KEYS | CROSS_CHECKS | NOT_YAML


@pytest.mark.parametrize(("text", "lines"), FAULTY.values(), ids=FAULTY.keys())
def test_every_fault_is_reported_with_its_line(path: Path, text: str | bytes, lines: list[str]) -> None:
    assert report(path, text) == lines


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(SiteFileError) as caught:
        sitefile.read(path, Site)

    assert str(caught.value) == f"{path}: the site file cannot be read: No such file or directory"
    assert caught.value.faults == (
        SiteFileFault(0, "", "the site file cannot be read: No such file or directory"),
    )


def test_a_directory(path: Path) -> None:
    path.mkdir()

    with pytest.raises(SiteFileError) as caught:
        sitefile.read(path, Site)

    assert str(caught.value) == f"{path}: the site file cannot be read: Is a directory"


def test_a_file_that_is_too_large(path: Path) -> None:
    assert report(path, b"#" * (sitefile.MAX_BYTES + 1)) == ["site.yaml: the site file is larger than 10 MiB"]


@given(
    text=st.text()
    | st.text(st.sampled_from("switches:[]{}-?!&*|>'\"%#\\nUu\t \n0123456789.name,"), max_size=60)
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_does_worse_than_a_report(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")

    error = outcome(path)

    assert error is None or len(str(error).splitlines()) == len(error.faults) > 0
