"""Rules about the product's modules that neither ruff, mypy nor import-linter can check."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bridge", "tserver_sim")
MODULES = sorted(module for package in PACKAGES for module in (ROOT / package).rglob("*.py"))

MAX_MODULES = 16
"""In one folder, without `__init__.py`: what a reader can survey."""

_SAME_WORD_IN_CONTROL_API = (
    "a component of the control API's OpenAPI document; the protocol's enumeration has the same name"
)

SHARED_CLASS_NAMES: Mapping[str, str] = {
    "AgentState": "GWS's agent state, and a component of the control API's OpenAPI document",
    "CallState": _SAME_WORD_IN_CONTROL_API,
    "DNState": _SAME_WORD_IN_CONTROL_API,
    "PartyState": _SAME_WORD_IN_CONTROL_API,
}
"""The class names that may stand in more than one module, each with the reason."""

PICTURES = re.compile(
    r"\b(desks?|floors?|sittings?|seating|staffing|partings?|deeds?|offices?|doors?|hub)\b", re.IGNORECASE
)
"""Invented names for things that have a name in the field."""

RIDDLES = re.compile(
    r"\b([Ww]hoever|[Ss]omebody|[Nn]obody|(is|are) told|has it that|by and by|Take in|Have the)\b"
)
"""Phrases that leave open who does what."""

PUBLISHED = frozenset(
    {
        "A device as it is configured, whoever has it.",
        "Lets nobody hear this device any more.",
        "Nobody hears the monitored agent.",
        "Nobody notices the supervisor.",
        "Somebody to call: a user (of type `User`), or another (`Custom`).",
    }
)
"""Docstrings that are texts of the bridge's OpenAPI document, which stays as it is (tests/golden)."""


def docstrings(module: Path) -> Iterator[tuple[int, str]]:
    """Yield each docstring, those of attributes too, with its line number."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            text = node.value.value
            if isinstance(text, str) and text not in PUBLISHED:
                yield node.lineno, text


def matches(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{module.relative_to(ROOT)}:{line}: {found[0]}"
        for module in MODULES
        for line, text in docstrings(module)
        for found in pattern.finditer(text)
    ]


@pytest.fixture(scope="module")
def modules_by_class() -> Mapping[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ClassDef):
                found[node.name].add(str(module.relative_to(ROOT)))
    return found


def test_no_folder_has_too_many_modules() -> None:
    sizes = Counter(module.parent.relative_to(ROOT) for module in MODULES if module.name != "__init__.py")
    assert {str(folder): size for folder, size in sizes.items() if size > MAX_MODULES} == {}


def test_a_class_name_stands_in_one_module(modules_by_class: Mapping[str, set[str]]) -> None:
    shared = {name: modules for name, modules in modules_by_class.items() if len(modules) > 1}
    assert {name: modules for name, modules in shared.items() if name not in SHARED_CLASS_NAMES} == {}


def test_every_exception_is_still_needed(modules_by_class: Mapping[str, set[str]]) -> None:
    assert [name for name in SHARED_CLASS_NAMES if len(modules_by_class.get(name, ())) < 2] == []


def test_docstrings_use_the_words_of_the_field() -> None:
    assert matches(PICTURES) == []


def test_docstrings_say_who_does_what() -> None:
    assert matches(RIDDLES) == []


def test_every_published_docstring_is_still_there() -> None:
    texts = "\n".join(module.read_text() for module in MODULES)
    assert [text for text in PUBLISHED if text not in texts] == []
