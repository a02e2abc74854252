"""The operations of the API, in families; one row of a table is one operation.

Everything that must know all of them (readers of bodies, routes, documents, checks) is made from `ROWS`.
"""

from bridge.voice.operations import agent, calls, device, monitoring, recording, session
from bridge.voice.operations.base import MakeRequest, Operation, OperationRow, Resource

__all__ = ["BY_BODY", "CALL_REQUESTS", "ROWS", "Operation", "OperationRow", "Resource", "operations_on"]

ROWS: tuple[OperationRow, ...] = (
    *session.ROWS,
    *agent.ROWS,
    *device.ROWS,
    *calls.ROWS,
    *recording.ROWS,
    *monitoring.ROWS,
)

BY_BODY: dict[type[Operation], OperationRow] = {row.body: row for row in (*ROWS, agent.CUSTOM)}

CALL_REQUESTS: dict[type[Operation], MakeRequest] = {
    **calls.REQUESTS,
    **recording.REQUESTS,
    **monitoring.CALL_REQUESTS,
}
"""The request that each operation on a call becomes."""


def operations_on(resource: Resource) -> tuple[type[Operation], ...]:
    """List the operations that a resource knows."""
    return tuple(row.body for row in ROWS if resource in row.on)
