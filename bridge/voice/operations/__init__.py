"""The operations of the API, in families; one row of a table is one operation.

Everything that must know all of them (readers of bodies, routes, documents, checks) is made from `ROWS`.
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
    """List the operations that a resource knows."""
    return tuple(row.body for row in ROWS if resource in row.on)
