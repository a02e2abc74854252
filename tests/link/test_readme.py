"""The README of the link: its map is whole."""

from pathlib import Path

import pytest

import bridge.link

FOLDER = Path(bridge.link.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")


MODULES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("module", MODULES)
def test_the_map_names_every_module(module: str) -> None:
    assert f"| `{module}` |" in README
