"""One member of a pair in hot standby: the tables of its states, and what is known of it, without I/O.

Two tables: the member's connection and switch, and the proof that its events cover those of the source (see
`switchover`). `bridge.runtime.state_table` runs them, the README draws them.

Source of the roles and of the events of a switchover: T-Library Events and Models, and the deployment guides
of T-Servers, hot standby. The proof is the rule of this project (`bridge/tlib/README.md`, A pair).
"""

from collections import deque
from enum import Enum
from typing import Generic, TypeVar

from bridge.runtime.state_table import StateTable, StateTransition
from bridge.tlib.enums import ServerRole
from bridge.tlib.messages import RequestRegisterAddress

# --- its connection and its switch ------------------------------------------------------------------


class MemberLinkState(Enum):
    """The state of a member."""

    DISCONNECTED = "disconnected"
    SWITCH_DOWN = "switch down"
    UP = "up"
    INTERRUPTED = "interrupted"
    """It lost its switch, and no change of roles explains that: there may be a gap in its events."""


class MemberInput(Enum):
    """What can happen to a member."""

    IDENTIFIED = "EventServerInfo"
    SWITCH_UP = "EventLinkConnected"
    SWITCH_DOWN = "EventLinkDisconnected"
    CHANGE_FROM_ITSELF = "EventPrimaryChanged from itself"
    CHANGE_FROM_OTHER = "EventPrimaryChanged from the other member"
    LOST = "connection lost"


class MemberEffect(Enum):
    """What is to be done."""

    FORGET_REQUESTED = "forget requested registrations"
    QUERY_ROLE = "query role"
    CANCEL_ROLE_QUERY = "cancel role query"
    INVALIDATE_PROOF = "invalidate proof"
    LINK_DOWN_IF_SOURCE = "link down if source"
    LEAVE_IF_SOURCE = "leave if source"
    FORGET_MEMBER = "forget member"


S, In, Do = MemberLinkState, MemberInput, MemberEffect

_CHANGE = (In.CHANGE_FROM_ITSELF, In.CHANGE_FROM_OTHER)

MEMBER_TABLE = StateTable(
    StateTransition((S.DISCONNECTED,), (In.IDENTIFIED,), S.SWITCH_DOWN),
    StateTransition((S.SWITCH_DOWN, S.UP), (In.SWITCH_UP,), S.UP, (Do.FORGET_REQUESTED,)),
    StateTransition((S.UP,), (In.SWITCH_DOWN,), S.INTERRUPTED),
    # A change of roles is framed by EventLinkDisconnected and EventLinkConnected: without one, it was a gap.
    StateTransition(
        (S.INTERRUPTED,),
        (In.SWITCH_UP,),
        S.UP,
        (Do.FORGET_REQUESTED, Do.QUERY_ROLE, Do.INVALIDATE_PROOF, Do.LINK_DOWN_IF_SOURCE),
    ),
    # The events of two members may have arrived in the wrong order, so both are asked for their roles.
    StateTransition((S.INTERRUPTED,), (In.CHANGE_FROM_ITSELF,), S.SWITCH_DOWN, (Do.QUERY_ROLE,)),
    StateTransition(
        (S.INTERRUPTED,), (In.CHANGE_FROM_OTHER,), S.SWITCH_DOWN, (Do.INVALIDATE_PROOF, Do.QUERY_ROLE)
    ),
    StateTransition((S.SWITCH_DOWN, S.UP), _CHANGE, None, (Do.QUERY_ROLE,)),
    StateTransition((S.DISCONNECTED,), _CHANGE, None, (Do.CANCEL_ROLE_QUERY,)),
    StateTransition(tuple(S), (In.LOST,), S.DISCONNECTED, (Do.LEAVE_IF_SOURCE, Do.FORGET_MEMBER)),
)

# --- the proof that it covers the source ------------------------------------------------------------


class ProofState(Enum):
    """Whether a member covers the source, as far as its registrations go."""

    PROVED = "proved"
    UNPROVED = "unproved"
    PROVING = "proving"


class ProofInput(Enum):
    """What can happen to a proof."""

    NOTHING_REGISTERED = "nothing registered"
    INVALIDATED = "invalidated"
    QUERIED = "source queried"
    ANSWERED = "source answered"
    UNANSWERED = "source did not answer"


class ProofEffect(Enum):
    """What is to be done."""

    RENUMBER = "renumber"
    DROP_HELD = "drop held events"


P, Given, Then = ProofState, ProofInput, ProofEffect

_RESTART = (Then.RENUMBER, Then.DROP_HELD)

PROOF_TABLE = StateTable(
    StateTransition(tuple(P), (Given.NOTHING_REGISTERED,), P.PROVED, _RESTART),
    StateTransition(tuple(P), (Given.INVALIDATED,), P.UNPROVED, _RESTART),
    StateTransition((P.UNPROVED,), (Given.QUERIED,), P.PROVING, _RESTART),
    StateTransition((P.PROVING,), (Given.ANSWERED,), P.PROVED),
    StateTransition((P.PROVING,), (Given.UNANSWERED,), P.UNPROVED),
)

# --- what is known of it ----------------------------------------------------------------------------

E = TypeVar("E")


class Proof:
    """The latest proof of a member: its state and its number. The end of an earlier one proves nothing."""

    def __init__(self) -> None:
        self.state = ProofState.PROVED  # nothing is registered at first
        self.number = 0


class MemberStatus(Generic[E]):
    """What is known of one member. `fire_proof` moves its proof; `Switchover` moves its `state`."""

    def __init__(self) -> None:
        self.state = MemberLinkState.DISCONNECTED
        self.proof = Proof()
        self.unconfirmed: dict[str, RequestRegisterAddress] = {}
        """The registrations that it has not confirmed, by DN, in order."""
        self.requested: set[str] = set()
        """Those of them that it has been sent since it came up."""
        self.held: deque[tuple[int, E]] = deque()
        """Its events that the source has not sent yet, by number."""
        self.forget()

    def forget(self) -> None:
        """Forget what the member has said of itself."""
        self.role: ServerRole | None = None
        self.announcement = 0
        """The number of the announcement that gave it its role; the later of two primaries counts."""
        self.start_time: int | None = None
        """ServerStartTime, which both members have in common."""
        self.needs_role_query = False
        self.delivered_before = 0
        """The last number that was delivered before it announced itself as primary: it goes on above."""

    @property
    def is_connected(self) -> bool:
        """Whether it is connected and has identified itself."""
        return self.state is not MemberLinkState.DISCONNECTED

    @property
    def is_up(self) -> bool:
        """Whether it has its switch."""
        return self.state is MemberLinkState.UP

    def fire_proof(self, given: ProofInput) -> None:
        """Move the proof."""
        PROOF_TABLE.fire(
            self.proof,
            given,
            {ProofEffect.RENUMBER: self._renumber_proof, ProofEffect.DROP_HELD: self.held.clear},
        )

    def _renumber_proof(self) -> None:
        self.proof.number += 1
