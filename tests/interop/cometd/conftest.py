import pytest

from tests.needs import Node, needs_node


@pytest.fixture(scope="session")
def node() -> Node:
    return needs_node()
