"""Services that T-Server clients request: private services, distributed user events, receipts, reservations.

Sources: T-Library, TPrivateService, TSendUserEvent, TSendEvent, TSendReturnReceipt, TReserveAgent. Recording
and its extension `RecordingState` are this project's own.
"""

from collections.abc import Callable, Mapping

from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.tlib.private import PrivateMsgID
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.operations.agents.queues import offer_calls_to_agent
from tserver_sim.switch.operations.agents.supervision import change_mode, monitor_mode, notify_witnesses
from tserver_sim.switch.operations.base.checks import Operations, check_size, find_party, require
from tserver_sim.switch.state.party_states import TALKING
from tserver_sim.switch.state.switch_data import (
    NO_REQUESTER,
    CallRecordingState,
    Party,
    Requester,
    SwitchCall,
    SwitchDN,
    SwitchTimer,
    TimerKind,
)

MAX_RESERVATION = 86_400_000
"""A day, in milliseconds."""

# --- private services ---------------------------------------------------------------------------------


def private_service(engine: Engine, request: m.RequestPrivateService, requester: Requester) -> None:
    """Carry out a private service (T-Library, TPrivateService)."""
    service = _SERVICES.get(request.private_msg_id)
    if service is None:
        raise RefusedError(
            ErrorCode.OperationNotSupported, f"PrivateMsgID: {request.private_msg_id} is not supported"
        )
    if request.this_dn is None or request.conn_id is None:
        raise RefusedError(ErrorCode.InvalidAttribute, "expected ThisDN and ConnID")
    call, party = find_party(engine, request.this_dn, request.conn_id, observers=True)
    service(engine, request, requester, call, party)


def _record(
    engine: Engine, request: m.RequestPrivateService, requester: Requester, call: SwitchCall, party: Party
) -> None:
    """Start, stop, pause or resume the recording of a call, and publish it at all its DNs."""
    require(party, ErrorCode.CallInWrongState, "nobody is on the line here", *TALKING)
    steps = _RECORDING[PrivateMsgID(request.private_msg_id)]
    after = steps.get(call.recording)
    if after is None:
        already = call.recording in steps.values()
        raise RefusedError(
            ErrorCode.AlreadyInState if already else ErrorCode.CallInWrongState,
            f"the recording of the call is {call.recording.value}",
        )
    call.recording = after
    engine.acknowledge(request, requester)
    for each in call.parties:
        if not each.leg:
            answers = requester if each is party else NO_REQUESTER
            _publish_private_info(engine, request, answers, each.dn, KVList.of(RecordingState=after.value))


_RECORDING: Mapping[PrivateMsgID, Mapping[CallRecordingState, CallRecordingState]] = {
    PrivateMsgID.StartRecording: {CallRecordingState.OFF: CallRecordingState.ON},
    PrivateMsgID.StopRecording: {
        CallRecordingState.ON: CallRecordingState.OFF,
        CallRecordingState.PAUSED: CallRecordingState.OFF,
    },
    PrivateMsgID.PauseRecording: {CallRecordingState.ON: CallRecordingState.PAUSED},
    PrivateMsgID.ResumeRecording: {CallRecordingState.PAUSED: CallRecordingState.ON},
}
"""Service -> the state before -> the state after."""


def _change_monitor_mode(
    engine: Engine, request: m.RequestPrivateService, requester: Requester, call: SwitchCall, party: Party
) -> None:
    """Change the mode in which a supervisor listens in, and publish it at the agent's DN too."""
    change_mode(party, monitor_mode(request.extensions))
    engine.acknowledge(request, requester)
    if party.observing is not None:
        extensions = KVList.of(MonitorMode=party.observing.mode.value)
        _publish_private_info(engine, request, requester, party.dn, extensions)
        if call.party(party.observing.monitored) is not None:
            _publish_private_info(engine, request, NO_REQUESTER, party.observing.monitored, extensions)
    notify_witnesses(engine, call, party)


def _publish_private_info(
    engine: Engine, request: m.RequestPrivateService, requester: Requester, dn: str, extensions: KVList
) -> None:
    event = m.EventPrivateInfo(
        **engine.stamp(),
        reference_id=requester.reference_id,
        reasons=requester.reasons,
        extensions=extensions,
        private_msg_id=request.private_msg_id,
        this_dn=dn,
        conn_id=request.conn_id,
    )
    engine.publish(event, requester)


_Service = Callable[[Engine, m.RequestPrivateService, Requester, SwitchCall, Party], None]

_SERVICES: Mapping[int, _Service] = {
    **dict.fromkeys(_RECORDING, _record),
    PrivateMsgID.MonitorMode: _change_monitor_mode,
}

# --- distributed events -------------------------------------------------------------------------------


def distribute_user_event(
    engine: Engine, request: m.RequestDistributeUserEvent, requester: Requester
) -> None:
    """Publish user data to all clients that registered a DN (T-Library, TSendUserEvent)."""
    if request.this_dn is None and request.communication_dn is None:
        raise RefusedError(ErrorCode.InvalidAttribute, "expected ThisDN or CommunicationDN")
    for dn in (request.this_dn, request.communication_dn):
        if dn is not None:
            _require_dn(engine, dn)
    check_size("UserData", request.user_data)
    check_size("Extensions", request.extensions)
    engine.acknowledge(request, requester)
    event = m.EventUserEvent(
        **engine.stamp(),
        reasons=request.reasons,
        extensions=request.extensions,
        this_dn=request.this_dn,
        communication_dn=request.communication_dn,
        user_data=request.user_data,
    )
    engine.publish(event, NO_REQUESTER)


def send_return_receipt(engine: Engine, request: m.RequestSendReturnReceipt, requester: Requester) -> None:
    """Publish that an event has reached its router (T-Library, TSendReturnReceipt)."""
    _require_dn(engine, request.return_receipt_dn)
    event = m.EventReturnReceipt(
        **engine.stamp(),
        reference_id=requester.reference_id,
        reasons=requester.reasons,
        return_receipt=request.return_receipt,
        return_receipt_dn=request.return_receipt_dn,
    )
    engine.publish(event, requester)


def _require_dn(engine: Engine, dn: str) -> SwitchDN:
    device = engine.state.devices.get(dn)
    if device is None:
        raise RefusedError(ErrorCode.DNNotConfigured, "it is not a DN of this switch")
    return device


# --- reservations -------------------------------------------------------------------------------------


def reserve_agent(engine: Engine, request: m.RequestReserveAgent, requester: Requester) -> None:
    """Keep queues from offering calls to an agent for some time (T-Library, TReserveAgent)."""
    device = _find_agent_dn(engine, request)
    if not 0 < request.timeout <= MAX_RESERVATION:
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"Timeout: expected 1 to {MAX_RESERVATION} milliseconds"
        )
    if device.reserved_until > engine.state.now:
        raise RefusedError(
            ErrorCode.AgentAlreadyReserved, f"the agent on {device.number} is reserved already"
        )
    seconds = request.timeout / 1000
    device.reserved_until = engine.state.now + seconds
    engine.start_timer(TimerKind.RESERVED, seconds, dn=device.number)
    event = m.EventAgentReserved(
        **engine.stamp(),
        reference_id=requester.reference_id,
        reasons=requester.reasons,
        timeout=request.timeout,
        priority=request.priority,
        this_dn=request.this_dn,
        agent_id=request.agent_id,
    )
    engine.publish(event, requester)


def _find_agent_dn(engine: Engine, request: m.RequestReserveAgent) -> SwitchDN:
    dn, agent_id = request.this_dn, request.agent_id
    if request.place is not None:
        raise RefusedError(ErrorCode.InvalidAttribute, "Place: this switch knows no places")
    if dn is None and agent_id is None:
        raise RefusedError(ErrorCode.InvalidAttribute, "expected ThisDN or AgentID")
    if agent_id is not None and agent_id not in engine.state.agents:
        raise RefusedError(ErrorCode.AgentNotLoggedIn, "AgentID: nobody is logged in by this name")
    device = _require_dn(
        engine, engine.state.agents[agent_id] if dn is None and agent_id is not None else dn or ""
    )
    if device.agent is None:
        raise RefusedError(ErrorCode.AgentNotLoggedIn, f"no agent is logged in on {device.number}")
    if agent_id is not None and device.agent.agent_id != agent_id:
        raise RefusedError(ErrorCode.WrongAgentID, f"AgentID: another agent is logged in on {device.number}")
    return device


def handle_agent_reservation_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """Offer waiting calls to an agent whose reservation is over."""
    offer_calls_to_agent(engine, timer.dn)


BY_REQUEST: Operations = {
    m.RequestPrivateService: private_service,
    m.RequestDistributeUserEvent: distribute_user_event,
    m.RequestSendReturnReceipt: send_return_receipt,
    m.RequestReserveAgent: reserve_agent,
}
