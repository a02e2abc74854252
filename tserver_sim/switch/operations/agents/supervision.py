"""Supervisors who listen in to the calls of an agent.

Chosen here, because no source decides it: the supervisor must be free when the agent's call is answered, else
this call is not monitored. Cancelling ends the arrangement, not a listening that has begun. A new arrangement
needs the old one to be cancelled first. The modes are `MonitorMode`; a supervisor starts muted in all of
them.

Sources: T-Library, TMonitorNextCall, TCancelMonitoring; T-Library Events and Models, call monitoring; SIP
Server, MonitorMode and MonitorScope.
"""

from enum import Enum
from typing import TypeVar

from bridge.tlib import messages as m
from bridge.tlib.enums import DNRole, MonitorNextCallType
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.supervision import CallSupervision
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import PHONES, Operations, find_phone, is_busy
from tserver_sim.switch.state.switch_data import (
    NO_REQUESTER,
    MonitorMode,
    MonitorScope,
    NextCallMonitoring,
    Observation,
    Party,
    Requester,
    SwitchCall,
    SwitchDN,
    ThirdParty,
)

_Choice = TypeVar("_Choice", bound=Enum)

# --- arrangements -------------------------------------------------------------------------------------


def monitor_next_call(engine: Engine, request: m.RequestMonitorNextCall, requester: Requester) -> None:
    """Arrange the monitoring of an agent's next call, or of all calls (T-Library, TMonitorNextCall)."""
    supervisor = find_phone(engine, request.this_dn)
    agent = engine.state.devices.get(request.other_dn)
    if agent is None or agent.type not in PHONES or agent is supervisor:
        raise RefusedError(ErrorCode.InvalidTarget, "OtherDN: expected another extension of this switch")
    if not request.monitor_next_call_type.is_listed:
        raise RefusedError(ErrorCode.InvalidAttribute, "MonitorNextCallType: expected 0 or 1")
    mode, scope = monitor_mode(request.extensions), monitor_scope(request.extensions)
    if supervisor.monitoring is not None:
        same = supervisor.monitoring.dn == agent.number
        raise RefusedError(
            ErrorCode.AlreadyInState if same else ErrorCode.RequestInProgress,
            f"{supervisor.number} monitors {supervisor.monitoring.dn} already",
        )
    supervisor.monitoring = NextCallMonitoring(agent.number, request.monitor_next_call_type, mode, scope)
    agent.monitored_by = (*agent.monitored_by, supervisor.number)
    _publish_arrangement(engine, m.EventMonitoringNextCall, supervisor, supervisor.monitoring, requester)


def cancel_monitoring(engine: Engine, request: m.RequestCancelMonitoring, requester: Requester) -> None:
    """Cancel an arrangement (T-Library, TCancelMonitoring)."""
    supervisor = engine.state.devices[request.this_dn]
    if supervisor.monitoring is None or supervisor.monitoring.dn != request.other_dn:
        raise RefusedError(ErrorCode.InvalidTarget, f"OtherDN: {supervisor.number} does not monitor it")
    _cancel_arrangement(engine, supervisor, supervisor.monitoring, requester)


def cancel_monitoring_at_logout(engine: Engine, device: SwitchDN) -> None:
    """Cancel the arrangements by and for an agent who logs out."""
    for number in device.monitored_by:
        supervisor = engine.state.devices[number]
        if supervisor.monitoring is not None:
            _cancel_arrangement(engine, supervisor, supervisor.monitoring, NO_REQUESTER)
    if device.monitoring is not None:
        _cancel_arrangement(engine, device, device.monitoring, NO_REQUESTER)


def _cancel_arrangement(
    engine: Engine, supervisor: SwitchDN, monitoring: NextCallMonitoring, requester: Requester
) -> None:
    _remove_arrangement(engine, supervisor, monitoring)
    _publish_arrangement(engine, m.EventMonitoringCancelled, supervisor, monitoring, requester)


def _remove_arrangement(engine: Engine, supervisor: SwitchDN, monitoring: NextCallMonitoring) -> None:
    agent = engine.state.devices[monitoring.dn]
    agent.monitored_by = tuple(dn for dn in agent.monitored_by if dn != supervisor.number)
    supervisor.monitoring = None


def _publish_arrangement(
    engine: Engine,
    event: type[m.MonitoringEvent],
    supervisor: SwitchDN,
    monitoring: NextCallMonitoring,
    requester: Requester,
) -> None:
    """Publish an event at both DNs, the supervisor's first; only its copy answers the request."""
    listener = ThirdParty(supervisor.number, DNRole.Observer)
    monitored = ThirdParty(monitoring.dn, DNRole.Destination)
    for this, other, asker in ((listener, monitored, requester), (monitored, listener, NO_REQUESTER)):
        agent = engine.state.devices[this.dn].agent
        message = event(
            **engine.stamp(),
            reference_id=asker.reference_id,
            reasons=asker.reasons,
            extensions=KVList.of(MonitorMode=monitoring.mode.value, MonitorScope=monitoring.scope.value),
            this_dn=this.dn,
            this_dn_role=this.role,
            other_dn=other.dn,
            other_dn_role=other.role,
            monitor_next_call_type=monitoring.type,
            agent_id=agent.agent_id if agent is not None else None,
        )
        engine.publish(message, asker)


def monitor_mode(extensions: KVList | None) -> MonitorMode:
    """Return the MonitorMode of a request; default: MUTE.

    Raises:
        RefusedError: there is no such mode.

    """
    return _chosen(extensions, MonitorMode.MUTE)


def monitor_scope(extensions: KVList | None) -> MonitorScope:
    """Return the MonitorScope of a request; default: CALL.

    Raises:
        RefusedError: there is no such scope.

    """
    return _chosen(extensions, MonitorScope.CALL)


def _chosen(extensions: KVList | None, default: _Choice) -> _Choice:
    kind = type(default)
    value = (extensions or KVList()).first(kind.__name__)
    if value is None:
        return default
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(each.value for each in kind)
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"Extensions, {kind.__name__}: expected one of {known}"
        ) from None


# --- listening in -------------------------------------------------------------------------------------


def start_monitoring(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Add the supervisors of an agent to the call that the agent is connected to."""
    device = engine.state.devices.get(party.dn)
    if device is None or not device.monitored_by or party.leg or party.observing is not None:
        return
    if party not in call.parties:
        return
    for number in device.monitored_by:
        supervisor = engine.state.devices[number]
        free = not is_busy(engine, number) and not supervisor.out_of_service and call.party(number) is None
        if free and supervisor.monitoring is not None:
            _add_observer(engine, call, party, supervisor, supervisor.monitoring)


def _add_observer(
    engine: Engine, call: SwitchCall, party: Party, supervisor: SwitchDN, monitoring: NextCallMonitoring
) -> None:
    observing = Observation(monitoring.dn, monitoring.mode, monitoring.scope)
    observer = Party(supervisor.number, DNRole.Observer, supervisor.type, muted=True, observing=observing)
    witnesses = _witnesses_of(engine, call, observing)
    _record_witnesses(observing, witnesses)
    cast = {
        Actor.OBSERVER: (CallParty(observer, call),),
        Actor.WATCHED: (CallParty(party, call),),
        Actor.WITNESSES: witnesses,
    }
    engine.apply_model(CallSupervision.JOINED, cast)


def announce_unmuted_observer(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Announce a supervisor who is no longer muted; a coach only to the agent."""
    if party.observing is not None and not party.muted:
        _notify_witnesses(engine, call, party, party.observing)


def change_mode(party: Party, mode: MonitorMode) -> None:
    """Change the mode in which a supervisor listens in; parties that knew of it still do.

    Raises:
        RefusedError: the supervisor has this mode already, or does not listen in.

    """
    if party.observing is None:
        raise RefusedError(ErrorCode.CallInWrongState, f"{party.dn} does not listen in to this call")
    if party.observing.mode is mode:
        raise RefusedError(ErrorCode.AlreadyInState, f"{party.dn} listens in so already")
    party.observing.mode = mode


def notify_witnesses(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Publish events about a supervisor to the parties that learn of it in its mode."""
    if party.observing is not None:
        _notify_witnesses(engine, call, party, party.observing)


def _notify_witnesses(engine: Engine, call: SwitchCall, party: Party, observing: Observation) -> None:
    witnesses = tuple(
        [
            call_party
            for call_party in _witnesses_of(engine, call, observing, heard=not party.muted)
            if call_party.party.dn not in observing.known_to
        ]
    )
    _record_witnesses(observing, witnesses)
    cast = {Actor.OBSERVER: (CallParty(party, call),), Actor.WITNESSES: witnesses}
    engine.apply_model(CallSupervision.NOTICED, cast)


def _record_witnesses(observing: Observation, witnesses: tuple[CallParty, ...]) -> None:
    observing.known_to = [*observing.known_to, *(call_party.party.dn for call_party in witnesses)]


def _witnesses_of(
    engine: Engine, call: SwitchCall, observing: Observation, *, heard: bool = False
) -> tuple[CallParty, ...]:
    """Return the parties that learn of a supervisor, by its mode and by whether it is muted."""
    parties = engine.call_parties(call)
    if observing.mode is MonitorMode.COACH:
        return tuple([call_party for call_party in parties if call_party.party.dn == observing.monitored])
    return parties if heard or observing.mode is MonitorMode.CONNECT else ()


# --- the end of listening -----------------------------------------------------------------------------


def remove_observer(engine: Engine, call: SwitchCall, party: Party, requester: Requester) -> None:
    """Remove a supervisor from a call that it listens in to."""
    call_parties = engine.call_parties(call)
    observing = party.observing
    cast: dict[Actor, tuple[CallParty, ...]] = {Actor.OBSERVER: (CallParty(party, call),)}
    if observing is not None:
        cast[Actor.WATCHED] = tuple(
            [call_party for call_party in call_parties if call_party.party.dn == observing.monitored]
        )
        cast[Actor.WITNESSES] = tuple(
            [call_party for call_party in call_parties if call_party.party.dn in observing.known_to]
        )
    engine.apply_model(CallSupervision.LEFT, cast, requester)


def stop_monitoring(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Remove supervisors after a party has left: all if no other party remains, else those of this agent.

    When the party that left is a supervisor with OneCall, its arrangement ends.
    """
    if party.observing is not None:
        supervisor = engine.state.devices[party.dn]
        if supervisor.monitoring is not None and supervisor.monitoring.type is MonitorNextCallType.OneCall:
            _remove_arrangement(engine, supervisor, supervisor.monitoring)
        return
    observers = [(each, each.observing) for each in call.parties if each.observing is not None]
    if not observers:
        return
    over = len(observers) == len(call.parties)
    for observer, observing in observers:
        if over or (observing.scope is MonitorScope.AGENT and call.party(observing.monitored) is None):
            remove_observer(engine, call, observer, NO_REQUESTER)


SUPERVISION: Operations = {
    m.RequestMonitorNextCall: monitor_next_call,
    m.RequestCancelMonitoring: cancel_monitoring,
}
