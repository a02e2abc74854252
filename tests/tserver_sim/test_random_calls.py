"""Random requests, legal and illegal, from two clients; what must hold whatever they ask."""

from collections import defaultdict

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState
from bridge.tlib.kv import KVList
from tests.tserver_sim.desk import Desk
from tserver_sim.switch.states import PartyState

DNS = ("15000", "15001", "15002", "15003")
NUMBERS = st.sampled_from((*DNS, "15500", "4711"))
CLIENTS = st.integers(0, 1)
TERMINAL = (m.EventReleased, m.EventAbandoned)
OPENING = (m.EventDialing, m.EventRinging)


class RandomCalls(RuleBasedStateMachine):
    """Each client registers all DNs; 15003's phone answers by itself; calls ring for 30 s at most."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(phones={"15003": 2.0}, ring_timeout=30)
        self.clients = [self.desk.client(f"client{n}", *DNS) for n in range(2)]
        self.reference = 0
        self.seen = [len(client.events) for client in self.clients]
        self.legs: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.moved_away: set[tuple[str, int]] = set()
        self.last_number = max(client.events[-1].event_sequence_number for client in self.clients)

    # --- stimuli -----------------------------------------------------------------------------

    @rule(who=CLIENTS, dn=st.sampled_from(DNS), number=NUMBERS)
    def calls(self, who: int, dn: str, number: str) -> None:
        self.ask(who, m.RequestMakeCall(this_dn=dn, other_dn=number, reference_id=self.next_reference()))

    @rule(
        who=CLIENTS,
        dn=st.sampled_from(DNS),
        kind=st.sampled_from((m.RequestAnswerCall, m.RequestReleaseCall)),
        data=st.data(),
    )
    def answers_or_releases(self, who: int, dn: str, kind: type[m.CallRequest], data: st.DataObject) -> None:
        conn_id = data.draw(st.sampled_from(self.conn_ids()))
        self.ask(who, kind(this_dn=dn, conn_id=conn_id, reference_id=self.next_reference()))

    @rule(who=CLIENTS, dn=st.sampled_from(DNS), number=NUMBERS, data=st.data())
    def transfers(self, who: int, dn: str, number: str, data: st.DataObject) -> None:
        request = m.RequestSingleStepTransfer(
            this_dn=dn,
            conn_id=data.draw(st.sampled_from(self.conn_ids())),
            other_dn=number,
            user_data=KVList.of(By=dn),
            reference_id=self.next_reference(),
        )
        self.ask(who, request)

    @rule(seconds=st.sampled_from((0.0, 1.0, 2.0, 30.0)))
    def time_passes(self, seconds: float) -> None:
        self.desk.clock.advance(seconds)
        self.note()

    # --- what must hold ----------------------------------------------------------------------

    def ask(self, who: int, request: m.Request) -> None:
        """Every request is answered once: by events with its ReferenceID, or by one EventError."""
        before = len(self.clients[who].events)
        self.clients[who].asks(request)
        told = self.clients[who].events[before:]
        answers = [event for event in told if event.reference_id == request.reference_id]
        errors = [event for event in told if isinstance(event, m.EventError)]
        assert len(answers) == 1
        assert answers == errors or not errors
        assert all(event.reference_id is None for event in self.clients[1 - who].events[self.seen[1 - who] :])
        self.note()

    def note(self) -> None:
        """Follow the events that both clients got; they must not differ but in the ReferenceID."""
        stories = [self.story(who) for who in range(2)]
        assert stories[0] == stories[1]
        for event in stories[0]:
            leg = event.this_dn, event.conn_id
            if isinstance(event, OPENING):
                self.legs[leg].append("open")
                self.moved_away.discard(leg)
            assert leg not in self.moved_away, "an event at the old DN after the transfer"
            assert self.legs[leg][-1] == "open", "an event at a leg that has ended"
            if isinstance(event, TERMINAL):
                self.legs[leg].append("ended")
                if event.call_state is CallState.Transferred:
                    self.moved_away.add(leg)
            if isinstance(event, m.EventPartyChanged):
                assert event.previous_conn_id == event.conn_id
                assert event.conn_id in self.desk.tserver.switch.dns[event.this_dn].parties

    def story(self, who: int) -> list[m.PartyEvent]:
        client = self.clients[who]
        new, self.seen[who] = client.events[self.seen[who] :], len(client.events)
        return [replace(event, reference_id=None) for event in new if isinstance(event, m.PartyEvent)]

    @invariant()
    def events_are_numbered_without_gaps(self) -> None:
        numbers = {event.event_sequence_number for client in self.clients for event in client.events}
        assert numbers == set(range(1, len(numbers) + 1))

    @invariant()
    def calls_and_dns_agree(self) -> None:
        switch = self.desk.tserver.switch
        on_calls = {
            (party.dn, conn_id, party) for conn_id, call in switch.calls.items() for party in call.parties
        }
        at_dns = {(dn.number, conn_id, p) for dn in switch.dns.values() for conn_id, p in dn.parties.items()}
        assert on_calls == at_dns
        assert all(call.parties for call in switch.calls.values())
        assert all(party.state is not PartyState.NULL for _, _, party in on_calls)
        assert all(
            (party.ring_timer is None) != (party.state is PartyState.ALERTING) for *_, party in on_calls
        )

    @invariant()
    def open_legs_are_the_parties(self) -> None:
        switch = self.desk.tserver.switch
        open_legs = {leg for leg, story in self.legs.items() if story[-1] == "open"}
        assert open_legs == {(p.dn, conn_id) for conn_id, call in switch.calls.items() for p in call.parties}

    def teardown(self) -> None:
        """When everybody hangs up, no call is left."""
        switch = self.desk.tserver.switch
        for conn_id, call in list(switch.calls.items()):
            for party in list(call.parties):
                if conn_id in switch.dns[party.dn].parties:
                    self.ask(0, m.RequestReleaseCall(this_dn=party.dn, conn_id=conn_id, reference_id=0))
        assert switch.calls == {}

    # --- helpers -----------------------------------------------------------------------------

    def conn_ids(self) -> list[int]:
        """The calls there are, the last one that has ended, and one that never was."""
        numbers = list(self.desk.tserver.switch.calls)
        ended = [conn_id for (_, conn_id), story in self.legs.items() if story[-1] == "ended"]
        return [*numbers, *ended[-1:], 1]

    def next_reference(self) -> int:
        self.reference += 1
        return self.reference


TestRandomCalls = RandomCalls.TestCase
TestRandomCalls.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
