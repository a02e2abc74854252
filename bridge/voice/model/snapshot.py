"""The known state of each DN, for operators and for comparing it with a switch.

Calls have the words of the notifications, so that a client that replays its notifications arrives at the
same.
"""

import msgspec

from bridge.voice.model.agent_state import AgentState
from bridge.voice.model.call import Call
from bridge.voice.model.call_tables import CallStatus
from bridge.voice.model.device import Device
from bridge.voice.model.user_data import to_json


class CallSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A call at a DN. Observers are not among the `others`."""

    id: str
    conn_id: str
    state: CallStatus
    muted: bool
    others: tuple[str, ...]
    user_data: dict[str, object]


class DeviceSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A DN and its calls, by ConnID. Without `registered` it is not kept up to date."""

    switch: str
    number: str
    in_session: bool
    registered: bool
    in_service: bool
    agent_state: AgentState | None
    agent_id: str | None
    reason: str | None
    queues: tuple[str, ...]
    do_not_disturb: bool
    forward_to: str | None
    message_waiting: bool
    calls: dict[str, CallSnapshot]


def snapshot(device: Device) -> DeviceSnapshot:
    """Return the known state of a device and its calls."""
    presence = device.presence
    return DeviceSnapshot(
        switch=device.switch,
        number=device.number,
        in_session=device.in_session,
        registered=device.registered,
        in_service=presence.in_service,
        agent_state=presence.agent_state,
        agent_id=presence.agent_id,
        reason=presence.reason,
        queues=tuple(sorted(presence.queues)),
        do_not_disturb=presence.do_not_disturb,
        forward_to=presence.forward_to,
        message_waiting=presence.message_waiting,
        calls={call.conn_id_text: _call(call) for call in device.calls.values()},
    )


def _call(call: Call) -> CallSnapshot:
    return CallSnapshot(
        id=call.id,
        conn_id=call.conn_id_text,
        state=call.state,
        muted=call.muted,
        others=call.others,
        user_data=to_json(call.user_data) if call.user_data else {},
    )
