"""One DN as it truly is, the T-Server that tells of it, and a link that keeps the order.

What happens at the DN becomes an event in the T-Server's way out; a request waits until the T-Server gets
to it. So a test decides how events and answers mix, and what is never heard of.
"""

import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from bridge.tlib import messages as t
from bridge.tlib.enums import (
    AddressInfoType,
    AgentStatus,
    AgentWorkMode,
    CallState,
    CallType,
    DNRole,
    DNState,
    ForwardMode,
    PartyState,
    PartyStateFlag,
)
from bridge.tlib.errors import ErrorCode
from bridge.tlib.ids import conn_id_text
from bridge.tlib.kv import KVList, KVValue
from bridge.voice.model.errors import LinkDownError
from bridge.voice.model.pending import PendingRequest
from bridge.voice.service import VoiceService

DN = "15000"
SWITCH = "Switch_A"

STATES = {
    PartyState.Initiated: "Dialing",
    PartyState.Alerting: "Ringing",
    PartyState.Connected: "Established",
    PartyState.Held: "Held",
}


@dataclass(frozen=True)
class RequestFailure:
    code: ErrorCode
    text: str = "so it is"


@dataclass
class Leg:
    """A call at the DN."""

    conn_id: int
    state: PartyState
    others: list[str]
    call_type: CallType = CallType.Internal
    user_data: KVList = field(default_factory=KVList)
    muted: bool = False

    def truth(self) -> tuple[str, bool, frozenset[str], tuple[tuple[str, KVValue], ...]]:
        return STATES[self.state], self.muted, frozenset(self.others), tuple(self.user_data)


@dataclass
class DNFeatures:
    """What is true of the DN besides its calls."""

    status: AgentStatus = AgentStatus.LoggedOut
    work_mode: AgentWorkMode = AgentWorkMode.Unknown
    reason: str | None = None
    do_not_disturb: bool = False
    forward_to: str | None = None
    message_waiting: bool = False
    in_service: bool = True


class FakeTServer:
    """A DN, its T-Server and the link to it."""

    def __init__(self) -> None:
        self.legs: dict[int, Leg] = {}
        self.agent = DNFeatures()
        self.requests: deque[tuple[t.Request, PendingRequest]] = deque()
        self.sent: list[t.Request] = []
        self._outgoing: deque[tuple[t.Event | RequestFailure, PendingRequest | None]] = deque()
        self._numbers = itertools.count(1)
        self.is_up = True
        self.registered = False

    # --- the link -----------------------------------------------------------------------------------

    def send(self, _: str, request: t.Request, pending: PendingRequest) -> None:
        """Take a request of the desk."""
        if not self.is_up:
            raise LinkDownError("down")
        self.sent.append(request)
        self.requests.append((request, pending))

    def deliver(self, service: VoiceService) -> None:
        """Hand over the oldest event that is on its way."""
        outgoing, pending = self._outgoing.popleft()
        if isinstance(outgoing, RequestFailure):
            assert pending is not None
            service.failed(SWITCH, pending, outgoing)
        else:
            service.received(SWITCH, outgoing, pending)

    @property
    def has_outgoing(self) -> bool:
        return bool(self._outgoing)

    def lose_connection(self, service: VoiceService) -> None:
        """Lose the connection: what was on its way is lost, what was asked is settled."""
        self.is_up = self.registered = False
        service.link_down(SWITCH, "cut")
        waiting = [pending for _, pending in self._outgoing if pending] + [
            pending for _, pending in self.requests
        ]
        self._outgoing.clear()
        self.requests.clear()
        for pending in waiting:
            service.failed(SWITCH, pending, RequestFailure(ErrorCode.LinkDown))

    def fail_over(self, service: VoiceService) -> None:
        """Go over to the other of a pair, which has all events and none of the questions."""
        lost = [pending for _, pending in self._outgoing if pending] + [
            pending for _, pending in self.requests
        ]
        self._outgoing = deque((outgoing, pending) for outgoing, pending in self._outgoing if pending is None)
        self.requests.clear()
        for pending in lost:
            service.failed(SWITCH, pending, RequestFailure(ErrorCode.LinkDown))

    def lose_switch(self, service: VoiceService) -> None:
        """Lose the switch, and tell after all that was told before; registrations are kept."""
        while self.has_outgoing:
            self.deliver(service)
        self.is_up = False
        service.link_down(SWITCH, "no switch")

    def reconnect(self, service: VoiceService) -> None:
        self.is_up = True
        service.link_up(SWITCH)

    def answer_request(self) -> None:
        """Answer the oldest request."""
        request, pending = self.requests.popleft()
        self._outgoing.append((self._answer(request), pending))

    # --- what the T-Server says ---------------------------------------------------------------------

    def send_event(self, kind: type[t.Event], leg: Leg | None = None, **attributes: Any) -> None:
        """Tell of something that has happened, if anybody listens."""
        if self.registered and self.is_up:
            of_call = {} if leg is None else self._of_call(leg)
            self._outgoing.append((self._event(kind, **(of_call | attributes)), None))

    def _event(self, kind: type[t.Event], **attributes: Any) -> t.Event:
        stamp: dict[str, Any] = {
            "time_in_secs": 1,
            "time_in_usecs": 0,
            "event_sequence_number": next(self._numbers),
        }
        return kind(**stamp, **{"this_dn": DN, **attributes})

    @staticmethod
    def _of_call(leg: Leg) -> dict[str, Any]:
        return {
            "conn_id": leg.conn_id,
            "call_id": leg.conn_id,
            "call_uuid": f"UUID{leg.conn_id}",
            "call_type": leg.call_type,
            "call_state": CallState.Ok if len(leg.others) == 1 else CallState.Conferenced,
            "this_dn_role": DNRole.Destination,
            "other_dn": leg.others[0] if len(leg.others) == 1 else None,
            "user_data": leg.user_data,
        }

    def _answer(self, request: t.Request) -> t.Event | RequestFailure:
        match request:
            case t.RequestRegisterAddress():
                self.registered = True
                return self._event(t.EventRegistered, extensions=self._snapshot())
            case t.RequestQueryAddress():
                return self._event(
                    t.EventAddressInfo,
                    address_info_type=AddressInfoType.CallsQuery,
                    address_info_status=len(self.legs),
                    extensions=self._snapshot(),
                )
            case t.RequestQueryCall() if request.conn_id in self.legs:
                return self._party_info(self.legs[request.conn_id])
            case t.RequestQueryCall():
                return RequestFailure(ErrorCode.InvalidConnID)
            case t.RequestAgentLogin() if self.agent.status is AgentStatus.LoggedOut:
                self.agent.status = AgentStatus.NotReady
                return self._event(t.EventAgentNotReady, agent_id=request.agent_id)
            case t.RequestAgentLogin():
                return RequestFailure(ErrorCode.AgentAlreadyLoggedIn)
        raise AssertionError(request.name)

    def _snapshot(self) -> KVList:
        pairs: list[tuple[str, KVValue]] = []
        for number, leg in enumerate(self.legs.values(), 1):
            pairs += [(f"conn-{number}", conn_id_text(leg.conn_id)), (f"ps-{number}", leg.state.value)]
        agent = self.agent
        pairs += [
            ("dnd", int(agent.do_not_disturb)),
            ("fwd", (ForwardMode.Unconditional if agent.forward_to else ForwardMode.NoForwarding).value),
            ("mwl", int(agent.message_waiting)),
            ("status", (DNState.Ok if agent.in_service else DNState.OutOfService).value),
            ("AgentStatus", agent.status.value),
            ("AgentWorkMode", agent.work_mode.value),
        ]
        if agent.forward_to:
            pairs.append(("fwd-dn", agent.forward_to))
        if agent.reason:
            pairs.append(("ReasonCode", agent.reason))
        return KVList(pairs)

    def _party_info(self, leg: Leg) -> t.Event:
        own = leg.state.value | (PartyStateFlag.NoTalk.value if leg.muted else 0)
        pairs: list[tuple[str, KVValue]] = [("party-1", DN), ("role-1", 2), ("ps-1", own)]
        for number, other in enumerate(leg.others, 2):
            pairs += [(f"party-{number}", other), (f"role-{number}", 1), (f"ps-{number}", 12)]
        outgoing = self._of_call(leg)
        for key in ("other_dn", "call_state"):
            del outgoing[key]
        return self._event(t.EventPartyInfo, extensions=KVList(pairs), **outgoing)
