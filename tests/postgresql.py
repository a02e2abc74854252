"""A PostgreSQL of the tests' own: in a folder that goes away, reached by a socket in it, by nobody else."""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.needs import needs_postgresql

_USER = "postgres"
_SETTINGS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"


class Cluster:
    """A running PostgreSQL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"directory_{next(self._numbers)}"
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://{_USER}@/{name}?host={self._folder}"

    def execute(self, address: str, statement: str) -> None:
        """Do something to a database behind the program's back."""
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _conninfo(self, database: str) -> str:
        return f"host={self._folder} user={_USER} dbname={database}"


@contextmanager
def running() -> Iterator[Cluster]:
    """Run a PostgreSQL, or skip the test on a machine without one."""
    programs = needs_postgresql()
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    try:
        as_user = _as_other_user(folder)
        data = str(folder / "data")
        initdb = [str(programs / "initdb"), "-D", data, "-U", _USER, "-A", "trust", "--no-sync", "-E", "UTF8"]
        _run([*as_user, *initdb], folder)
        control = [*as_user, str(programs / "pg_ctl"), "-D", data, "-w"]
        _run([*control, "-l", str(folder / "log"), "-o", f"{_SETTINGS} -k {folder}", "start"], folder)
        try:
            yield Cluster(folder)
        finally:
            _run([*control, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder)


def _as_other_user(folder: Path) -> list[str]:
    """PostgreSQL does not run as root; the package makes a user for it."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, _USER, _USER)
    return ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, text=True
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
