"""What phones do by themselves: those of the switch, and those of people outside.

A phone decides what to do with a call when the call comes to it. What it does next is a timer of its party,
which ends with the party's state: what was meant for one ringing cannot happen in a later one. Time on hold
is no talking; after it the time until the phone hangs up begins anew.
"""

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.numbering.trunks import behaviour_of
from tserver_sim.switch.operations.calls import external_calls as outside
from tserver_sim.switch.operations.calls.basic import connect, leave
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.phone_behaviour import (
    Answers,
    Behaviour,
    Busy,
    Invalid,
    Manner,
    Mix,
    Rejects,
    Rings,
    chosen,
    when_free,
)
from tserver_sim.switch.state.switch_data import NOBODY, Call, Party, Timer, TimerKind
from tserver_sim.switch.switch import FollowUps, Timers

LEFT_ALONE = 180.0
"""Seconds after which people outside hang up who are left to themselves: no line is taken for ever."""


class Phones:
    """All phones of one switch, and those that it reaches through its trunks. They keep no state."""

    def __init__(self) -> None:
        self.follow_ups: FollowUps = {
            m.EventRinging: (_ring,),
            m.EventEstablished: (_talk,),
            m.EventRetrieved: (_talk,),
            m.EventReleased: (_leave_alone,),
        }
        self.timers: Timers = {TimerKind.PHONE: _act}


def _ring(engine: Engine, call: Call, party: Party) -> None:
    """Decide what to do with a call that has just come."""
    if party.state is not PartyState.ALERTING or party.site:
        return
    party.manner = _manner(engine, party)
    match party.manner:
        case Answers(after=seconds) | Rejects(after=seconds):
            _later(engine, call, party, seconds)
        case Busy() if party.trunk:
            outside.fail(engine, call, party, CallState.Busy)
        case Invalid() if party.trunk:
            outside.fail(engine, call, party, CallState.SitInvalidNum)
        case Busy():
            leave(engine, call, party, NOBODY)
    _leave_alone(engine, call, party)


def _talk(engine: Engine, call: Call, party: Party) -> None:
    """Begin to count the time of talking, if the phone hangs up by itself."""
    if party.state is not PartyState.CONNECTED or party.site:
        return
    if party.manner is None:
        party.manner = _manner(engine, party)
    match party.manner:
        case Rings(hangs_up_after=float(seconds)) | Answers(hangs_up_after=float(seconds)):
            _later(engine, call, party, seconds)
    _leave_alone(engine, call, party)


def _leave_alone(engine: Engine, call: Call, _party: Party) -> None:
    """See to the end of a call in which nobody of the switch is left, if nobody outside does."""
    if call.parties and all(party.trunk and not party.phone_timer for party in call.parties):
        _later(engine, call, call.parties[0], LEFT_ALONE)


def _act(engine: Engine, timer: Timer) -> None:
    """Do what the time has come for."""
    call = engine.state.calls[timer.conn_id]
    party = next(each for each in call.parties if (each.leg, each.dn) == (timer.leg, timer.dn))
    party.phone_timer = 0
    answers = party.state is PartyState.ALERTING and isinstance(party.manner, Answers)
    if party.trunk and answers:
        _answer_outside(engine, call, party)
    elif party.trunk:
        outside.hang_up(engine, call, party)
    elif answers:
        connect(engine, call, party, NOBODY)
    else:
        leave(engine, call, party, NOBODY)


def _answer_outside(engine: Engine, call: Call, party: Party) -> None:
    seconds = party.manner.hangs_up_after if isinstance(party.manner, Answers) else None
    if not outside.pick_up(engine, call, party):
        party.manner = Rings(seconds)
        if seconds is not None:
            _later(engine, call, party, seconds)
        _leave_alone(engine, call, party)


def _later(engine: Engine, call: Call, party: Party, seconds: float) -> None:
    engine.stop_timer(party.phone_timer)
    party.phone_timer = engine.start_timer(TimerKind.PHONE, seconds, call.conn_id, party.dn, party.leg)


def _manner(engine: Engine, party: Party) -> Manner | None:
    """Choose what becomes of one call; whether it finds the phone busy was decided when it was looked up."""
    behaviour: Behaviour | None
    if party.trunk:
        behaviour = behaviour_of(engine.config.outside, party.outside_number)
    else:
        behaviour = engine.state.devices[party.dn].phone
        behaviour = when_free(behaviour) if behaviour is not None else None
    return chosen(behaviour, engine.draw()) if isinstance(behaviour, Mix) else behaviour
