from pathlib import Path

import pytest

from tests.needs import Node, needs_chromium, needs_node


@pytest.fixture(scope="session")
def chromium() -> Path:
    return needs_chromium()


@pytest.fixture(scope="session")
def node() -> Node:
    return needs_node()
