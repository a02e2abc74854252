"""The behaviour of phones: those of the switch, and those outside.

A phone chooses what to do with a call when the call comes to it. Its next action is a timer of its party,
which ends with the party's state: an action meant for one ringing cannot happen in a later one. Time on hold
does not count as talking; after it the time until the phone hangs up begins anew.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.numbering.trunks import behaviour_of_number
from tserver_sim.switch.operations.calls import external_calls
from tserver_sim.switch.operations.calls.basic import connect, leave
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.phone_behaviour import (
    Answers,
    Behaviour,
    Busy,
    Invalid,
    Manner,
    Mix,
    Rejects,
    Rings,
    choose_manner,
    without_busy,
)
from tserver_sim.switch.state.switch_data import NO_REQUESTER, Party, SwitchCall, SwitchTimer, TimerKind
from tserver_sim.switch.switch import FollowUps, Timers

UNATTENDED_SECONDS = 180.0
"""Seconds after which parties outside hang up when no party of the switch is left: else the lines stay taken.
"""


class Phones:
    """The phones of one switch, and those that it reaches through its trunks. It keeps no state."""

    def __init__(self) -> None:
        self.follow_ups: FollowUps = {
            m.EventRinging: (_start_ringing,),
            m.EventEstablished: (_start_talking,),
            m.EventRetrieved: (_start_talking,),
            m.EventReleased: (_release_unattended,),
        }
        self.timers: Timers = {TimerKind.PHONE: _on_timer}


def _start_ringing(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Choose what the phone does with a call that has just come."""
    if party.state is not CallPartyState.ALERTING or party.site:
        return
    party.manner = _choose_manner(engine, party)
    match party.manner:
        case Answers(after=seconds) | Rejects(after=seconds):
            _start_timer(engine, call, party, seconds)
        case Busy() if party.trunk:
            external_calls.fail_external(engine, call, party, CallState.Busy)
        case Invalid() if party.trunk:
            external_calls.fail_external(engine, call, party, CallState.SitInvalidNum)
        case Busy():
            leave(engine, call, party, NO_REQUESTER)
    _release_unattended(engine, call, party)


def _start_talking(engine: Engine, call: SwitchCall, party: Party) -> None:
    """Start the timer after which the phone hangs up, if it does."""
    if party.state is not CallPartyState.CONNECTED or party.site:
        return
    if party.manner is None:
        party.manner = _choose_manner(engine, party)
    match party.manner:
        case Rings(hangs_up_after=float(seconds)) | Answers(hangs_up_after=float(seconds)):
            _start_timer(engine, call, party, seconds)
    _release_unattended(engine, call, party)


def _release_unattended(engine: Engine, call: SwitchCall, _party: Party) -> None:
    """Start the end of a call that has only parties outside, if none of their phones has a timer."""
    if call.parties and all(party.trunk and not party.phone_timer for party in call.parties):
        _start_timer(engine, call, call.parties[0], UNATTENDED_SECONDS)


def _on_timer(engine: Engine, timer: SwitchTimer) -> None:
    """Answer or leave the call: the action of the phone has fallen due."""
    call = engine.state.calls[timer.conn_id]
    party = next(each for each in call.parties if (each.leg, each.dn) == (timer.leg, timer.dn))
    party.phone_timer = 0
    answers = party.state is CallPartyState.ALERTING and isinstance(party.manner, Answers)
    if party.trunk and answers:
        _answer_outside(engine, call, party)
    elif party.trunk:
        external_calls.release_external(engine, call, party)
    elif answers:
        connect(engine, call, party, NO_REQUESTER)
    else:
        leave(engine, call, party, NO_REQUESTER)


def _answer_outside(engine: Engine, call: SwitchCall, party: Party) -> None:
    seconds = party.manner.hangs_up_after if isinstance(party.manner, Answers) else None
    if not external_calls.answer_external(engine, call, party):
        party.manner = Rings(seconds)
        if seconds is not None:
            _start_timer(engine, call, party, seconds)
        _release_unattended(engine, call, party)


def _start_timer(engine: Engine, call: SwitchCall, party: Party, seconds: float) -> None:
    engine.stop_timer(party.phone_timer)
    party.phone_timer = engine.start_timer(TimerKind.PHONE, seconds, call.conn_id, party.dn, party.leg)


def _choose_manner(engine: Engine, party: Party) -> Manner | None:
    """Return what the phone does with one call. Busy was excluded when the number was looked up."""
    behaviour: Behaviour | None
    if party.trunk:
        behaviour = behaviour_of_number(engine.config.outside, party.outside_number)
    else:
        behaviour = engine.state.devices[party.dn].phone
        behaviour = without_busy(behaviour) if behaviour is not None else None
    return choose_manner(behaviour, engine.draw()) if isinstance(behaviour, Mix) else behaviour
