"""What is installed: declared dependencies, typed packages, and faces that hold what they name."""

import ast
import importlib
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from hatchling.builders.wheel import WheelBuilder

from tests.sites import ROOT

PACKAGES = ("bridge", "tserver_sim")
FACES = {"bridge.bayeux", "bridge.directory", "bridge.link", "bridge.voice", "tserver_sim.site"}
LOADED_BY_OTHERS = {
    "aiosqlite": "SQLAlchemy's driver for SQLite",
    "httptools": "uvicorn's parser of HTTP",
    "psycopg": "SQLAlchemy's driver for PostgreSQL",
    "websockets": "uvicorn's web sockets",
}
"""What is declared though no line here imports it, and why."""


def project() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def normalized(requirement: str) -> str:
    """Return the name of a requirement's distribution, as PyPI compares names."""
    name = re.match(r"[\w.-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def sources(package: str) -> Iterator[Path]:
    yield from (ROOT / package).rglob("*.py")


def imported_modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            assert node.module
            yield node.module


def imported_distributions(*, extra: bool) -> set[str]:
    """Return the distributions that the modules import; those of the database only if `extra`."""
    of_module = packages_distributions()
    found = set()
    for package in PACKAGES:
        for file in sources(package):
            if (file.parent.name, file.stem) in DATABASE_MODULES and not extra:
                continue
            for module in imported_modules(file):
                top, _, rest = module.partition(".")
                if top not in sys.stdlib_module_names and top not in PACKAGES:
                    # of a namespace package such as zope each part is a distribution of its own
                    name = f"{top}-{rest.partition('.')[0]}"
                    distributions = {normalized(each) for each in of_module[top]}
                    found.add(name if name in distributions else min(distributions))
    return found


DATABASE_MODULES = {("directory", name) for name in ("schema", "sql", "store")}


def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    declared = {normalized(each) for each in project()["dependencies"]}
    extra = {normalized(each) for each in project()["optional-dependencies"]["database"]}
    assert imported_distributions(extra=False) == declared - LOADED_BY_OTHERS.keys()
    assert imported_distributions(extra=True) == (declared | extra) - LOADED_BY_OTHERS.keys()
    assert not declared & extra
    assert declared | extra >= LOADED_BY_OTHERS.keys()


def test_the_wheel_is_typed_and_whole(tmp_path: Path) -> None:
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        (metadata,) = [name for name in names if name.endswith("/METADATA")]
        assert "Provides-Extra: database" in wheel.read(metadata).decode()
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert {str(file.relative_to(ROOT)) for package in PACKAGES for file in sources(package)} <= names


def faces() -> set[str]:
    return {
        ".".join(file.parent.relative_to(ROOT).parts)
        for package in PACKAGES
        for file in sources(package)
        if file.name == "__init__.py" and "__all__" in file.read_text(encoding="utf-8")
    }


def test_a_face_holds_what_it_names() -> None:
    assert faces() >= FACES
    for face in faces():
        module = importlib.import_module(face)
        assert [name for name in module.__all__ if not hasattr(module, name)] == []
