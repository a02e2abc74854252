"""The states of an agent at a DN: every legal transition, and no other.

An agent has one state for all queues. After-call work goes back to the state before it, so there are two
states of it. AuxWork, ManualIn and the like are work modes, which a state has in its details. A change that
was deferred to the end of a call, and work that is due then, are data of `SwitchAgent`: the end of the last
call makes of them the input READY, NOT_READY or AFTER_CALL_WORK that would have come otherwise.

Source: T-Library Events and Models, agent states; SIP Server deployment, after-call work.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from bridge.tlib.enums import AgentStatus


class AgentPhase(Enum):
    """The state of an agent; the value is its name in the README."""

    LOGGED_OUT = "logged out"
    NOT_READY = "not ready"
    READY = "ready"
    WORK_THEN_NOT_READY = "work, then not ready"
    WORK_THEN_READY = "work, then ready"

    @property
    def status(self) -> AgentStatus:
        """The AgentStatus that events, queries and snapshots give."""
        return _STATUSES[self]


class AgentInput(Enum):
    """What can happen to an agent; the value is its name in the README."""

    LOGIN = "login"
    LOGIN_TO_QUEUE = "login to another queue"
    LOGOUT_OF_QUEUE = "logout from one of several queues"
    LOGOUT = "logout"
    READY = "Ready requested"
    NOT_READY = "NotReady requested"
    AFTER_CALL_WORK = "work requested or due"
    DEFERRAL = "a change requested and deferred"
    OFFER_NOT_TAKEN = "a call of a queue rejected or not answered"
    CALL_BEFORE_WORK = "a call answered that work follows"
    CALLS_ENDED = "the last call ended, nothing deferred or due"
    WORK_TIME_OVER = "the work timer expired"


class AgentEffect(Enum):
    """What a transition does; the value is its name in the README."""

    ADD_AGENT = "add agent"
    REMOVE_AGENT = "EventAgentLogout"
    JOIN_QUEUES = "EventAgentLogin"
    LEAVE_QUEUES = "EventQueueLogout"
    CANCEL_MONITORING = "cancel monitoring"
    SAVE_DETAILS = "save details"
    SET_DETAILS = "set details"
    RESTORE_DETAILS = "restore details"
    DROP_DEFERRED = "drop deferral"
    DEFER = "store deferral"
    MARK_WORK_DUE = "mark work as due"
    RESTART_IDLE_TIME = "restart idle time"
    START_WORK_TIMER = "start timer"
    STOP_WORK_TIMER = "stop timer"
    PUBLISH_READY = "EventAgentReady"
    PUBLISH_NOT_READY = "EventAgentNotReady"
    OFFER_CALLS = "offer calls"


class AgentTransition(NamedTuple):
    """The state that an input leads to, and its effects in their order."""

    to: AgentPhase
    effects: tuple[AgentEffect, ...] = ()


_P, _I, _E = AgentPhase, AgentInput, AgentEffect

_STATUSES: Mapping[AgentPhase, AgentStatus] = {
    _P.LOGGED_OUT: AgentStatus.LoggedOut,
    _P.NOT_READY: AgentStatus.NotReady,
    _P.READY: AgentStatus.Ready,
    _P.WORK_THEN_NOT_READY: AgentStatus.AfterCallWork,
    _P.WORK_THEN_READY: AgentStatus.AfterCallWork,
}
_WORKING = (_P.WORK_THEN_NOT_READY, _P.WORK_THEN_READY)
_NOT_READY = (_P.NOT_READY, *_WORKING)
"""The states of EventAgentNotReady; their work modes differ."""
_LOGGED_IN = (_P.READY, *_NOT_READY)

_CHANGE = (_E.SET_DETAILS, _E.DROP_DEFERRED, _E.STOP_WORK_TIMER)
_BECOME_READY = (_E.PUBLISH_READY, _E.OFFER_CALLS)
_BEGIN_WORK = (*_CHANGE, _E.PUBLISH_NOT_READY, _E.START_WORK_TIMER)
_END_WORK = (_E.RESTORE_DETAILS, _E.DROP_DEFERRED, _E.STOP_WORK_TIMER)
_LOG_OUT = (_E.STOP_WORK_TIMER, _E.REMOVE_AGENT, _E.CANCEL_MONITORING)

_Rows = Iterator[tuple[tuple[AgentPhase, AgentInput], AgentTransition]]


def _rows(
    phases: Iterable[AgentPhase],
    agent_input: AgentInput,
    to: AgentPhase | None,
    *effects: AgentEffect,
) -> _Rows:
    """Return the rows of one input in several states; `to=None` keeps the state."""
    for phase in phases:
        yield (phase, agent_input), AgentTransition(phase if to is None else to, effects)


TRANSITIONS: Mapping[tuple[AgentPhase, AgentInput], AgentTransition] = dict(
    [
        # READY, NOT_READY or AFTER_CALL_WORK follows at once: the state in which the agent begins.
        *_rows([_P.LOGGED_OUT], _I.LOGIN, _P.NOT_READY, _E.ADD_AGENT, _E.JOIN_QUEUES),
        *_rows([_P.READY], _I.LOGIN_TO_QUEUE, None, _E.JOIN_QUEUES, _E.OFFER_CALLS),
        *_rows(_NOT_READY, _I.LOGIN_TO_QUEUE, None, _E.JOIN_QUEUES),
        *_rows(_LOGGED_IN, _I.LOGOUT_OF_QUEUE, None, _E.LEAVE_QUEUES),
        *_rows(_LOGGED_IN, _I.LOGOUT, _P.LOGGED_OUT, *_LOG_OUT),
        *_rows([_P.READY], _I.READY, None, *_CHANGE, *_BECOME_READY),
        *_rows(_NOT_READY, _I.READY, _P.READY, *_CHANGE, _E.RESTART_IDLE_TIME, *_BECOME_READY),
        *_rows(_LOGGED_IN, _I.NOT_READY, _P.NOT_READY, *_CHANGE, _E.PUBLISH_NOT_READY),
        *_rows([_P.READY], _I.AFTER_CALL_WORK, _P.WORK_THEN_READY, _E.SAVE_DETAILS, *_BEGIN_WORK),
        *_rows([_P.NOT_READY], _I.AFTER_CALL_WORK, _P.WORK_THEN_NOT_READY, _E.SAVE_DETAILS, *_BEGIN_WORK),
        *_rows(_WORKING, _I.AFTER_CALL_WORK, None, *_BEGIN_WORK),
        # The answer to the request is the state that is kept.
        *_rows([_P.READY], _I.DEFERRAL, None, _E.DEFER, _E.PUBLISH_READY),
        *_rows(_NOT_READY, _I.DEFERRAL, None, _E.DEFER, _E.PUBLISH_NOT_READY),
        *_rows([_P.READY], _I.OFFER_NOT_TAKEN, _P.NOT_READY, *_CHANGE, _E.PUBLISH_NOT_READY),
        *_rows(_NOT_READY, _I.OFFER_NOT_TAKEN, None),
        *_rows(_LOGGED_IN, _I.CALL_BEFORE_WORK, None, _E.MARK_WORK_DUE),
        *_rows([_P.READY], _I.CALLS_ENDED, None, _E.RESTART_IDLE_TIME, _E.OFFER_CALLS),
        *_rows([_P.NOT_READY], _I.CALLS_ENDED, None),
        # Work that was requested during a call lasts from its end.
        *_rows(_WORKING, _I.CALLS_ENDED, None, _E.START_WORK_TIMER),
        *_rows([_P.WORK_THEN_NOT_READY], _I.WORK_TIME_OVER, _P.NOT_READY, *_END_WORK, _E.PUBLISH_NOT_READY),
        *_rows(
            [_P.WORK_THEN_READY],
            _I.WORK_TIME_OVER,
            _P.READY,
            *_END_WORK,
            _E.RESTART_IDLE_TIME,
            *_BECOME_READY,
        ),
    ]
)
"""Every transition of an agent. An input that is missing for a state cannot come in it: KeyError."""


def _names(phases: list[AgentPhase]) -> str:
    return (
        "any but logged out" if set(phases) == set(_LOGGED_IN) else "; ".join(each.value for each in phases)
    )


def table_markdown() -> str:
    """Return the table for the README; states in which an input does the same stand in one row."""
    rows: dict[tuple[AgentInput, AgentPhase | None, tuple[AgentEffect, ...]], list[AgentPhase]] = {}
    for (phase, agent_input), (to, effects) in TRANSITIONS.items():
        rows.setdefault((agent_input, None if to is phase else to, effects), []).append(phase)
    lines = ["| Input | State | Next state | Effects |", "|---|---|---|---|"]
    lines += [
        f"| {agent_input.value} | {_names(phases)} | "
        f"{'the same' if to is None else to.value} | "
        f"{', '.join(effect.value for effect in effects) or 'none'} |"
        for (agent_input, to, effects), phases in rows.items()
    ]
    return "\n".join(lines)
