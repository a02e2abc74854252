"""The operations of the API, in families; one row of a table is one operation.

Everything that must know all of them (readers of bodies, routes, documents, checks) is made from `ROWS`.
"""

from bridge.voice.operations import calls, session
from bridge.voice.operations.base import Operation, Resource, Row

__all__ = ["BY_BODY", "ROWS", "Operation", "Resource", "Row", "known_on"]

ROWS: tuple[Row, ...] = (*session.ROWS, *calls.ROWS)

BY_BODY: dict[type[Operation], Row] = {row.body: row for row in ROWS}


def known_on(resource: Resource) -> tuple[type[Operation], ...]:
    """List the operations that a resource knows."""
    return tuple(row.body for row in ROWS if resource in row.on)
