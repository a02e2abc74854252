"""RequestQueryAddress: how each AddressInfoType is answered (T-Library, TQueryAddress).

Source of the values: T-Library, TAddressInfoType and the enumerations named after its members. Where no
public enumeration exists, AddressInfoStatus is the count itself, or 0 or 1 for a flag.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.tlib import messages as m
from bridge.tlib.enums import (
    AddressInfoType,
    AddressStatus,
    AddressType,
    AgentStatus,
    Association,
    ForwardMode,
    MsgWaiting,
    RegisterMode,
)
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.server.requests.context import ServerContext
from tserver_sim.server.requests.registration import check_address_type
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.operations.agents.queues import is_idle
from tserver_sim.switch.operations.base.checks import PHONES
from tserver_sim.switch.snapshot import dn_state, snapshot
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import SwitchDN

_QUEUES = frozenset({AddressType.Queue})
_QUEUES_AND_ROUTE_POINTS = frozenset({AddressType.Queue, AddressType.RouteDN})

_STATUS_BY_STATE: Mapping[CallPartyState, AddressStatus] = {
    CallPartyState.CONNECTED: AddressStatus.Talking,
    CallPartyState.ALERTING: AddressStatus.Ringing,
    CallPartyState.DIALING: AddressStatus.Dialing,
    CallPartyState.FAILED: AddressStatus.LockedOut,
    CallPartyState.HELD: AddressStatus.Held,
}
"""AddressStatus of a phone by the state of its party; with several calls, the first row that applies."""


def query_address(context: ServerContext, client: Client, request: m.RequestQueryAddress) -> None:
    """Handle RequestQueryAddress about a DN or a trunk group.

    A client that has not registered the DN may only ask for its type and its association.
    """
    context.check_linked()
    switch = context.switch
    if request.this_dn not in switch.state.devices and request.this_dn in switch.engine.config.trunks:
        _reply_for_trunk(context, client, request)
        return
    device = context.device(request.this_dn)
    check_address_type(device, request.address_type)
    kind = request.address_info_type
    if kind is AddressInfoType.AssociationStatus:
        status: int = _association(context, client, device)
    elif kind is AddressInfoType.AddressType:
        status = device.type
    else:
        context.registrations.check_registered(client, device.number)
        _reply_for_dn(context, client, request, device)
        return
    context.reply(client, request, m.EventAddressInfo, **_address_info(device.number, kind, status))


def _address_info(dn: str, kind: AddressInfoType, status: int, **extra: Any) -> dict[str, Any]:  # noqa: ANN401 (attributes)
    return {"this_dn": dn, "address_info_type": kind, "address_info_status": int(status), **extra}


def _association(context: ServerContext, client: Client, device: SwitchDN) -> Association:
    """Return who has registered a DN, from the client's point of view."""
    modes = context.registrations.clients_of(device.number)
    if client in modes:
        return Association.ThisSession
    if RegisterMode.Private in modes.values():
        return Association.NotAllowed
    return Association.AnotherSession if modes else Association.NotAssociated


# --- DNs ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _AddressQuery:
    """How one AddressInfoType is answered."""

    status: Callable[[Engine, SwitchDN], int]
    address_types: Collection[AddressType] | None = None
    """The types of DN that it applies to; None: all."""
    extra_attributes: Callable[[Engine, SwitchDN], Mapping[str, Any]] | None = None
    """Returns more attributes of the reply; under the key `pairs`, more pairs of Extensions."""


def _reply_for_dn(
    context: ServerContext, client: Client, request: m.RequestQueryAddress, device: SwitchDN
) -> None:
    kind, engine = request.address_info_type, context.switch.engine
    query = _ADDRESS_QUERIES.get(kind)
    if query is None:
        raise RefusedError(
            ErrorCode.OperationNotSupported, f"AddressInfoType: {kind.name} is not supported for a DN"
        )
    if query.address_types is not None and device.type not in query.address_types:
        raise RefusedError(
            ErrorCode.InvalidAttribute,
            f"AddressInfoType: {kind.name} is not known of a {device.type.name} such as {device.number}",
        )
    status = query.status(engine, device)
    extra = dict(query.extra_attributes(engine, device)) if query.extra_attributes is not None else {}
    pairs = snapshot(engine, device.number).with_all(extra.pop("pairs", KVList()))
    if device.agent is not None:
        extra["agent_id"] = device.agent.agent_id
    if request.this_queue is not None and kind is AddressInfoType.AgentStatus:
        extra["this_queue"] = _queue(context, request.this_queue)
        if device.agent is None or request.this_queue not in device.agent.queues:
            status = AgentStatus.LoggedOut
    attributes = _address_info(device.number, kind, status, extensions=pairs, **extra)
    context.reply(client, request, m.EventAddressInfo, **attributes)


def _queue(context: ServerContext, number: str) -> str:
    queue = context.switch.state.devices.get(number)
    if queue is None or queue.type not in _QUEUES:
        raise RefusedError(ErrorCode.InvalidAttribute, "ThisQueue: it is not a queue of this switch")
    return number


def _address_status(engine: Engine, device: SwitchDN) -> int:
    if device.out_of_service:
        return AddressStatus.Maintenance
    if device.type not in PHONES:
        return AddressStatus.Available
    states = {party.state for party in engine.parties_of(device.number).values()}
    idle = AddressStatus.Origination if device.off_hook else AddressStatus.Idle
    return next((status for state, status in _STATUS_BY_STATE.items() if state in states), idle)


def _calls(engine: Engine, device: SwitchDN) -> Mapping[str, Any]:
    """Return ConnID, the newest call, and PreviousConnID, the main call of it. Extensions name all calls."""
    conn_ids = tuple(engine.parties_of(device.number))
    if not conn_ids:
        return {}
    newest = conn_ids[-1]
    return {"conn_id": newest, "previous_conn_id": engine.state.calls[newest].parent or None}


def _logins(engine: Engine, device: SwitchDN) -> Mapping[str, Any]:
    """Return the agents that are logged in to a queue, with their DNs, as pairs of Extensions."""
    agents = [(number, engine.state.devices[number].agent) for number in device.members]
    pairs = [
        pair
        for index, (number, agent) in enumerate(agents, start=1)
        if agent is not None
        for pair in ((f"dn-{index}", number), (f"agent-{index}", agent.agent_id))
    ]
    return {"pairs": KVList(pairs)}


def _agent_status(_: Engine, device: SwitchDN) -> int:
    return AgentStatus.LoggedOut if device.agent is None else device.agent.status


def _message_waiting(_: Engine, device: SwitchDN) -> int:
    return MsgWaiting.Activated if device.message_waiting else MsgWaiting.Deactivated


def _forwarding(_: Engine, device: SwitchDN) -> int:
    return ForwardMode.NoForwarding if device.forward is None else device.forward.mode


def _sends_all_calls(_: Engine, device: SwitchDN) -> int:
    return device.forward is not None and device.forward.mode is ForwardMode.SendAllCalls


def _count_agents(_: Engine, device: SwitchDN) -> int:
    return len(device.members)


def _count_idle_agents(engine: Engine, device: SwitchDN) -> int:
    return sum(is_idle(engine, engine.state.devices[number]) for number in device.members)


def _count_calls(engine: Engine, device: SwitchDN) -> int:
    return len(engine.parties_of(device.number))


def _dn_state(_: Engine, device: SwitchDN) -> int:
    return dn_state(device)


_ADDRESS_QUERIES: Mapping[AddressInfoType, _AddressQuery] = {
    AddressInfoType.AddressStatus: _AddressQuery(_address_status),
    AddressInfoType.MessageWaitingStatus: _AddressQuery(_message_waiting, PHONES),
    AddressInfoType.CallForwardingStatus: _AddressQuery(_forwarding, PHONES),
    AddressInfoType.AgentStatus: _AddressQuery(_agent_status, PHONES),
    AddressInfoType.NumberOfAgentsInQueue: _AddressQuery(_count_agents, _QUEUES),
    AddressInfoType.NumberOfAvailableAgentsInQueue: _AddressQuery(_count_idle_agents, _QUEUES),
    AddressInfoType.NumberOfCallsInQueue: _AddressQuery(_count_calls, _QUEUES_AND_ROUTE_POINTS),
    AddressInfoType.CallsQuery: _AddressQuery(_count_calls, extra_attributes=_calls),
    AddressInfoType.SendAllCallsStatus: _AddressQuery(_sends_all_calls, PHONES),
    AddressInfoType.QueueLoginAudit: _AddressQuery(_count_agents, _QUEUES, _logins),
    AddressInfoType.DNStatus: _AddressQuery(_dn_state),
    AddressInfoType.QueueStatus: _AddressQuery(_dn_state, _QUEUES_AND_ROUTE_POINTS),
}


# --- trunk groups -------------------------------------------------------------------------------------


def _reply_for_trunk(context: ServerContext, client: Client, request: m.RequestQueryAddress) -> None:
    engine, kind = context.switch.engine, request.address_info_type
    if request.address_type not in (AddressType.Unknown, AddressType.Trunk):
        raise RefusedError(ErrorCode.InvalidAttribute, "AddressType: it is a trunk group")
    trunk = engine.config.trunks[request.this_dn]
    in_use = engine.state.lines_in_use.get(trunk.name, 0)
    statuses = {
        AddressInfoType.AddressType: int(AddressType.Trunk),
        AddressInfoType.NumberOfIdleTrunks: trunk.lines - in_use,
        AddressInfoType.NumberOfTrunksInUse: in_use,
    }
    if kind not in statuses:
        raise RefusedError(
            ErrorCode.OperationNotSupported,
            f"AddressInfoType: {kind.name} is not supported for a trunk group",
        )
    context.reply(client, request, m.EventAddressInfo, **_address_info(trunk.name, kind, statuses[kind]))
