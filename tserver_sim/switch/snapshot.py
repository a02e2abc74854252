"""The snapshot of a DN: the Extensions of EventRegistered and EventAddressInfo.

The keys `conn-N` and `ps-N` are documented (T-Library Events and Models, EventRegistered); of the others only
the names are public, and the values are those of the enumerations they are named after. `monitor-dn` is a key
of this project; those beside it are attributes and Extensions of RequestMonitorNextCall.
"""

from bridge.tlib.enums import AgentStatus, DNState, ForwardMode, PartyStateFlag
from bridge.tlib.ids import conn_id_text
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.operations.base.checks import PHONES
from tserver_sim.switch.state.switch_data import Party, SwitchDN

_PairList = list[tuple[str, str | int]]


def snapshot(engine: Engine, number: str) -> KVList:
    """Return the calls of a DN, its features, its agent and what it monitors.

    Raises:
        KeyError: there is no such DN.

    """
    device = engine.state.devices[number]
    pairs: _PairList = []
    for index, (conn_id, party) in enumerate(engine.parties_of(number).items(), start=1):
        pairs += [
            (f"conn-{index}", conn_id_text(conn_id)),
            (f"ps-{index}", party_state(party)),
            (f"ct-{index}", int(engine.state.calls[conn_id].type)),
        ]
    if device.type in PHONES:
        pairs += _feature_pairs(device)
    pairs.append(("status", int(dn_state(device))))
    if device.type in PHONES:
        pairs += _agent_pairs(device)
        pairs += _monitoring_pairs(device)
    return KVList(pairs)


def party_state(party: Party) -> int:
    """Return the value of `ps-N`: the state in the low four bits, PartyStateFlag above them."""
    flags = (
        (PartyStateFlag.NoTalk if party.muted else 0)
        | (PartyStateFlag.NoListen if party.deaf else 0)
        | (PartyStateFlag.Audit if party.observing is not None else 0)
        | (PartyStateFlag.Treatment if party.treatment is not None else 0)
    )
    return int(party.state | flags)


def dn_state(device: SwitchDN) -> DNState:
    """Return the value of `status`: whether the DN is in service."""
    if device.virtual:
        return DNState.Virtual
    return DNState.OutOfService if device.out_of_service else DNState.Ok


def _feature_pairs(device: SwitchDN) -> _PairList:
    forward = device.forward
    pairs: _PairList = [
        ("dnd", int(device.dnd)),
        ("fwd", int(ForwardMode.NoForwarding if forward is None else forward.mode)),
    ]
    if forward is not None:
        pairs.append(("fwd-dn", forward.target))
    pairs.append(("mwl", int(device.message_waiting)))
    return pairs


def _agent_pairs(device: SwitchDN) -> _PairList:
    agent = device.agent
    if agent is None:
        return [("AgentStatus", int(AgentStatus.LoggedOut))]
    pairs: _PairList = [
        ("AgentStatus", int(agent.status)),
        ("AgentWorkMode", int(agent.details.work_mode)),
    ]
    if agent.details.reason_code is not None:
        pairs.append(("ReasonCode", str(agent.details.reason_code)))
    pairs += [(f"queue-{index}", queue) for index, queue in enumerate(agent.queues, start=1)]
    return pairs


def _monitoring_pairs(device: SwitchDN) -> _PairList:
    """Return what the DN, a supervisor's, has arranged to listen in to; `monitor-dn` is empty for nothing."""
    monitoring = device.monitoring
    if monitoring is None:
        return [("monitor-dn", "")]
    return [
        ("monitor-dn", monitoring.dn),
        ("MonitorNextCallType", int(monitoring.type)),
        ("MonitorMode", monitoring.mode.value),
        ("MonitorScope", monitoring.scope.value),
    ]
