"""Random requests about two calls of one DN and about conferences; what must hold whatever is asked."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bridge.tlib import messages as m
from bridge.tlib.enums import CallType, MergeType
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import InMemoryServer
from tserver_sim.switch.config.profile import PROFILES
from tserver_sim.switch.operations.base.checks import calls_sharing_data
from tserver_sim.switch.state.party_states import OCCUPYING, CallPartyState
from tserver_sim.switch.state.switch_data import Sharing

PHONES = ("15000", "15001", "15002", "15003", "15004")
DNS = (*PHONES, "15500", "15600")
NUMBERS = st.sampled_from((*DNS, "0301", "0302", "4711"))
WHO = st.sampled_from(PHONES)
TERMINAL = (m.EventReleased, m.EventAbandoned, m.EventDiverted)
OPENING = (m.EventDialing, m.EventRinging, m.EventQueued)
BRINGING: tuple[type[m.CallOnRequest], ...] = (
    m.RequestSingleStepTransfer,
    m.RequestSingleStepConference,
    m.RequestInitiateTransfer,
    m.RequestInitiateConference,
    m.RequestMuteTransfer,
)
PLAIN: tuple[type[m.CallRequest], ...] = (
    m.RequestReleaseCall,
    m.RequestHoldCall,
    m.RequestRetrieveCall,
    m.RequestClearCall,
)
PAIRS: tuple[tuple[type[m.CallRequest], str, dict[str, Any]], ...] = (
    (m.RequestAlternateCall, "previous_conn_id", {}),
    (m.RequestReconnectCall, "previous_conn_id", {}),
    (m.RequestCompleteTransfer, "transfer_conn_id", {}),
    (m.RequestCompleteConference, "conference_conn_id", {}),
    (m.RequestMergeCalls, "transfer_conn_id", {"merge_type": MergeType.ForTransfer}),
    (m.RequestMergeCalls, "transfer_conn_id", {"merge_type": MergeType.ForConference}),
)
SHARINGS = st.sampled_from((None, *(sharing.value for sharing in Sharing)))


class RandomTransfers(RuleBasedStateMachine):
    """One client has registered all DNs; 15004's phone answers by itself, as people outside do."""

    @initialize(profile=st.sampled_from(tuple(PROFILES)))
    def open(self, profile: str) -> None:
        self.server = InMemoryServer(
            phones={"15004": 2.0},
            ring_timeout=30,
            profile=profile,
            trunks=[{"name": "Trunk", "lines": 2}],
            dial_plan=[{"prefix": "0", "trunk": "Trunk"}],
            outside=[
                {"prefix": "0302", "phone": {"busy": True}},
                {"prefix": "0", "phone": {"answers_after": 2, "hangs_up_after": 60}},
            ],
        )
        self.client = self.server.client("client", *DNS)
        self.seen = len(self.client.events)
        self.reference = 0
        self.invitations: set[int] = set()
        """ReferenceIDs of invitations that are not answered yet."""
        self.legs: set[tuple[str, int]] = set()
        """DN and call of every party, by the events alone."""

    # --- stimuli -----------------------------------------------------------------------------

    @rule(dn=WHO, number=NUMBERS)
    def calls(self, dn: str, number: str) -> None:
        self.ask(m.RequestMakeCall, this_dn=dn, other_dn=number, user_data=KVList.of(From=dn))

    @rule(data=st.data())
    def answers(self, data: st.DataObject) -> None:
        self.ask(m.RequestAnswerCall, **self.somewhere(data, CallPartyState.ALERTING))

    @rule(data=st.data(), kind=st.sampled_from(PLAIN))
    def does(self, data: st.DataObject, kind: type[m.CallRequest]) -> None:
        self.ask(kind, **self.somewhere(data))

    @rule(data=st.data(), kind=st.sampled_from(BRINGING), number=NUMBERS, sharing=SHARINGS)
    def brings(
        self, data: st.DataObject, kind: type[m.CallOnRequest], number: str, sharing: str | None
    ) -> None:
        extensions = None if sharing is None else KVList.of(ConsultUserData=sharing)
        where = self.somewhere(data, CallPartyState.CONNECTED)
        self.ask(kind, **where, other_dn=number, user_data=KVList.of(Last=number), extensions=extensions)

    @rule(data=st.data(), kind=st.sampled_from(PAIRS))
    def joins(self, data: st.DataObject, kind: tuple[type[m.CallRequest], str, dict[str, Any]]) -> None:
        request, second, attributes = kind
        held = self.somewhere(data, CallPartyState.HELD)
        others = list(self.server.tserver.switch.engine.parties_of(held["this_dn"]))
        self.ask(request, **held, **{second: data.draw(st.sampled_from([*others, 1]))}, **attributes)

    @rule(data=st.data(), number=st.sampled_from(PHONES))
    def removes(self, data: st.DataObject, number: str) -> None:
        self.ask(m.RequestDeleteFromConference, **self.somewhere(data), other_dn=number)

    @rule(data=st.data(), number=NUMBERS)
    def redirects(self, data: st.DataObject, number: str) -> None:
        self.ask(m.RequestRedirectCall, **self.somewhere(data, CallPartyState.ALERTING), other_dn=number)

    @rule(data=st.data())
    def changes_data(self, data: st.DataObject) -> None:
        where = self.somewhere(data)
        self.ask(m.RequestUpdateUserData, **where, user_data=KVList.of(By=where["this_dn"]))

    @rule(seconds=st.sampled_from((0.0, 2.0, 30.0)))
    def time_passes(self, seconds: float) -> None:
        self.server.clock.advance(seconds)
        self.note()

    # --- what must hold ----------------------------------------------------------------------

    def ask(self, kind: type[m.DNRequest], **attributes: Any) -> None:
        """A request is answered at once by events or one error; an invitation perhaps later, but once."""
        self.reference += 1
        self.client.asks(kind(reference_id=self.reference, **attributes))
        if kind is m.RequestSingleStepConference:
            self.invitations.add(self.reference)
        new = self.note()
        answers = [event for event in new if event.reference_id == self.reference]
        if self.reference not in self.invitations:
            assert answers
        errors = [event for event in answers if isinstance(event, m.EventError)]
        assert not errors or answers == errors == [*errors[:1]]

    def note(self) -> list[m.Event]:
        """Follow the events."""
        new, self.seen = self.client.events[self.seen :], len(self.client.events)
        for event in new:
            if event.reference_id is not None and event.reference_id != self.reference:
                assert isinstance(event, m.EventError | m.EventPartyAdded), event
                assert event.reference_id in self.invitations, event
            if isinstance(event, m.EventError | m.EventPartyAdded) and event.reference_id is not None:
                self.invitations.discard(event.reference_id)
            if isinstance(event, m.CallEvent):
                self.follow(event)
        return new

    def follow(self, event: m.CallEvent) -> None:
        leg, previous = (event.this_dn, event.conn_id), event.previous_conn_id
        assert event.call_type is not CallType.Consult or previous is not None, event
        silent = isinstance(event, m.EventRouteRequest) and leg not in self.legs  # no EventQueued before
        if isinstance(event, OPENING) or silent:
            assert leg not in self.legs, event
            self.legs.add(leg)
        if isinstance(event, m.EventRouteRequest):  # not every profile has EventQueued at a route point
            self.legs.add(leg)
        if isinstance(event, m.EventPartyChanged) and leg not in self.legs:
            assert previous is not None, event
            self.legs.remove((event.this_dn, previous))
            self.legs.add(leg)
        assert leg in self.legs, event
        if isinstance(event, TERMINAL):
            self.legs.remove(leg)

    @invariant()
    def the_parties_are_those_that_were_told(self) -> None:
        calls = self.server.tserver.switch.state.calls
        parties = {(p.dn, conn_id) for conn_id, call in calls.items() for p in call.parties if not p.leg}
        assert parties == self.legs

    @invariant()
    def the_switch_is_in_order(self) -> None:
        switch = self.server.tserver.switch
        state, engine = switch.state, switch.engine
        seats = [(party, call) for call in state.calls.values() for party in call.parties]
        assert len({id(party) for party, _ in seats}) == len(seats)
        assert len({(party.dn, call.conn_id) for party, call in seats}) == len(seats)
        assert all(engine.parties_of(p.dn)[call.conn_id] is p for p, call in seats if not p.leg)
        assert sum(len(engine.parties_of(dn)) for dn in DNS) == sum(not party.leg for party, _ in seats)
        assert {leg: each.conn_id for leg, each in state.legs.items()} == {
            party.leg: call.conn_id for party, call in seats if party.leg
        }
        for dn in PHONES:
            assert sum(party.state in OCCUPYING for party in engine.parties_of(dn).values()) <= 1
        for party, call in seats:
            timer = state.timers.get(party.timer)
            assert timer is None or (timer.conn_id, timer.dn) == (call.conn_id, party.dn)
            assert party.invited_by is None or party.state in (CallPartyState.ALERTING, CallPartyState.QUEUED)

    @invariant()
    def no_call_is_left_to_those_who_wait(self) -> None:
        waiting = (CallPartyState.ALERTING, CallPartyState.QUEUED)
        for call in self.server.tserver.switch.state.calls.values():
            assert any(party.state not in waiting for party in call.parties), call
            failed = any(party.state is CallPartyState.FAILED for party in call.parties)
            assert failed or len([party for party in call.parties if party.invited_by is None]) > 1, call

    @invariant()
    def joint_data_is_the_same(self) -> None:
        switch = self.server.tserver.switch
        for call in switch.state.calls.values():
            assert all(other.user_data == call.user_data for other in calls_sharing_data(switch.engine, call))

    @invariant()
    def events_are_numbered_without_gaps(self) -> None:
        numbers = [event.event_sequence_number for event in self.client.events]
        assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def every_invitation_is_open(self) -> None:
        calls = self.server.tserver.switch.state.calls
        waiting = {p.invited_by.reference_id for call in calls.values() for p in call.parties if p.invited_by}
        assert waiting == self.invitations

    def teardown(self) -> None:
        """When all phones have hung up, nothing is left; parties outside hang up by themselves."""
        if not hasattr(self, "server"):
            return
        switch = self.server.tserver.switch
        for dn in PHONES:
            for conn_id in list(switch.engine.parties_of(dn)):
                if conn_id in switch.engine.parties_of(dn):
                    self.ask(m.RequestReleaseCall, this_dn=dn, conn_id=conn_id)
        self.server.clock.advance(100)
        self.note()
        assert switch.state.calls == {}
        assert switch.state.legs == {}
        assert switch.state.timers == {}
        assert not self.invitations

    # --- helpers -----------------------------------------------------------------------------

    def somewhere(self, data: st.DataObject, *states: CallPartyState) -> dict[str, Any]:
        """Choose a phone and one of its calls, most often one in which it is in one of the states."""
        engine = self.server.tserver.switch.engine
        parties = [(dn, conn_id, p) for dn in PHONES for conn_id, p in engine.parties_of(dn).items()]
        fitting = [(dn, conn_id) for dn, conn_id, p in parties if p.state in states]
        every = [(dn, conn_id) for dn, conn_id, _ in parties]
        dn, conn_id = data.draw(st.sampled_from(fitting * 3 + every or [("15000", 1)]))
        return {"this_dn": dn, "conn_id": conn_id}


TestRandomTransfers = RandomTransfers.TestCase
TestRandomTransfers.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
