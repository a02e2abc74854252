"""The README of the link: its map is whole."""

from pathlib import Path

import pytest

import bridge.link

FOLDER = Path(bridge.link.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", sorted(path.name for path in FOLDER.glob("*.py")))
def test_the_map_names_every_module(module: str) -> None:
    assert f"| `{module}` |" in README or module == "__init__.py"
