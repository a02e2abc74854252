"""Keeps a directory in SQLite or PostgreSQL, by SQLAlchemy.

Only `bridge.directory.persistence.open_store` imports this module: it needs the extra `database`, and takes
longer to import than the bridge to start.
"""

import asyncio
from typing import Any, Final, Self

from sqlalchemy import Table, event, insert, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bridge.directory import schema, sql
from bridge.directory.changes import Change
from bridge.directory.persistence import ConflictError, StoreError
from bridge.directory.rows import Row, StoredRows

DATABASE_TIMEOUT_SECONDS: Final = 30
"""The time limit of a transaction, after which the database counts as lost."""

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


class SqlStore:
    """A database; implements `bridge.directory.persistence.DirectoryStore`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open a database, and create its tables if it has none.

        Args:
            url: ``sqlite:///FILE``, ``sqlite://`` for one in memory, or
                ``postgresql://USER:PASSWORD@HOST/NAME``.

        Raises:
            StoreError: The address is wrong, the database cannot be reached, or its tables are those of a
                newer program.

        """
        address = _address(url)
        engine = create_async_engine(address)
        if address.get_backend_name() == "sqlite":
            event.listen(engine.sync_engine, "connect", _enable_foreign_keys)
        try:
            async with asyncio.timeout(DATABASE_TIMEOUT_SECONDS), engine.begin() as connection:
                await _create_tables(connection)
        except (SQLAlchemyError, OSError) as error:
            await engine.dispose()
            raise StoreError(f"cannot use the database {address!r}: {_reason(error)}") from None
        except StoreError as error:
            await engine.dispose()
            raise StoreError(f"cannot use the database {address!r}: {error}") from None
        return cls(engine)

    async def load(self) -> StoredRows:
        """Return all rows.

        Raises:
            StoreError: The database does not answer, or its content cannot be read.

        """
        try:
            async with asyncio.timeout(DATABASE_TIMEOUT_SECONDS), self._engine.begin() as connection:
                return StoredRows(
                    await _rows(connection, schema.CONTACT_CENTERS, "position"),
                    await _rows(connection, schema.FEATURES, "feature_id"),
                    await _rows(connection, schema.DEVICES, "position"),
                    await _rows(connection, schema.USERS, "position"),
                    await _rows(connection, schema.USER_DEVICES, "rank"),
                    await _rows(connection, schema.LOGINS, "rank"),
                )
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"cannot read the database: {_reason(error)}") from None

    async def write(self, change: Change) -> None:
        """Write a change in one transaction.

        Raises:
            ConflictError: Another program has changed the database.
            StoreError: The database does not answer.

        """
        try:
            async with asyncio.timeout(DATABASE_TIMEOUT_SECONDS), self._engine.begin() as connection:
                await connection.run_sync(sql.write, change)
        except IntegrityError as error:
            raise ConflictError(_reason(error)) from None
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"cannot write to the database: {_reason(error)}") from None

    async def close(self) -> None:
        """Close the connections to the database."""
        await self._engine.dispose()


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise StoreError(
            "the address of a database is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    driver = _DRIVERS.get(address.drivername)
    if driver is None:
        raise StoreError(
            f"{address.drivername!r} is no database that is served here; sqlite and postgresql are"
        )
    return address.set(drivername=driver)


def _enable_foreign_keys(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own)
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


async def _create_tables(connection: AsyncConnection) -> None:
    await connection.run_sync(schema.SCHEMA_VERSION.create, checkfirst=True)
    version = await connection.scalar(select(schema.SCHEMA_VERSION.c.version))
    if version is None:
        await connection.run_sync(schema.METADATA.create_all)
        await connection.execute(insert(schema.SCHEMA_VERSION), {"version": schema.VERSION})
    elif version != schema.VERSION:
        raise StoreError(f"its tables have version {version}, and this program knows {schema.VERSION}")


async def _rows(connection: AsyncConnection, table: Table, order: str) -> list[Row]:
    found = await connection.execute(select(table).order_by(table.c[order]))
    return [dict(row) for row in found.mappings()]


def _reason(error: Exception) -> str:
    """Return the message of a database on one line, without the statement and its values."""
    message = getattr(error, "orig", None) or error
    return " ".join(str(message).split()) or type(message).__name__
