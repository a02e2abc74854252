"""Virtual queues: names at which a router distributes events, as if calls waited there.

Only events of a queue can be distributed, and only at a virtual queue: an event that a client made up must
not contradict the switch's events about its own DNs.

Source: T-Library, TSendEvent; T-Library Events and Models, virtual queues.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, DNRole
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.operations.base.checks import Operations, check_size
from tserver_sim.switch.state.switch_data import NO_REQUESTER, Requester

_QUEUE_EVENTS: Mapping[int, type[m.TelephonyEvent]] = {
    event.number.value: event for event in (m.EventQueued, m.EventDiverted, m.EventAbandoned)
}

_FROM_THE_CALL = ("call_id", "call_uuid", "call_type", "dnis", "ani")
"""Attributes that are taken from the call, not from the request, if there is such a call."""

_AS_SENT = frozenset(m.TelephonyEvent.__struct_fields__) & frozenset(
    m.RequestDistributeEvent.__struct_fields__
)


def distribute_event(engine: Engine, request: m.RequestDistributeEvent, requester: Requester) -> None:
    """Publish at a virtual queue that a call waits there, or no longer does (T-Library, TSendEvent)."""
    kind = _QUEUE_EVENTS.get(request.user_event)
    if kind is None:
        names = ", ".join(event.__name__ for event in _QUEUE_EVENTS.values())
        raise RefusedError(ErrorCode.InvalidAttribute, f"UserEvent: expected the number of one of {names}")
    device = engine.state.devices.get(request.this_dn)
    if device is None or not device.virtual:
        raise RefusedError(ErrorCode.InvalidAttribute, "ThisDN: expected a virtual queue of this switch")
    if request.this_queue not in (None, device.number):
        raise RefusedError(ErrorCode.InvalidAttribute, "ThisQueue: expected the same as ThisDN")
    for name, pairs in (("UserData", request.user_data), ("Extensions", request.extensions)):
        check_size(name, pairs)
    attributes = _attributes(engine, request)
    engine.acknowledge(request, requester)
    engine.publish(kind(**engine.stamp(), **attributes), NO_REQUESTER)


def _attributes(engine: Engine, request: m.RequestDistributeEvent) -> dict[str, Any]:
    if request.conn_id is None:
        raise RefusedError(ErrorCode.InvalidAttribute, "expected ConnID")
    attributes = {name: value for name, value in structs.asdict(request).items() if name in _AS_SENT}
    del attributes["reference_id"]
    call = engine.state.calls.get(request.conn_id)
    if call is not None:
        attributes |= {name: getattr(call, _NAMES.get(name, name)) for name in _FROM_THE_CALL}
        if request.user_data is None:
            attributes["user_data"] = call.user_data or None
    elif request.call_id is None or request.call_type is None:
        raise RefusedError(
            ErrorCode.InvalidAttribute, "expected CallID and CallType, as there is no such call"
        )
    attributes["this_queue"] = request.this_dn
    attributes["extensions"] = request.extensions or engine.config.extensions
    usual = {"call_state": CallState.Ok, "this_dn_role": DNRole.Destination}
    return attributes | {name: value for name, value in usual.items() if attributes[name] is None}


_NAMES = {"call_type": "type"}
"""Attributes that a `SwitchCall` has by another name."""

VIRTUAL_QUEUES: Operations = {m.RequestDistributeEvent: distribute_event}
