"""Keeps a directory in a database: the interface of a store, opening one, and loading the directory from it.

The site file fills an empty database; after that the database counts. Without a database, changes are kept in
memory only and nothing here is used.
"""

import asyncio
import importlib
from collections.abc import Iterator
from typing import Final, Protocol

import structlog

from bridge.directory.changes import Change, Content, initial_change
from bridge.directory.directory import Directory
from bridge.directory.rows import StoredRows

log = structlog.get_logger(__name__)

_EXTRA_MODULES: Final = frozenset({"aiosqlite", "greenlet", "psycopg", "sqlalchemy"})
"""The modules that the extra `database` installs."""


class StoreError(Exception):
    """The database cannot be used; nothing in it has changed."""


class ConflictError(StoreError):
    """Another program has changed the database."""


class DirectoryStore(Protocol):
    """A database that keeps a directory; implemented by `bridge.directory.store.SqlStore`."""

    async def load(self) -> StoredRows:
        """Return all rows.

        Raises:
            StoreError: The database cannot be read.

        """

    async def write(self, change: Change) -> None:
        """Write a change in one transaction.

        Raises:
            ConflictError: Another program has changed the database.
            StoreError: The database cannot be written.

        """

    async def close(self) -> None:
        """Close the connections to the database."""


async def open_store(url: str) -> DirectoryStore:
    """Open a database; see `bridge.directory.store.SqlStore.open`.

    Raises:
        StoreError: The database cannot be used, or the packages of the extra `database` are not installed.

    """
    try:
        # SQLAlchemy takes longer to import than the bridge to start.
        module = await asyncio.to_thread(importlib.import_module, "bridge.directory.store")
        store: DirectoryStore = await module.SqlStore.open(url)
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA_MODULES:
            raise
        raise StoreError(
            f"--database needs {error.name}, which is not installed: pip install 'tserver-bridge[database]'"
        ) from None
    return store


async def load_directory(directory: Directory, store: DirectoryStore) -> Directory:
    """Return the directory that a database keeps.

    Args:
        directory: The directory of the site file. Switches, places, agent states and contacts always come
            from it; all else only for contact centers that the database does not have yet, which are added.
        store: The database.

    Raises:
        StoreError: The database cannot be used, or has a user or a DN of a contact center to be added.

    """
    site = directory.content
    known = {row["id"] for row in (await store.load()).contact_centers}
    new = Content(
        tuple(center for center in site.contact_centers if center.id not in known),
        tuple(device for device in site.devices if device.contact_center not in known),
        tuple(user for user in site.users if user.contact_center.id not in known),
    )
    if new.contact_centers:
        try:
            await store.write(initial_change(new))
        except ConflictError as error:
            names = ", ".join(center.name for center in new.contact_centers)
            raise StoreError(f"the database cannot take over {names} from the site file: {error}") from None
    found = Directory(directory.switches, directory.gws, (await store.load()).content(site))
    for text in _devices_without_dn(found):
        log.warning("the site file does not agree with the database", what=text)
    return found


def _devices_without_dn(directory: Directory) -> Iterator[str]:
    """Yield a line for each device whose DN is not in the site file; such a device cannot be used."""
    numbers = {switch.switch: switch.numbers for switch in directory.switches}
    for device in directory.devices:
        if device.switch not in numbers:
            yield f"device {device.number} ({device.id}): there is no switch {device.switch}"
        elif device.number not in numbers[device.switch]:
            yield f"device {device.number} ({device.id}): {device.switch} has no such DN"
