"""Where a directory is kept, and how it comes back from there.

Without an address it is kept in memory only, and begins with the site file each time. With one, the site
file fills an empty database; after that the database counts.
"""

import asyncio
import importlib
from collections.abc import Iterator
from typing import Protocol

import structlog

from bridge.directory.changes import Change, Content, whole
from bridge.directory.directory import Directory
from bridge.directory.rows import Stored

log = structlog.get_logger(__name__)


class StoreError(Exception):
    """A database that cannot be used; nothing has changed in it."""


class ConflictError(StoreError):
    """The database is not as it is known here: somebody else has changed it."""


class Store(Protocol):
    """Keeps changes; see `bridge.directory.store`."""

    async def load(self) -> Stored:
        """Read everything.

        Raises:
            StoreError: It cannot be read.

        """

    async def write(self, change: Change) -> None:
        """Keep a change, all of it or nothing.

        Raises:
            ConflictError: Somebody else has changed the database meanwhile.
            StoreError: It cannot be written.

        """

    async def close(self) -> None:
        """Let go of it."""


async def open_store(url: str = "sqlite://") -> Store:
    """Open a database; see `bridge.directory.store.Store.open`. Without an address it is one in memory.

    Raises:
        StoreError: It cannot be used.

    """
    # SQLAlchemy takes longer to import than the bridge to start. Few need it, and calls must not wait for it.
    module = await asyncio.to_thread(importlib.import_module, "bridge.directory.store")
    store: Store = await module.Store.open(url)
    return store


async def in_memory(directory: Directory) -> Store:
    """Open a database that lives as long as this program, and put a directory into it.

    Raises:
        StoreError: It cannot be used.

    """
    store = await open_store()
    await store.write(whole(directory.content))
    return store


async def kept(directory: Directory, store: Store) -> Directory:
    """Return the directory as a database has it.

    Args:
        directory: What the site file says. Switches, places, agent states and contacts always come from it,
            all else only for contact centers that the database does not know yet.
        store: The database.

    Raises:
        StoreError: It cannot be used, or it has what the site file wants to add.

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
            await store.write(whole(new))
        except ConflictError as error:
            names = ", ".join(center.name for center in new.contact_centers)
            raise StoreError(f"the database cannot take over {names} from the site file: {error}") from None
    found = Directory(directory.switches, directory.gws, (await store.load()).content(site))
    for text in _strangers(found):
        log.warning("the site file does not agree with the database", what=text)
    return found


def _strangers(directory: Directory) -> Iterator[str]:
    """Say which devices are kept whose DNs are not in the site file; nobody can work with them."""
    numbers = {switch.switch: switch.numbers for switch in directory.switches}
    for device in directory.devices:
        if device.switch not in numbers:
            yield f"device {device.number} ({device.id}): there is no switch {device.switch}"
        elif device.number not in numbers[device.switch]:
            yield f"device {device.number} ({device.id}): {device.switch} has no such DN"
