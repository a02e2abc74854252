"""Whatever is missed, and whatever comes in between: in the end the bridge has the switch's truth.

Random things happen at a DN while its link comes and goes, and while the answers to registrations and
queries mix with events in every order. Once all is said, the bridge's view and what a client has made of
its notifications are both what is true at the switch; and one more gap without a change tells of no call.
"""

import itertools
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.tlib import messages as t
from bridge.tlib.enums import AgentStatus, AgentWorkMode, CallState, CallType, DNRole, ForwardMode, PartyState
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from bridge.voice.model.pending import PendingRequest
from tests.voice.dn_harness import DNHarness
from tests.voice.fake_tserver import SWITCH, DNFeatures, Leg, RequestFailure

AGENTS = {
    (AgentStatus.LoggedOut, AgentWorkMode.Unknown): "LoggedOut",
    (AgentStatus.Ready, AgentWorkMode.Unknown): "Ready",
    (AgentStatus.NotReady, AgentWorkMode.Unknown): "NotReady",
    (AgentStatus.NotReady, AgentWorkMode.AuxWork): "AuxWork",
    (AgentStatus.AfterCallWork, AgentWorkMode.AfterCallWork): "AfterCallWork",
}
FEATURES = {
    ("do_not_disturb", True): t.EventDNDOn,
    ("do_not_disturb", False): t.EventDNDOff,
    ("message_waiting", True): t.EventMessageWaitingOn,
    ("message_waiting", False): t.EventMessageWaitingOff,
    ("in_service", True): t.EventDNBackInService,
    ("in_service", False): t.EventDNOutOfService,
}

T = TypeVar("T")


class Play(DNHarness):
    """A seat at which things happen by choice."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        super().__init__()
        self.choose = choose
        self.conn_ids = itertools.count(1)
        self.values = itertools.count(1)

    # --- the link -----------------------------------------------------------------------------------

    def no_outcome(self) -> None:
        """Tell the desk that nothing became known of an operation."""
        conn_id = self.one_of((None, *self.device.calls))
        name = "Dial" if conn_id is None else "Hangup"
        self.service.failed(
            SWITCH, PendingRequest(name, self.device, conn_id), RequestFailure(ErrorCode.Timeout)
        )

    def moves_to_the_other_of_a_pair(self) -> None:
        if self.device.registered:  # otherwise the other one does not have the DN, and the link goes down
            self.tserver.fail_over(self.service)

    def time_passes(self) -> None:
        self.clock.advance(0.5)

    # --- what happens to calls ----------------------------------------------------------------------

    def one_of(self, options: Sequence[T]) -> T:
        return options[self.choose(len(options))]

    def happens(self) -> None:
        """Let something happen at the DN, mostly to a call."""
        what = self.choose(8)
        if what == 0:
            self.one_of((self.agent_changes, self.feature_changes, self.forwarding_changes))()
        elif what == 1 or not self.tserver.legs:
            self.begins()
        else:
            leg = self.one_of(list(self.tserver.legs.values()))
            self.one_of(HAPPENINGS[leg.state])(self, leg)

    def begins(self) -> None:
        rings = self.one_of((True, False))
        state = PartyState.Alerting if rings else PartyState.Initiated
        kind = self.one_of((CallType.Internal, CallType.Consult))
        leg = Leg(next(self.conn_ids), state, [self.somebody()], call_type=kind)
        self.tserver.legs[leg.conn_id] = leg
        self.tserver.send_event(t.EventRinging if rings else t.EventDialing, leg)

    def is_established(self, leg: Leg) -> None:
        leg.state = PartyState.Connected
        self.tserver.send_event(t.EventEstablished, leg)

    def is_held(self, leg: Leg) -> None:
        leg.state = PartyState.Held
        self.tserver.send_event(t.EventHeld, leg)

    def is_retrieved(self, leg: Leg) -> None:
        leg.state = PartyState.Connected
        self.tserver.send_event(t.EventRetrieved, leg)

    def ends(self, leg: Leg) -> None:
        del self.tserver.legs[leg.conn_id]
        self.tserver.send_event(
            t.EventAbandoned if leg.state is PartyState.Alerting else t.EventReleased, leg
        )

    def gets_data(self, leg: Leg) -> None:
        leg.user_data = KVList.of(Value=next(self.values))
        self.tserver.send_event(t.EventAttachedDataChanged, leg, third_party_dn="15001")

    def loses_its_data(self, leg: Leg) -> None:
        leg.user_data = KVList()
        self.tserver.send_event(t.EventAttachedDataChanged, leg)

    def is_muted_or_heard(self, leg: Leg) -> None:
        leg.muted = not leg.muted
        self.tserver.send_event(t.EventMuteOn if leg.muted else t.EventMuteOff, conn_id=leg.conn_id)

    def sends_tones(self, leg: Leg) -> None:
        self.tserver.send_event(t.EventDTMFSent, conn_id=leg.conn_id, call_id=leg.conn_id, dtmf_digits="1")

    # --- who is on them -----------------------------------------------------------------------------

    def somebody_joins(self, leg: Leg) -> None:
        new = self.somebody()
        leg.others.append(new)
        self.tserver.send_event(t.EventPartyAdded, leg, other_dn=new, other_dn_role=DNRole.NewParty)

    def somebody_leaves(self, leg: Leg) -> None:
        if len(leg.others) > 1:
            gone = leg.others.pop(0)
            self.tserver.send_event(
                t.EventPartyDeleted, leg, other_dn=gone, other_dn_role=DNRole.DeletedParty
            )

    def somebody_is_replaced(self, leg: Leg) -> None:
        gone, new = leg.others[0], self.somebody()
        leg.others[0] = new
        self.tserver.send_event(
            t.EventPartyChanged,
            leg,
            previous_conn_id=leg.conn_id,
            other_dn=new,
            third_party_dn=gone,
            third_party_dn_role=DNRole.TransferredBy,
            call_state=CallState.Transferred,
        )

    def is_transferred_to(self, leg: Leg) -> None:
        """Be taken to another call, by an other party that completes its transfer."""
        self.move(leg, [self.somebody()])

    def is_conferenced(self, leg: Leg) -> None:
        """Be taken to another call, by an other party that completes its conference."""
        self.move(leg, [leg.others[0], self.somebody()])

    def move(self, leg: Leg, others: list[str]) -> None:
        del self.tserver.legs[leg.conn_id]
        previous, leg.conn_id = leg.conn_id, next(self.conn_ids)
        leg.others, leg.call_type = others, CallType.Internal
        self.tserver.legs[leg.conn_id] = leg
        self.tserver.send_event(t.EventPartyChanged, leg, previous_conn_id=previous)

    def somebody(self) -> str:
        return f"1{next(self.values)}"

    # --- what happens to the DN ---------------------------------------------------------------------

    def agent_changes(self) -> None:
        agent = self.tserver.agent
        agent.status, agent.work_mode = self.one_of(list(AGENTS))
        has_reason = agent.status not in (AgentStatus.LoggedOut, AgentStatus.Ready)
        agent.reason = self.one_of((None, "Lunch")) if has_reason else None
        match agent.status:
            case AgentStatus.LoggedOut:
                self.tserver.send_event(t.EventAgentLogout)
            case AgentStatus.Ready:
                self.tserver.send_event(t.EventAgentReady)
            case _:
                reasons = KVList.of(ReasonCode=agent.reason) if agent.reason else None
                self.tserver.send_event(
                    t.EventAgentNotReady, agent_work_mode=agent.work_mode, reasons=reasons
                )

    def feature_changes(self) -> None:
        (feature, on), event = self.one_of(list(FEATURES.items()))
        setattr(self.tserver.agent, feature, on)
        self.tserver.send_event(event)

    def forwarding_changes(self) -> None:
        to = self.one_of((None, "15001", "15002"))
        self.tserver.agent.forward_to = to
        kind = t.EventForwardSet if to else t.EventForwardCancel
        self.tserver.send_event(kind, forward_mode=ForwardMode.Unconditional, other_dn=to)

    # --- what is seen ---------------------------------------------------------------------------------

    def bridge_sees(self) -> dict[str, object]:
        (snapshot,) = self.service.snapshot()
        return {
            conn_id: (call.state, call.muted, frozenset(call.others), tuple(call.user_data.items()))
            for conn_id, call in snapshot.calls.items()
        }

    def presence_is_true(self, agent: DNFeatures) -> None:
        (snapshot,) = self.service.snapshot()
        assert snapshot.agent_state == AGENTS[agent.status, agent.work_mode]
        assert (
            snapshot.reason,
            snapshot.do_not_disturb,
            snapshot.forward_to,
            snapshot.message_waiting,
            snapshot.in_service,
        ) == (
            agent.reason,
            agent.do_not_disturb,
            agent.forward_to,
            agent.message_waiting,
            agent.in_service,
        )
        device = self.client.device
        assert device["deviceState"] == ("Active" if agent.in_service else "Inactive")
        assert device["userState"].get("reason") == agent.reason
        assert device["doNotDisturb"] == ("On" if agent.do_not_disturb else "Off")
        assert device.get("forwardTo") == agent.forward_to


_ALWAYS = (Play.ends, Play.gets_data, Play.loses_its_data)
_TALKING = (
    Play.somebody_joins,
    Play.somebody_leaves,
    Play.somebody_is_replaced,
    Play.is_muted_or_heard,
    Play.sends_tones,
)
_TAKEN = (Play.is_transferred_to, Play.is_conferenced)
HAPPENINGS = {
    PartyState.Initiated: (*_ALWAYS, Play.is_established),
    PartyState.Alerting: (*_ALWAYS, *_TAKEN, Play.is_established),
    PartyState.Connected: (*_ALWAYS, *_TAKEN, *_TALKING, Play.is_held),
    PartyState.Held: (*_ALWAYS, *_TALKING, Play.is_retrieved),
}
"""What may happen to a call in each state."""


STEPS = (
    *[Play.answer_request, Play.deliver, Play.happens] * 3,
    Play.no_outcome,
    Play.moves_to_the_other_of_a_pair,
    Play.time_passes,
)
"""What goes on after a gap."""


@given(seed=st.integers(0, 2**64 - 1))
@settings(max_examples=500, deadline=None)
def test_in_the_end_bridge_and_client_see_what_is_true(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (evenly spread, so that every example is long enough)
    play = Play(chance.randrange)
    for _ in range(chance.randrange(8)):
        play.happens()
        play.settle()

    # what is missed, and how what comes after it mixes with the answers
    for _ in range(1 + chance.randrange(3)):
        play.begin_gap(keeps_connection=play.one_of((True, False)))
        for _ in range(chance.randrange(6)):
            play.happens()
        play.end_gap()
        for _ in range(chance.randrange(20)):
            play.one_of(STEPS)(play)
            assert play.client.visible_calls() == play.bridge_sees()
    play.settle()

    truth = {f"{leg.conn_id:016x}": leg.truth() for leg in play.tserver.legs.values()}
    assert play.bridge_sees() == play.client.visible_calls() == truth
    assert play.client.duplicates == []
    play.presence_is_true(play.tserver.agent)
    first, login, *later = play.tserver.sent
    assert isinstance(first, t.RequestRegisterAddress)
    assert isinstance(login, t.RequestAgentLogin)
    allowed = t.RequestRegisterAddress | t.RequestQueryAddress | t.RequestQueryCall
    assert all(isinstance(request, allowed) for request in later)

    # a gap in which nothing happens tells of no call
    play.client.messages.clear()
    play.begin_gap(keeps_connection=False)
    play.end_gap()
    play.settle()
    assert [message["messageType"] for message in play.client.messages] == [
        "ServiceStateChangeMessage",
        "DeviceStateChangeMessage",
    ] * 2
