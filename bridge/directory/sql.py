"""The SQL statements that write a change."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from bridge.directory import rows, schema
from bridge.directory.changes import Change, Edit
from bridge.directory.model import ContactCenter, DirectoryDevice, User
from bridge.directory.persistence import ConflictError
from bridge.directory.rows import Row

T = TypeVar("T", ContactCenter, DirectoryDevice, User)


def write(connection: Connection, change: Change) -> None:
    """Write a change within the transaction of `connection`.

    Rows that refer to others are deleted before them and inserted after them, so that every reference holds
    at any time.

    Raises:
        ConflictError: A row to change does not exist any more.

    """
    centers = _differing(change.contact_centers, lambda center: (rows.center_row(center), center.features))
    devices = _differing(change.devices, rows.device_row)
    users = _differing(change.users, _user_rows)
    befores = [edit.before.id for edit in users if edit.before]
    _delete_rows(connection, schema.USER_DEVICES, "user_id", befores)
    _delete_rows(connection, schema.LOGINS, "user_id", befores)
    _delete(connection, schema.USERS, users)
    _delete(connection, schema.DEVICES, devices)
    _insert_or_update(connection, schema.CONTACT_CENTERS, centers, rows.center_row)
    _delete_rows(connection, schema.FEATURES, "contact_center_id", [e.before.id for e in centers if e.before])
    _insert(
        connection, schema.FEATURES, [row for e in centers if e.after for row in rows.feature_rows(e.after)]
    )
    _insert_or_update(connection, schema.DEVICES, devices, rows.device_row)
    _insert_or_update(connection, schema.USERS, users, rows.user_row)
    afters = [edit.after for edit in users if edit.after]
    _insert(connection, schema.USER_DEVICES, [row for user in afters for row in rows.user_device_rows(user)])
    _insert(connection, schema.LOGINS, [row for user in afters for row in rows.login_rows(user)])


def _user_rows(user: User) -> object:
    """Return all rows of a user."""
    return rows.user_row(user), rows.user_device_rows(user), rows.login_rows(user)


def _differing(edits: Iterable[Edit[T]], stored_values: Callable[[T], object]) -> list[Edit[T]]:
    """Return the edits that change a row; a user's edit may only replace its contact center."""
    return [
        edit
        for edit in edits
        if edit.before is None
        or edit.after is None
        or stored_values(edit.before) != stored_values(edit.after)
    ]


def _insert_or_update(
    connection: Connection, table: Table, edits: Iterable[Edit[T]], as_row: Callable[[T], Row]
) -> None:
    """Insert the rows of new values, and update those of changed ones."""
    _insert(connection, table, [as_row(edit.after) for edit in edits if edit.after and not edit.before])
    for edit in edits:
        if edit.before and edit.after:
            statement = update(table).where(table.c.id == edit.before.id).values(as_row(edit.after))
            _expect_one(connection.execute(statement).rowcount, table)


def _delete(connection: Connection, table: Table, edits: Iterable[Edit[T]]) -> None:
    for edit in edits:
        if edit.before and not edit.after:
            statement = delete(table).where(table.c.id == edit.before.id)
            _expect_one(connection.execute(statement).rowcount, table)


def _insert(connection: Connection, table: Table, new: Sequence[Row]) -> None:
    if new:
        connection.execute(insert(table), new)


def _delete_rows(connection: Connection, table: Table, column: str, keys: Iterable[str]) -> None:
    parameters = [{"key": key} for key in keys]
    if parameters:
        connection.execute(delete(table).where(table.c[column] == bindparam("key")), parameters)


def _expect_one(count: int, table: Table) -> None:
    if count != 1:
        raise ConflictError(f"somebody else has removed it from {table.name}")
