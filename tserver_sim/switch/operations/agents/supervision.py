"""Supervisors who listen in to the calls of an agent.

What is not laid down elsewhere: the supervisor must be free when the agent's call is answered, else this
call is not listened in to. Cancelling ends what was arranged, not the listening that has begun. A new
arrangement needs the old one to be cancelled first. The modes are `MonitorMode`; a supervisor starts muted
in all of them.

Sources: T-Library, TMonitorNextCall, TCancelMonitoring; T-Library Events and Models, call monitoring;
SIP Server, MonitorMode and MonitorScope.
"""

from enum import Enum
from typing import TypeVar

from bridge.tlib import messages as m
from bridge.tlib.enums import DNRole, MonitorNextCallType
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.supervision import Supervision
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import PHONES, Operations, is_busy, phone
from tserver_sim.switch.state.switch_data import (
    NOBODY,
    Asked,
    Call,
    Device,
    MonitorMode,
    MonitorScope,
    Observing,
    Party,
    Third,
    Watch,
)

_Choice = TypeVar("_Choice", bound=Enum)

# --- arranging it -------------------------------------------------------------------------------------


def monitor_next(engine: Engine, request: m.RequestMonitorNextCall, asked: Asked) -> None:
    """Arrange for a supervisor to listen in to the next call of an agent, or to all that come."""
    supervisor = phone(engine, request.this_dn)
    agent = engine.state.devices.get(request.other_dn)
    if agent is None or agent.type not in PHONES or agent is supervisor:
        raise RefusedError(ErrorCode.InvalidTarget, "OtherDN: expected another extension of this switch")
    if not request.monitor_next_call_type.is_listed:
        raise RefusedError(ErrorCode.InvalidAttribute, "MonitorNextCallType: expected 0 or 1")
    mode, scope = monitor_mode(request.extensions), monitor_scope(request.extensions)
    if supervisor.watch is not None:
        same = supervisor.watch.dn == agent.number
        raise RefusedError(
            ErrorCode.AlreadyInState if same else ErrorCode.RequestInProgress,
            f"{supervisor.number} monitors {supervisor.watch.dn} already",
        )
    supervisor.watch = Watch(agent.number, request.monitor_next_call_type, mode, scope)
    agent.watched_by = (*agent.watched_by, supervisor.number)
    _tell_arranged(engine, m.EventMonitoringNextCall, supervisor, supervisor.watch, asked)


def cancel(engine: Engine, request: m.RequestCancelMonitoring, asked: Asked) -> None:
    """End such an arrangement."""
    supervisor = engine.state.devices[request.this_dn]
    if supervisor.watch is None or supervisor.watch.dn != request.other_dn:
        raise RefusedError(ErrorCode.InvalidTarget, f"OtherDN: {supervisor.number} does not monitor it")
    _cancel(engine, supervisor, supervisor.watch, asked)


def cancel_at_logout(engine: Engine, device: Device) -> None:
    """End what was arranged by or for an agent who logs out."""
    for number in device.watched_by:
        supervisor = engine.state.devices[number]
        if supervisor.watch is not None:
            _cancel(engine, supervisor, supervisor.watch, NOBODY)
    if device.watch is not None:
        _cancel(engine, device, device.watch, NOBODY)


def _cancel(engine: Engine, supervisor: Device, watch: Watch, asked: Asked) -> None:
    _forget(engine, supervisor, watch)
    _tell_arranged(engine, m.EventMonitoringCancelled, supervisor, watch, asked)


def _forget(engine: Engine, supervisor: Device, watch: Watch) -> None:
    agent = engine.state.devices[watch.dn]
    agent.watched_by = tuple(dn for dn in agent.watched_by if dn != supervisor.number)
    supervisor.watch = None


def _tell_arranged(
    engine: Engine, event: type[m.MonitoringEvent], supervisor: Device, watch: Watch, asked: Asked
) -> None:
    """Tell both DNs, the supervisor's first; only its copy answers the request."""
    listener = Third(supervisor.number, DNRole.Observer)
    watched = Third(watch.dn, DNRole.Destination)
    for this, other, asker in ((listener, watched, asked), (watched, listener, NOBODY)):
        agent = engine.state.devices[this.dn].agent
        told = event(
            **engine.stamp(),
            reference_id=asker.reference_id,
            reasons=asker.reasons,
            extensions=KVList.of(MonitorMode=watch.mode.value, MonitorScope=watch.scope.value),
            this_dn=this.dn,
            this_dn_role=this.role,
            other_dn=other.dn,
            other_dn_role=other.role,
            monitor_next_call_type=watch.type,
            agent_id=agent.agent_id if agent is not None else None,
        )
        engine.publish(told, asker)


def monitor_mode(extensions: KVList | None) -> MonitorMode:
    """Read how a supervisor wants to listen in; without a word: muted.

    Raises:
        RefusedError: there is no such mode.

    """
    return _chosen(extensions, MonitorMode.MUTE)


def monitor_scope(extensions: KVList | None) -> MonitorScope:
    """Read what a supervisor wants to follow; without a word: the call.

    Raises:
        RefusedError: there is no such scope.

    """
    return _chosen(extensions, MonitorScope.CALL)


def _chosen(extensions: KVList | None, usual: _Choice) -> _Choice:
    kind = type(usual)
    value = (extensions or KVList()).first(kind.__name__)
    if value is None:
        return usual
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(each.value for each in kind)
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"Extensions, {kind.__name__}: expected one of {known}"
        ) from None


# --- listening in -------------------------------------------------------------------------------------


def listen_in(engine: Engine, call: Call, party: Party) -> None:
    """Bring those who watch an agent into the call that the agent is through to."""
    device = engine.state.devices.get(party.dn)
    if device is None or not device.watched_by or party.leg or party.observing is not None:
        return
    if party not in call.parties:
        return
    for number in device.watched_by:
        supervisor = engine.state.devices[number]
        free = not is_busy(engine, number) and not supervisor.out_of_service and call.party(number) is None
        if free and supervisor.watch is not None:
            _join(engine, call, party, supervisor, supervisor.watch)


def _join(engine: Engine, call: Call, party: Party, supervisor: Device, watch: Watch) -> None:
    observing = Observing(watch.dn, watch.mode, watch.scope)
    observer = Party(supervisor.number, DNRole.Observer, supervisor.type, muted=True, observing=observing)
    witnesses = _audience(engine, call, observing)
    _note(observing, witnesses)
    cast = {
        Actor.OBSERVER: (Seat(observer, call),),
        Actor.WATCHED: (Seat(party, call),),
        Actor.WITNESSES: witnesses,
    }
    engine.tell(Supervision.JOINED, cast)


def speak_up(engine: Engine, call: Call, party: Party) -> None:
    """Let the others notice a supervisor who is muted no more; a coach is heard by the agent alone."""
    if party.observing is not None and not party.muted:
        _show(engine, call, party, party.observing)


def change_mode(party: Party, mode: MonitorMode) -> None:
    """Let a supervisor listen in otherwise; who has noticed it goes on knowing.

    Raises:
        RefusedError: it listens in so already, or not at all.

    """
    if party.observing is None:
        raise RefusedError(ErrorCode.CallInWrongState, f"{party.dn} does not listen in to this call")
    if party.observing.mode is mode:
        raise RefusedError(ErrorCode.AlreadyInState, f"{party.dn} listens in so already")
    party.observing.mode = mode


def show(engine: Engine, call: Call, party: Party) -> None:
    """Tell those of a supervisor who are to know of it by its mode."""
    if party.observing is not None:
        _show(engine, call, party, party.observing)


def _show(engine: Engine, call: Call, party: Party, observing: Observing) -> None:
    witnesses = tuple(
        [
            seat
            for seat in _audience(engine, call, observing, heard=not party.muted)
            if seat.party.dn not in observing.known_to
        ]
    )
    _note(observing, witnesses)
    cast = {Actor.OBSERVER: (Seat(party, call),), Actor.WITNESSES: witnesses}
    engine.tell(Supervision.NOTICED, cast)


def _note(observing: Observing, witnesses: tuple[Seat, ...]) -> None:
    observing.known_to = [*observing.known_to, *(seat.party.dn for seat in witnesses)]


def _audience(engine: Engine, call: Call, observing: Observing, *, heard: bool = False) -> tuple[Seat, ...]:
    """Return who is to know of a supervisor: by its mode, and by whether it can be heard."""
    parties = engine.seats(call)
    if observing.mode is MonitorMode.COACH:
        return tuple([seat for seat in parties if seat.party.dn == observing.watched])
    return parties if heard or observing.mode is MonitorMode.CONNECT else ()


# --- the end of it ------------------------------------------------------------------------------------


def leave_as_observer(engine: Engine, call: Call, party: Party, asked: Asked) -> None:
    """Let a supervisor leave a call that it listens in to."""
    seats = engine.seats(call)
    observing = party.observing
    cast: dict[Actor, tuple[Seat, ...]] = {Actor.OBSERVER: (Seat(party, call),)}
    if observing is not None:
        cast[Actor.WATCHED] = tuple([seat for seat in seats if seat.party.dn == observing.watched])
        cast[Actor.WITNESSES] = tuple([seat for seat in seats if seat.party.dn in observing.known_to])
    engine.tell(Supervision.LEFT, cast, asked)


def stop_listening(engine: Engine, call: Call, party: Party) -> None:
    """Let supervisors go when a party has left: all when nobody else remains, else those of this agent.

    When the one who has left is a supervisor who wanted to hear one call, that has been it.
    """
    if party.observing is not None:
        supervisor = engine.state.devices[party.dn]
        if supervisor.watch is not None and supervisor.watch.type is MonitorNextCallType.OneCall:
            _forget(engine, supervisor, supervisor.watch)
        return
    observers = [(each, each.observing) for each in call.parties if each.observing is not None]
    if not observers:
        return
    over = len(observers) == len(call.parties)
    for observer, observing in observers:
        if over or (observing.scope is MonitorScope.AGENT and call.party(observing.watched) is None):
            leave_as_observer(engine, call, observer, NOBODY)


SUPERVISION: Operations = {
    m.RequestMonitorNextCall: monitor_next,
    m.RequestCancelMonitoring: cancel,
}
