"""Commands at phones: they do what requests do, without a client to answer."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.interface.commands import Act, DialNumber, Done, SetPhone, UsePhone
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.operations.base.checks import PHONES, Commands, Operation, find_phone
from tserver_sim.switch.operations.calls.basic import answer, hold, make_call, release, retrieve
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import NO_REQUESTER


class _PhoneAct(NamedTuple):
    request: Callable[..., m.CallRequest]
    operation: Operation
    states: tuple[CallPartyState, ...]
    """The states of a party in which the act is possible; parties in the first of them are preferred."""


_S = CallPartyState

_PHONE_ACTS: Mapping[Act, _PhoneAct] = {
    Act.ANSWER: _PhoneAct(m.RequestAnswerCall, answer, (_S.ALERTING,)),
    Act.REJECT: _PhoneAct(m.RequestReleaseCall, release, (_S.ALERTING,)),
    Act.HANG_UP: _PhoneAct(m.RequestReleaseCall, release, (_S.CONNECTED, _S.DIALING, _S.FAILED, _S.HELD)),
    Act.HOLD: _PhoneAct(m.RequestHoldCall, hold, (_S.CONNECTED,)),
    Act.RETRIEVE: _PhoneAct(m.RequestRetrieveCall, retrieve, (_S.HELD,)),
}


def dial_number(engine: Engine, command: DialNumber) -> Done:
    """Dial a number at a phone."""
    _check(engine, command.dn)
    request = m.RequestMakeCall(
        this_dn=command.dn, other_dn=command.number, user_data=command.user_data or None
    )
    make_call(engine, request, NO_REQUESTER)
    return Done(max(engine.parties_of(command.dn)))


def use_phone(engine: Engine, command: UsePhone) -> Done:
    """Act on a call at a phone."""
    _check(engine, command.dn)
    request, operation, states = _PHONE_ACTS[command.act]
    fitting = [
        (states.index(party.state), conn_id)
        for conn_id, party in engine.parties_of(command.dn).items()
        if party.state in states and command.conn_id in (0, conn_id)
    ]
    if not fitting:
        raise RefusedError(
            ErrorCode.CallInWrongState, f"{command.dn} has no call to {_act_text(command.act)}"
        )
    _, conn_id = min(fitting)
    operation(engine, request(this_dn=command.dn, conn_id=conn_id), NO_REQUESTER)
    return Done(conn_id)


def set_phone(engine: Engine, command: SetPhone) -> Done:
    """Set the behaviour of a phone."""
    device = engine.state.devices.get(command.dn)
    if device is None or device.type not in PHONES:
        raise RefusedError(ErrorCode.DNNotConfigured, f"{command.dn} has no phone")
    device.phone = command.phone
    return Done()


def _check(engine: Engine, dn: str) -> None:
    if dn not in engine.state.devices:
        raise RefusedError(ErrorCode.DNNotConfigured, f"{dn} is not a DN of this switch")
    find_phone(engine, dn)


def _act_text(act: Act) -> str:
    return act.value.replace("_", " ")


CONTROL_COMMANDS: Commands = {DialNumber: dial_number, UsePhone: use_phone, SetPhone: set_phone}
