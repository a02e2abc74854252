"""What must not change unnoticed: both documents of the API, and all that `make demo` prints."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from tests.loop import run
from tests.playbook import playing
from tests.sites import ROOT

SERVER: Final = "http://127.0.0.1:8080"


def path_of(name: str) -> Path:
    """Return the file of a record."""
    return Path(__file__).with_name(name)


async def _served(name: str) -> str:
    async with playing() as book:
        response = await book.agent(password=None).http.get(f"{SERVER}/{name}")
        return json.dumps(response.json(), indent=1, ensure_ascii=False) + "\n"


def _document(name: str) -> str:
    return run(_served(name))


def demo(*arguments: str) -> str:
    """Return what the demonstration prints."""
    command = [sys.executable, "-m", "tests.demo", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


RECORDS: Final[dict[str, Callable[[], str]]] = {
    "openapi.json": partial(_document, "openapi.json"),
    "asyncapi.json": partial(_document, "asyncapi.json"),
    "demo.txt": demo,
}
