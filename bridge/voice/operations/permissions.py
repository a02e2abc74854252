"""Who may use which operation, from the rows: the features of the contact center, and the role of the user.

Source: GWS v2, Features: without its feature an operation is not valid.
"""

from collections.abc import Set as AbstractSet

from bridge.voice.model.agents import Agent
from bridge.voice.model.capabilities import possible_device_operations
from bridge.voice.model.device import Device
from bridge.voice.model.errors import ApiError, StatusCode
from bridge.voice.operations import device as on_devices
from bridge.voice.operations import monitoring
from bridge.voice.operations.base import OperationRow, Resource

_DEVICE_ROWS = {
    row.body.__name__: row for row in (*on_devices.ROWS, *monitoring.ROWS) if Resource.DEVICE in row.on
}


def check_permission(
    row: OperationRow, operation: str, features: AbstractSet[str], *, is_supervisor: bool
) -> None:
    """Check that a user may use an operation.

    Args:
        row: the operation, on the resource that it is posted to.
        operation: its name, for the texts of errors.
        features: those of the user's contact center.
        is_supervisor: whether the user is a supervisor.

    Raises:
        ApiError: the contact center lacks a feature of the operation, or it is for supervisors only.

    """
    for feature in row.features:
        if feature not in features:
            text = f"Invalid operation: the contact center has no feature {feature}"
            raise ApiError(StatusCode.INVALID, text)
    if row.for_supervisors and not is_supervisor:
        whose = " of others" if row.on == (Resource.CHANNEL_OF_USER,) else ""
        raise ApiError(StatusCode.NOT_PERMITTED, f"{operation}{whose} is for supervisors only")


def device_capabilities(device: Device, agent: Agent | None) -> tuple[str, ...]:
    """Return the operations on a device that its state allows now and that its user may use."""
    return tuple([name for name in possible_device_operations(device) if _may_use(agent, _DEVICE_ROWS[name])])


def _may_use(agent: Agent | None, row: OperationRow) -> bool:
    if agent is None:
        return not row.features and not row.for_supervisors
    return agent.features.issuperset(row.features) and (agent.is_supervisor or not row.for_supervisors)
