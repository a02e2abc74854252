"""The agent session at one device, as a table: from StartContactCenterSession to EndContactCenterSession.

The DN is registered first; EventRegistered says whether the agent is logged in already. What the user asks
for meanwhile (to be ready, say) waits for the registration and follows the login at once: a link keeps the
order, so nothing needs to wait for the outcome of the login.

Sources: GWS v2, StartContactCenterSession, EndContactCenterSession and agent states; T-Library,
RequestRegisterAddress, RequestAgentLogin.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Self

from bridge.runtime.state_table import StateTable, StateTransition
from bridge.tlib import messages as t
from bridge.voice.model.agent_state import AgentState, Presence
from bridge.voice.model.agents import SwitchLogin

MAX_WAITING = 32
"""How many requests may wait for the registration of a DN."""


class SessionState(Enum):
    """How far the session at a device is.

    Attributes:
        in_session: whether the user has a session here, so that the DN is to be registered.
        registered: whether the T-Server sends the events of the DN.

    """

    in_session: bool
    registered: bool

    OUT = "out", False, False
    REGISTERING = "registering", True, False
    REGISTERING_AGAIN = "registering again", True, True
    LOGGING_IN = "logging in", True, True
    LOGGED_IN = "logged in", True, True
    LOGGED_OUT = "logged out", True, True
    WATCHED = "watched", True, True
    SUSPENDED = "suspended", True, False
    LEAVING = "leaving", False, True

    def __new__(cls, text: str, in_session: bool, registered: bool) -> Self:  # noqa: FBT001 (rows of a table)
        """Make a state whose value is its text."""
        member = object.__new__(cls)
        member._value_ = text
        member.in_session = in_session
        member.registered = registered
        return member


class SessionInput(Enum):
    """What can happen to a session. `StartContactCenterSession` and the others come from clients."""

    START = "StartContactCenterSession"
    END = "EndContactCenterSession"
    WORK_REQUESTED = "agent state but Offline"
    LOGOUT_REQUESTED = "Offline"
    REGISTERED_IN = "EventRegistered, agent logged in"
    REGISTERED_OUT = "EventRegistered, no agent logged in"
    REGISTERED_UNSURE = "EventRegistered, another agent or unknown"
    REGISTERED_WATCHED = "EventRegistered, no login wanted"
    REGISTRATION_FAILED = "registration failed for now"
    REGISTRATION_REFUSED = "registration refused"
    UNREGISTERED = "EventUnregistered"
    AGENT_IN = "event of an agent logged in"
    AGENT_OUT = "EventAgentLogout"
    LOGIN_FAILED = "login failed"
    LINK_UP = "link up"
    LINK_LOST = "link lost"


class SessionEffect(Enum):
    """What is to be done."""

    REGISTER = "register"
    UNREGISTER = "unregister"
    START_LOGIN = "start login"
    LOG_IN = "log in"
    LOG_OUT = "log out"
    LOG_OUT_KNOWN_AGENT = "log out a known agent"
    SEND = "send"
    WAIT = "wait"
    SEND_WAITING = "send what waits"
    FAIL_WAITING = "fail what waits"
    RECONCILE_CALLS = "reconcile calls"
    RELEASE_CALLS = "release calls"
    CANCEL_MONITORING = "cancel monitoring"
    FORGET = "forget"
    NOTIFY = "notify"


S, In, Do = SessionState, SessionInput, SessionEffect

_REGISTERED_WITH_LOGIN = (In.REGISTERED_IN, In.REGISTERED_OUT, In.REGISTERED_UNSURE)
_END = (Do.FORGET, Do.UNREGISTER)

SESSION_TABLE = StateTable(
    # The beginning, and once more. The DN is registered, and the login follows.
    StateTransition((S.OUT, S.REGISTERING, S.SUSPENDED), (In.START,), S.REGISTERING, (Do.REGISTER,)),
    StateTransition(
        (S.REGISTERING_AGAIN, S.LOGGING_IN, S.LOGGED_IN, S.LOGGED_OUT, S.WATCHED, S.LEAVING),
        (In.START,),
        S.REGISTERING_AGAIN,
        (Do.REGISTER,),
    ),
    # The answer to the registration.
    StateTransition(
        (S.REGISTERING, S.REGISTERING_AGAIN),
        (In.REGISTERED_OUT, In.REGISTERED_UNSURE),
        S.LOGGING_IN,
        (Do.NOTIFY, Do.RECONCILE_CALLS, Do.START_LOGIN, Do.SEND_WAITING),
    ),
    StateTransition(
        (S.REGISTERING, S.REGISTERING_AGAIN, S.LOGGED_OUT),
        (In.REGISTERED_IN,),
        S.LOGGED_IN,
        (Do.NOTIFY, Do.RECONCILE_CALLS, Do.SEND_WAITING),
    ),
    # After a gap the login is not repeated.
    StateTransition(
        (S.SUSPENDED, S.LOGGED_IN),
        (In.REGISTERED_IN, In.REGISTERED_UNSURE),
        S.LOGGED_IN,
        (Do.NOTIFY, Do.RECONCILE_CALLS, Do.SEND_WAITING),
    ),
    StateTransition((S.LOGGED_OUT,), (In.REGISTERED_UNSURE,), S.LOGGED_IN, (Do.NOTIFY, Do.RECONCILE_CALLS)),
    StateTransition(
        (S.SUSPENDED, S.LOGGED_IN, S.LOGGED_OUT),
        (In.REGISTERED_OUT,),
        S.LOGGED_OUT,
        (Do.NOTIFY, Do.RECONCILE_CALLS, Do.SEND_WAITING),
    ),
    StateTransition((S.LOGGING_IN,), _REGISTERED_WITH_LOGIN, None, (Do.NOTIFY, Do.RECONCILE_CALLS)),
    StateTransition(
        (S.REGISTERING, S.REGISTERING_AGAIN, S.SUSPENDED, S.WATCHED),
        (In.REGISTERED_WATCHED,),
        S.WATCHED,
        (Do.NOTIFY, Do.RECONCILE_CALLS),
    ),
    StateTransition(
        (S.OUT, S.LEAVING),
        (*_REGISTERED_WITH_LOGIN, In.REGISTERED_WATCHED, In.UNREGISTERED),
        S.OUT,
        (Do.NOTIFY,),
    ),
    StateTransition(
        (S.REGISTERING, S.REGISTERING_AGAIN, S.SUSPENDED), (In.REGISTRATION_FAILED,), None, (Do.FAIL_WAITING,)
    ),
    StateTransition(
        tuple(state for state in S if state.in_session),
        (In.REGISTRATION_REFUSED,),
        S.OUT,
        (Do.FAIL_WAITING, Do.RELEASE_CALLS, Do.FORGET),
    ),
    # What the user wants of the agent's state.
    StateTransition(
        (S.REGISTERING, S.REGISTERING_AGAIN, S.SUSPENDED),
        (In.WORK_REQUESTED, In.LOGOUT_REQUESTED),
        None,
        (Do.WAIT,),
    ),
    StateTransition((S.LOGGED_OUT,), (In.WORK_REQUESTED,), S.LOGGING_IN, (Do.LOG_IN, Do.SEND)),
    StateTransition((S.LOGGED_OUT,), (In.LOGOUT_REQUESTED,), None, (Do.SEND,)),
    StateTransition((S.LOGGING_IN, S.LOGGED_IN), (In.WORK_REQUESTED, In.LOGOUT_REQUESTED), None, (Do.SEND,)),
    # What the T-Server says of the agent.
    StateTransition((S.LOGGING_IN, S.LOGGED_OUT), (In.AGENT_IN,), S.LOGGED_IN),
    StateTransition((S.LOGGED_IN,), (In.AGENT_OUT,), S.LOGGED_OUT),
    StateTransition((S.LOGGING_IN,), (In.LOGIN_FAILED,), S.LOGGED_OUT),
    # The link.
    StateTransition((S.REGISTERING, S.SUSPENDED), (In.LINK_UP,), None, (Do.REGISTER,)),
    StateTransition(
        (S.LOGGING_IN, S.LOGGED_IN, S.LOGGED_OUT, S.WATCHED), (In.LINK_LOST,), S.SUSPENDED, (Do.NOTIFY,)
    ),
    StateTransition((S.REGISTERING_AGAIN,), (In.LINK_LOST,), S.REGISTERING, (Do.NOTIFY,)),
    StateTransition((S.LEAVING,), (In.LINK_LOST,), S.OUT, (Do.NOTIFY,)),
    # A session that began before the end of the last one was answered.
    StateTransition((S.REGISTERING, S.REGISTERING_AGAIN), (In.UNREGISTERED,), S.REGISTERING, (Do.NOTIFY,)),
    # The end.
    StateTransition(
        (S.REGISTERING, S.SUSPENDED),
        (In.END,),
        S.OUT,
        (Do.CANCEL_MONITORING, Do.RELEASE_CALLS, Do.LOG_OUT_KNOWN_AGENT, *_END),
    ),
    StateTransition(
        (S.REGISTERING_AGAIN,),
        (In.END,),
        S.LEAVING,
        (Do.CANCEL_MONITORING, Do.RELEASE_CALLS, Do.LOG_OUT_KNOWN_AGENT, *_END),
    ),
    StateTransition(
        (S.LOGGING_IN, S.LOGGED_IN),
        (In.END,),
        S.LEAVING,
        (Do.CANCEL_MONITORING, Do.RELEASE_CALLS, Do.LOG_OUT, *_END),
    ),
    StateTransition(
        (S.LOGGED_OUT, S.WATCHED), (In.END,), S.LEAVING, (Do.CANCEL_MONITORING, Do.RELEASE_CALLS, *_END)
    ),
)
"""Every move there is.

`EventUnregistered` also stands for: nothing more will be heard of the DN, as the link is down or the device
goes back to its owner. In the states after a registration it answers the end of an earlier session, and the
DN is registered anew already, so it has no row there.
"""


@dataclass(frozen=True, slots=True)
class AgentRequest:
    """A request about the state of an agent.

    Attributes:
        request: what the T-Server gets.
        operation: the name of the operation behind it.
        requested_by: the id of the supervisor who asked for it; None for the user of the device.

    """

    request: t.Request
    operation: str
    requested_by: str | None = None

    @property
    def input(self) -> SessionInput:
        """Return the input that the request is for the session."""
        is_logout = isinstance(self.request, t.RequestAgentLogout)
        return SessionInput.LOGOUT_REQUESTED if is_logout else SessionInput.WORK_REQUESTED


@dataclass(slots=True)
class AgentSession:
    """The session at a device.

    Attributes:
        state: how far it is.
        login: who is logged in here; None without a session, and where the DN is only watched.
        waiting: the requests that wait for the registration of the DN.

    """

    state: SessionState = SessionState.OUT
    login: SwitchLogin | None = None
    waiting: list[AgentRequest] = field(default_factory=list)

    @property
    def is_logging_in(self) -> bool:
        """Whether a login is in progress. Clients then still see LoggedIn: a LoggedOut would alarm them."""
        return self.login is not None and self.state in (S.REGISTERING, S.REGISTERING_AGAIN, S.LOGGING_IN)


def registered_input(login: SwitchLogin | None, presence: Presence) -> SessionInput:
    """Return the input that EventRegistered is, by what its snapshot has made of the DN."""
    if login is None:
        return SessionInput.REGISTERED_WATCHED
    if presence.agent_state is AgentState.LOGGED_OUT:
        return SessionInput.REGISTERED_OUT
    if presence.agent_state is None or presence.agent_id not in (None, login.code):
        return SessionInput.REGISTERED_UNSURE
    return SessionInput.REGISTERED_IN
