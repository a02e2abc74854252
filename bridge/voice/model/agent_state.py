"""The agent, the features and the service of a DN, as events and snapshots tell of them.

Sources: T-Library Events and Models, agent and DN events and the Extensions of EventRegistered; GWS v2,
agent states.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bridge.tlib import messages as t
from bridge.tlib.enums import AgentStatus, AgentWorkMode, DNState, ForwardMode
from bridge.tlib.kv import KVList


class AgentState(StrEnum):
    """The agent states of the API."""

    LOGGED_OUT = "LoggedOut"
    LOGGED_IN = "LoggedIn"
    NOT_READY = "NotReady"
    READY = "Ready"
    AFTER_CALL_WORK = "AfterCallWork"
    AUX_WORK = "AuxWork"


@dataclass(frozen=True, slots=True)
class Presence:
    """The agent, the features and the service of a DN.

    Attributes:
        agent_state: None until the T-Server has told one.
        agent_id: the AgentID that is logged in.
        work_mode: the work mode of the state, as the T-Server told it.
        reason: the reason code of the state.
        queues: the queues that the agent is logged in to.
        do_not_disturb: whether do-not-disturb is on.
        forward_to: where calls are forwarded; None if they are not.
        forward_mode: when they are forwarded.
        message_waiting: whether messages wait.
        in_service: whether the DN is in service.

    """

    agent_state: AgentState | None = None
    agent_id: str | None = None
    work_mode: AgentWorkMode = AgentWorkMode.Unknown
    reason: str | None = None
    queues: frozenset[str] = frozenset()
    do_not_disturb: bool = False
    forward_to: str | None = None
    forward_mode: ForwardMode = ForwardMode.NoForwarding
    message_waiting: bool = False
    in_service: bool = True


def _logged_in(current: Presence, event: t.EventAgentLogin) -> Presence:
    """Log in, or log in to one more queue; a state event follows where there is a state."""
    if current.agent_state in (None, AgentState.LOGGED_OUT) or event.agent_id not in (None, current.agent_id):
        current = _new_agent(current, AgentState.LOGGED_IN, event.agent_id)
    return replace(current, queues=current.queues | ({event.this_queue} if event.this_queue else set()))


def _ready(current: Presence, event: t.AgentEvent) -> Presence:
    return _with_agent_state(current, AgentState.READY, event)


def _not_ready(current: Presence, event: t.AgentEvent) -> Presence:
    return _with_agent_state(current, _NOT_READY.get(event.agent_work_mode, AgentState.NOT_READY), event)


def _with_agent_state(current: Presence, state: AgentState, event: t.AgentEvent) -> Presence:
    return replace(
        current,
        agent_state=state,
        agent_id=event.agent_id or current.agent_id,
        work_mode=event.agent_work_mode or AgentWorkMode.Unknown,
        reason=_text(event.extensions, "ReasonCode") or _text(event.reasons, "ReasonCode"),
    )


def _new_agent(current: Presence, state: AgentState, agent_id: str | None) -> Presence:
    return replace(
        current,
        agent_state=state,
        agent_id=agent_id,
        work_mode=AgentWorkMode.Unknown,
        reason=None,
        queues=frozenset(),
    )


_NOT_READY: dict[AgentWorkMode | None, AgentState] = {
    AgentWorkMode.AfterCallWork: AgentState.AFTER_CALL_WORK,
    AgentWorkMode.AuxWork: AgentState.AUX_WORK,
}
"""The state of an agent who is not ready, by work mode."""

EVENT_TRANSITIONS: dict[type[t.Event], Callable[[Presence, Any], Presence]] = {
    t.EventAgentLogin: _logged_in,
    t.EventAgentLogout: lambda current, _: _new_agent(current, AgentState.LOGGED_OUT, None),
    t.EventQueueLogout: lambda current, event: replace(current, queues=current.queues - {event.this_queue}),
    t.EventAgentReady: _ready,
    t.EventAgentNotReady: _not_ready,
    t.EventAgentAfterCallWork: lambda current, _: replace(
        current, agent_state=AgentState.AFTER_CALL_WORK, work_mode=AgentWorkMode.AfterCallWork, reason=None
    ),
    t.EventDNDOn: lambda current, _: replace(current, do_not_disturb=True),
    t.EventDNDOff: lambda current, _: replace(current, do_not_disturb=False),
    t.EventForwardSet: lambda current, event: replace(
        current, forward_to=event.other_dn or "", forward_mode=event.forward_mode
    ),
    t.EventForwardCancel: lambda current, _: replace(
        current, forward_to=None, forward_mode=ForwardMode.NoForwarding
    ),
    t.EventMessageWaitingOn: lambda current, _: replace(current, message_waiting=True),
    t.EventMessageWaitingOff: lambda current, _: replace(current, message_waiting=False),
    t.EventDNOutOfService: lambda current, _: replace(current, in_service=False),
    t.EventDNBackInService: lambda current, _: replace(current, in_service=True),
}
"""How each event changes the presence of a DN."""

NOT_SHOWN = (t.EventQueueLogout, t.EventMessageWaitingOn, t.EventMessageWaitingOff)
"""Events that change nothing a device resource has."""


def without_agent(current: Presence) -> Presence:
    """Return the presence without an agent."""
    return _new_agent(current, AgentState.LOGGED_OUT, None)


def apply_snapshot(known: Presence, snapshot: t.EventRegistered | t.EventAddressInfo) -> Presence:
    """Return the presence after a snapshot. What the snapshot does not mention stays."""
    reported = snapshot.extensions or KVList()
    changes: dict[str, Any] = {}
    if (status := _number(reported, "AgentStatus")) is not None:
        changes = _agent_from_snapshot(snapshot, reported, status)
    if (dnd := _number(reported, "dnd")) is not None:
        changes["do_not_disturb"] = bool(dnd)
    if (mode := _number(reported, "fwd")) is not None:
        is_on = mode != ForwardMode.NoForwarding
        changes["forward_to"] = (_text(reported, "fwd-dn") or "") if is_on else None
        changes["forward_mode"] = ForwardMode(mode)
    if (waiting := _number(reported, "mwl")) is not None:
        changes["message_waiting"] = bool(waiting)
    if (dn_state := _number(reported, "status")) is not None:
        changes["in_service"] = dn_state != DNState.OutOfService
    return replace(known, **changes)


def _agent_from_snapshot(
    snapshot: t.EventRegistered | t.EventAddressInfo, reported: KVList, status: int
) -> dict[str, Any]:
    match status:
        case AgentStatus.LoggedOut:
            state = AgentState.LOGGED_OUT
        case AgentStatus.Ready:
            state = AgentState.READY
        case AgentStatus.AfterCallWork:
            state = AgentState.AFTER_CALL_WORK
        case _:
            mode = AgentWorkMode(_number(reported, "AgentWorkMode") or 0)
            state = _NOT_READY.get(mode, AgentState.NOT_READY)
    is_logged_out = state is AgentState.LOGGED_OUT
    return {
        "agent_state": state,
        "agent_id": None if is_logged_out else snapshot.agent_id,
        "work_mode": AgentWorkMode(0 if is_logged_out else _number(reported, "AgentWorkMode") or 0),
        "reason": None if is_logged_out else _text(reported, "ReasonCode"),
        "queues": frozenset(str(value) for key, value in reported if key.startswith("queue-")),
    }


def _number(pairs: KVList, key: str) -> int | None:
    value = pairs.first(key)
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) else None


def _text(pairs: KVList | None, key: str) -> str | None:
    value = (pairs or KVList()).first(key)
    return str(value) if isinstance(value, str | int) else None
