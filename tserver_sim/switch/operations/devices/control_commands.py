"""Phones in somebody's hands: what is done there is done as by a request, but nobody is answered."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.interface.commands import Act, Dial, Done, SetPhone, UsePhone
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.operations.base.checks import PHONES, Commands, Operation, phone
from tserver_sim.switch.operations.calls.basic import answer, hold, make_call, release, retrieve
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.switch_data import NOBODY


class _Use(NamedTuple):
    request: Callable[..., m.CallRequest]
    operation: Operation
    states: tuple[PartyState, ...]
    """The states of a party that it is for; the first of them go first."""


_S = PartyState

_USES: Mapping[Act, _Use] = {
    Act.ANSWER: _Use(m.RequestAnswerCall, answer, (_S.ALERTING,)),
    Act.REJECT: _Use(m.RequestReleaseCall, release, (_S.ALERTING,)),
    Act.HANG_UP: _Use(m.RequestReleaseCall, release, (_S.CONNECTED, _S.DIALING, _S.FAILED, _S.HELD)),
    Act.HOLD: _Use(m.RequestHoldCall, hold, (_S.CONNECTED,)),
    Act.RETRIEVE: _Use(m.RequestRetrieveCall, retrieve, (_S.HELD,)),
}


def dial(engine: Engine, command: Dial) -> Done:
    """Let somebody dial."""
    _check(engine, command.dn)
    request = m.RequestMakeCall(
        this_dn=command.dn, other_dn=command.number, user_data=command.user_data or None
    )
    make_call(engine, request, NOBODY)
    return Done(max(engine.parties_of(command.dn)))


def use(engine: Engine, command: UsePhone) -> Done:
    """Let somebody do something with a call at a phone."""
    _check(engine, command.dn)
    request, operation, states = _USES[command.act]
    fitting = [
        (states.index(party.state), conn_id)
        for conn_id, party in engine.parties_of(command.dn).items()
        if party.state in states and command.conn_id in (0, conn_id)
    ]
    if not fitting:
        raise RefusedError(ErrorCode.CallInWrongState, f"{command.dn} has no call to {_words(command.act)}")
    _, conn_id = min(fitting)
    operation(engine, request(this_dn=command.dn, conn_id=conn_id), NOBODY)
    return Done(conn_id)


def set_phone(engine: Engine, command: SetPhone) -> Done:
    """Tell a phone how to behave from now on."""
    device = engine.state.devices.get(command.dn)
    if device is None or device.type not in PHONES:
        raise RefusedError(ErrorCode.DNNotConfigured, f"{command.dn} has no phone")
    device.phone = command.phone
    return Done()


def _check(engine: Engine, dn: str) -> None:
    if dn not in engine.state.devices:
        raise RefusedError(ErrorCode.DNNotConfigured, f"{dn} is not a DN of this switch")
    phone(engine, dn)


def _words(act: Act) -> str:
    return act.value.replace("_", " ")


BY_HAND: Commands = {Dial: dial, UsePhone: use, SetPhone: set_phone}
