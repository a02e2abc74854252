"""Databases for the tests of what keeps a directory: each empty, and each test's own."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.postgresql import Cluster, running


class Database(NamedTuple):
    """A database.

    Attributes:
        address: As `--database` takes it.
        execute: Does something to it behind the program's back.

    """

    address: str
    execute: Callable[[str], None]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with running() as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Make a database that stays when it is closed."""
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        address = cluster.new_database()
        return Database(address, lambda statement: cluster.execute(address, statement))
    file = tmp_path / "directory.db"
    return Database(f"sqlite:///{file}", lambda statement: _execute(file, statement))


def _execute(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(statement)
    connection.close()
