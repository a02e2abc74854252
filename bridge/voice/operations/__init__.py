"""The operations of the API, in families; one row of a table is one operation.

Readers of bodies, routes, documents and permissions are made from `ROWS`.
"""

from bridge.voice.operations import agent, calls, device, monitoring, recording, session
from bridge.voice.operations.base import MakeRequest, Operation, OperationRow, Resource

__all__ = ["CALL_REQUESTS", "ROWS", "ROW_OF", "Operation", "OperationRow", "Resource", "operations_on"]

ROWS: tuple[OperationRow, ...] = (
    *session.ROWS,
    *agent.ROWS,
    *device.ROWS,
    *calls.ROWS,
    *recording.ROWS,
    *monitoring.ROWS,
)

ROW_OF: dict[tuple[Resource, type[Operation]], OperationRow] = {
    (resource, row.body): row for row in (*ROWS, *agent.CUSTOM_ROWS) for resource in row.on
}
"""The row of an operation on a resource."""

CALL_REQUESTS: dict[type[Operation], MakeRequest] = {
    **calls.REQUESTS,
    **recording.REQUESTS,
    **monitoring.CALL_REQUESTS,
}
"""The request that each operation on a call becomes."""


def operations_on(resource: Resource) -> tuple[type[Operation], ...]:
    """Return the operations on a resource."""
    return tuple(row.body for row in ROWS if resource in row.on)
