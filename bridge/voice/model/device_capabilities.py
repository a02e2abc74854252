"""Which operations are possible on a device now.

Of two that undo each other the next possible one is listed (GWS v2, Device resource). Supervisors have those
of monitoring besides; a device monitors one other at a time.
"""

from collections.abc import Callable

from bridge.voice.model.agents import Agent
from bridge.voice.model.device import Device


def _can_begin_monitoring(device: Device, agent: Agent | None) -> bool:
    return _can_monitor(agent) and device.monitoring is None


def _can_monitor(agent: Agent | None) -> bool:
    return agent is not None and agent.is_supervisor and agent.can_monitor


CAPABILITIES: dict[str, Callable[[Device, Agent | None], bool]] = {
    "DoNotDisturbOn": lambda device, _: not device.presence.do_not_disturb,
    "DoNotDisturbOff": lambda device, _: device.presence.do_not_disturb,
    "ForwardCallsOn": lambda device, _: device.presence.forward_to is None,
    "ForwardCallsOff": lambda device, _: device.presence.forward_to is not None,
    "ListenIn": _can_begin_monitoring,
    "Coach": _can_begin_monitoring,
    "BargeIn": _can_begin_monitoring,
    "CancelSupervisorMonitoring": lambda device, _: (
        device.monitoring is not None and device.monitoring.is_arranged
    ),
}
"""When each operation is possible, from the device and its user."""


def capabilities(device: Device, agent: Agent | None) -> tuple[str, ...]:
    """List the operations that are possible; none without a session."""
    if not device.in_session:
        return ()
    return tuple([name for name, is_possible in CAPABILITIES.items() if is_possible(device, agent)])
