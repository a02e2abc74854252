"""Features of a DN: do not disturb, forwarding, message waiting, out of service, hook state.

Sources: T-Library, TSetDNDOn, TCallSetForward, TSetMessageWaitingOn and their counterparts; T-Library Events
and Models, DN events.
"""

from typing import Any

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, ForwardMode
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.interface.commands import Done, SetService
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.operations.agents.queues import offer_calls_to_agent
from tserver_sim.switch.operations.base.checks import PHONES, Commands, Operations, find_phone
from tserver_sim.switch.operations.base.routing_lookup import ALWAYS, look_up
from tserver_sim.switch.operations.calls.basic import leave
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import NO_REQUESTER, Forward, Party, Requester, SwitchCall, SwitchDN

_ON_HOOK = frozenset({CallPartyState.NULL, CallPartyState.QUEUED, CallPartyState.ALERTING})

# --- do not disturb -----------------------------------------------------------------------------------


def dnd_on(engine: Engine, request: m.RequestSetDNDOn, requester: Requester) -> None:
    """Turn do not disturb on: callers find the DN busy, queues offer it no calls (T-Library, TSetDNDOn)."""
    device = find_phone(engine, request.this_dn)
    _check_changes(device.dnd, wanted=True, text=f"{device.number} is not to be disturbed already")
    device.dnd = True
    _publish(engine, m.EventDNDOn, device, requester)


def dnd_off(engine: Engine, request: m.RequestSetDNDOff, requester: Requester) -> None:
    """Turn do not disturb off (T-Library, TSetDNDOff)."""
    device = find_phone(engine, request.this_dn)
    _check_changes(device.dnd, wanted=False, text=f"{device.number} may be disturbed already")
    device.dnd = False
    _publish(engine, m.EventDNDOff, device, requester)
    engine.defer(offer_calls_to_agent, engine, device.number)


# --- forwarding ---------------------------------------------------------------------------------------


def forward(engine: Engine, request: m.RequestCallForwardSet, requester: Requester) -> None:
    """Forward the calls of a DN; it replaces an earlier forwarding (T-Library, TCallSetForward)."""
    device = find_phone(engine, request.this_dn)
    mode, target = request.forward_mode, request.other_dn
    if mode is ForwardMode.NoForwarding or not mode.is_listed:
        raise RefusedError(ErrorCode.InvalidAttribute, "ForwardMode: expected 1 to 5")
    _check_target(engine, device.number, mode, target)
    if device.forward == Forward(mode, target):
        raise RefusedError(ErrorCode.AlreadyInState, f"{device.number} is forwarded so already")
    device.forward = Forward(mode, target)
    _publish(engine, m.EventForwardSet, device, requester, forward_mode=mode, other_dn=target)


def cancel_forward(engine: Engine, request: m.RequestCallForwardCancel, requester: Requester) -> None:
    """Cancel forwarding; mode 0 cancels it whatever its mode is (T-Library, TCallCancelForward)."""
    device = find_phone(engine, request.this_dn)
    was = device.forward
    if was is None or request.forward_mode not in (was.mode, ForwardMode.NoForwarding):
        raise RefusedError(ErrorCode.AlreadyInState, f"{device.number} is not forwarded so")
    device.forward = None
    _publish(engine, m.EventForwardCancel, device, requester, forward_mode=was.mode, other_dn=was.target)


def _check_target(engine: Engine, number: str, mode: ForwardMode, target: str) -> None:
    if target == number:
        raise RefusedError(ErrorCode.InvalidForwardTarget, "OtherDN: a DN cannot be forwarded to itself")
    if look_up(engine, target).failure is CallState.SitInvalidNum:
        raise RefusedError(ErrorCode.InvalidForwardTarget, f"OtherDN: nobody can be reached at {target}")
    if mode in ALWAYS and number in _followed(engine, target):
        raise RefusedError(ErrorCode.InvalidForwardTarget, "OtherDN: calls would be forwarded in a circle")


def _followed(engine: Engine, number: str) -> list[str]:
    """Return the DNs through which calls to a number always go."""
    path: list[str] = []
    while number not in path:
        path.append(number)
        device = engine.state.devices.get(number)
        if device is None or device.forward is None or device.forward.mode not in ALWAYS:
            break
        number = device.forward.target
    return path


# --- message waiting ----------------------------------------------------------------------------------


def message_waiting_on(engine: Engine, request: m.RequestSetMessageWaitingOn, requester: Requester) -> None:
    """Turn the message lamp on (T-Library, TSetMessageWaitingOn)."""
    device = find_phone(engine, request.this_dn)
    _check_changes(device.message_waiting, wanted=True, text="the lamp is on already")
    device.message_waiting = True
    _publish(engine, m.EventMessageWaitingOn, device, requester)


def message_waiting_off(engine: Engine, request: m.RequestSetMessageWaitingOff, requester: Requester) -> None:
    """Turn the message lamp off (T-Library, TSetMessageWaitingOff)."""
    device = find_phone(engine, request.this_dn)
    _check_changes(device.message_waiting, wanted=False, text="the lamp is out already")
    device.message_waiting = False
    _publish(engine, m.EventMessageWaitingOff, device, requester)


# --- out of service -----------------------------------------------------------------------------------


def set_service(engine: Engine, command: SetService) -> Done:
    """Take a DN out of service or put it back, by command."""
    set_out_of_service(engine, command.dn, out=command.out)
    return Done()


def set_out_of_service(engine: Engine, number: str, *, out: bool) -> None:
    """Take a DN out of service or put it back.

    Its calls end; its agent stays logged in and is offered no calls meanwhile.

    Raises:
        RefusedError: there is no such DN, or it is in that state already.

    """
    device = engine.state.devices.get(number)
    if device is None:
        raise RefusedError(ErrorCode.DNNotConfigured, f"{number} is not a DN of this switch")
    state = "out of" if out else "in"
    _check_changes(device.out_of_service, wanted=out, text=f"{number} is {state} service already")
    device.out_of_service = out
    _publish(engine, m.EventDNOutOfService if out else m.EventDNBackInService, device, NO_REQUESTER)
    if out:
        for conn_id, party in tuple(engine.parties_of(number).items()):
            if engine.parties_of(number).get(conn_id) is party:
                leave(engine, engine.state.calls[conn_id], party, NO_REQUESTER)
    else:
        engine.defer(offer_calls_to_agent, engine, number)


# --- hook state ---------------------------------------------------------------------------------------


def update_hook_state(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Publish that a handset is lifted or replaced, if the profile has hook events."""
    if not engine.profile.hook_events or party.leg or party.address not in PHONES:
        return
    device = engine.state.devices[party.dn]
    parties = engine.parties_of(party.dn).values()
    off_hook = any(each.state not in _ON_HOOK for each in parties)
    if off_hook is not device.off_hook:
        device.off_hook = off_hook
        event = m.EventOffHook if off_hook else m.EventOnHook
        _publish(
            engine,
            event,
            device,
            NO_REQUESTER,
            conn_id=call.conn_id,
            call_id=call.call_id,
            call_type=call.type,
        )


def _check_changes(is_on: bool, *, wanted: bool, text: str) -> None:  # noqa: FBT001 (the state there is)
    if is_on is wanted:
        raise RefusedError(ErrorCode.AlreadyInState, text)


def _publish(
    engine: Engine,
    event: type[m.DNEvent],
    device: SwitchDN,
    requester: Requester,
    **attributes: Any,  # noqa: ANN401 (fields of the event)
) -> None:
    message = event(
        **engine.stamp(),
        reference_id=requester.reference_id,
        reasons=requester.reasons,
        this_dn=device.number,
        agent_id=device.agent.agent_id if device.agent is not None else None,
        **attributes,
    )
    engine.publish(message, requester)


SERVICE: Commands = {SetService: set_service}

FEATURES: Operations = {
    m.RequestSetDNDOn: dnd_on,
    m.RequestSetDNDOff: dnd_off,
    m.RequestCallForwardSet: forward,
    m.RequestCallForwardCancel: cancel_forward,
    m.RequestSetMessageWaitingOn: message_waiting_on,
    m.RequestSetMessageWaitingOff: message_waiting_off,
}
