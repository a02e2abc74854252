"""Random calls through route points: rules, a router, treatments, predictive calls, and people outside."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bridge.tlib import messages as m
from bridge.tlib.enums import RouteType, TreatmentType
from bridge.tlib.kv import KVList, decode_kv_list
from tests.tserver_sim.acd import AUTO_IN, agent_id
from tests.tserver_sim.in_memory_server import InMemoryServer
from tests.tserver_sim.route_points import OTHER_RP, QUEUE, RP, route_point_server
from tests.tserver_sim.trunk_server import SITE, comes_in, lines
from tserver_sim.phones.phones import UNATTENDED_SECONDS
from tserver_sim.switch.interface.commands import ActOutside, Command, OutsideAct, SendDigits
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.interface.stimuli import AnyStimulus
from tserver_sim.switch.state.party_states import CallPartyState

PHONES = ("15000", "15001", "15002")
POINTS = (RP, OTHER_RP)
DNS = (*PHONES, *POINTS, QUEUE)
WHO = st.sampled_from(PHONES)
NUMBERS = st.sampled_from((*DNS, "9555", "9203", "9201", "9301", "9401", "8301", "777", ""))
ENDINGS = (m.EventReleased, m.EventAbandoned, m.EventDiverted)
BEGINNINGS = (m.EventDialing, m.EventRinging, m.EventQueued, m.EventRouteRequest, m.EventPartyChanged)
AT_ONCE = (TreatmentType.SetDefaultRoute, TreatmentType.CancelCall)
RULES: dict[str, Any] = {
    "default": "15002",
    "rules": [
        {"percent": 20, "to": OTHER_RP},
        {"percent": 20, "to": "15001", "treatment": {"type": "music", "seconds": 2}},
        {"percent": 10, "to": QUEUE},
    ],
}
BACK = {"rules": [{"data": {"From": "15000"}, "to": RP}]}

written = msgspec.msgpack.Encoder().encode
read = msgspec.msgpack.Decoder(AnyStimulus, dec_hook=decode_kv_list).decode


class RandomRouting(RuleBasedStateMachine):
    """One client does it all; another switch lives through the same."""

    @initialize(profile=st.sampled_from(("sip-server", "csta-pbx", "acd-switch")))
    def open(self, profile: str) -> None:
        self.server = self.make(profile)
        self.switch = self.server.tserver.switch
        self.mirror = self.make(profile).tserver.switch
        self.client = self.server.client("client", *DNS)
        self.switch.record = lambda stimulus: self.mirror.replay(read(written(stimulus)))
        self.seen = len(self.client.events)
        self.reference = 0
        self.legs: set[tuple[str, int]] = set()
        """DN and call of every party, by the events alone."""
        self.treated: set[tuple[str, int]] = set()
        """Route points and calls with a treatment, by the events alone."""

    def make(self, profile: str) -> InMemoryServer:
        outside = [*SITE["outside"], {"number": "401", "phone": {"answers_after": 1, "detected": "machine"}}]
        return route_point_server(
            RULES, BACK, outside=outside, ring_timeout=8, routing_timeout=5, profile=profile
        )

    # --- stimuli -----------------------------------------------------------------------------

    @rule(dn=WHO, number=st.sampled_from((*POINTS, *POINTS, "15001", QUEUE)))
    def calls(self, dn: str, number: str) -> None:
        self.ask(m.RequestMakeCall, this_dn=dn, other_dn=number, user_data=KVList.of(From=dn))

    @rule(number=st.sampled_from((*POINTS, QUEUE)))
    def calls_in(self, number: str) -> None:
        try:
            comes_in(self.server, number)
        except RefusedError:
            return
        self.note()

    @rule(point=st.sampled_from((*POINTS, QUEUE)), number=NUMBERS, seconds=st.sampled_from((0, 3)))
    def predicts(self, point: str, number: str, seconds: int) -> None:
        self.ask(m.RequestMakePredictiveCall, this_dn=point, other_dn=number, timeout=seconds)

    @rule(data=st.data(), number=NUMBERS, kind=st.sampled_from(RouteType))
    def routes(self, data: st.DataObject, number: str, kind: RouteType) -> None:
        asked = {"other_dn": number, "route_type": kind, "dnis": "0800", "user_data": KVList.of(To=number)}
        self.ask(m.RequestRouteCall, **self.at(data, POINTS, CallPartyState.QUEUED), **asked)

    @rule(
        data=st.data(),
        kind=st.sampled_from(TreatmentType),
        parms=st.dictionaries(
            st.sampled_from(("DURATION", "MAX_DIGITS", "DEST")), st.sampled_from((1, 3, 15001))
        ),
    )
    def treats(self, data: st.DataObject, kind: TreatmentType, parms: dict[str, int]) -> None:
        asked = {"treatment_type": kind, "treatment_parms": KVList(parms.items())}
        self.ask(m.RequestApplyTreatment, **self.at(data, POINTS, CallPartyState.QUEUED), **asked)

    @rule(data=st.data(), digits=st.sampled_from(("1", "12#")))
    def presses(self, data: st.DataObject, digits: str) -> None:
        self.ask(m.RequestSendDTMF, **self.at(data, PHONES, CallPartyState.DIALING), dtmf_digits=digits)

    @rule(data=st.data())
    def answers(self, data: st.DataObject) -> None:
        self.ask(m.RequestAnswerCall, **self.at(data, PHONES, CallPartyState.ALERTING))

    @rule(data=st.data(), kind=st.sampled_from((m.RequestReleaseCall, m.RequestHoldCall)))
    def uses_a_phone(self, data: st.DataObject, kind: type[m.CallRequest]) -> None:
        self.ask(kind, **self.at(data, PHONES))

    @rule(
        data=st.data(),
        number=st.sampled_from((*POINTS, "15002")),
        kind=st.sampled_from(
            (
                m.RequestSingleStepTransfer,
                m.RequestSingleStepConference,
                m.RequestInitiateTransfer,
                m.RequestMuteTransfer,
            )
        ),
    )
    def passes_on(self, data: st.DataObject, number: str, kind: type[m.CallOnRequest]) -> None:
        self.ask(kind, **self.at(data, PHONES, CallPartyState.CONNECTED), other_dn=number)

    @rule(dn=WHO)
    def completes_a_transfer(self, dn: str) -> None:
        main, consult, *_ = [*self.switch.engine.parties_of(dn), 1, 2]
        self.ask(m.RequestCompleteTransfer, this_dn=dn, conn_id=main, transfer_conn_id=consult)

    @rule(dn=WHO)
    def logs_in(self, dn: str) -> None:
        agent = {"agent_id": agent_id(dn), "this_queue": QUEUE, "agent_work_mode": AUTO_IN}
        self.ask(m.RequestAgentLogin, this_dn=dn, **agent)

    @rule(data=st.data(), act=st.sampled_from(OutsideAct))
    def acts_outside(self, data: st.DataObject, act: OutsideAct) -> None:
        self.command(ActOutside(data.draw(st.sampled_from([*self.switch.state.calls, 1])), act))

    @rule(data=st.data(), digits=st.sampled_from(("1", "3#")))
    def presses_outside(self, data: st.DataObject, digits: str) -> None:
        self.command(SendDigits(data.draw(st.sampled_from([*self.switch.state.calls, 1])), digits))

    @rule(seconds=st.sampled_from((0.0, 1.0, 2.0, 5.0, 8.0)))
    def time_passes(self, seconds: float) -> None:
        self.server.clock.advance(seconds)
        self.note()

    def at(self, data: st.DataObject, dns: tuple[str, ...], *states: CallPartyState) -> dict[str, Any]:
        """Choose a DN and a call that it has in one of the states; if there is none, any of its calls."""
        seats = [(dn, conn_id, p) for dn in dns for conn_id, p in self.switch.engine.parties_of(dn).items()]
        fitting = [(dn, conn_id) for dn, conn_id, party in seats if party.state in states]
        others = [(dn, conn_id) for dn, conn_id, _ in seats]
        dn, conn_id = data.draw(st.sampled_from(fitting or others or [(dns[0], 1)]))
        return {"this_dn": dn, "conn_id": conn_id}

    def command(self, command: Command) -> None:
        try:
            self.server.tserver.command(command)
        except RefusedError:
            return
        self.note()

    # --- what must hold ----------------------------------------------------------------------

    def ask(self, kind: type[m.DNRequest], **attributes: Any) -> None:
        """A request is answered by events or by one error, and never by both."""
        self.reference += 1
        self.client.asks(kind(reference_id=self.reference, **attributes))
        answers = [event for event in self.note() if event.reference_id == self.reference]
        errors = [event for event in answers if isinstance(event, m.EventError)]
        assert answers or kind is m.RequestSingleStepConference
        assert not errors or answers == errors == errors[:1]

    def note(self) -> list[m.Event]:
        new, self.seen = self.client.events[self.seen :], len(self.client.events)
        for event in new:
            if isinstance(event, m.CallEvent):
                self.follow(event)
        return new

    def follow(self, event: m.CallEvent) -> None:
        leg, previous = (event.this_dn, event.conn_id), event.previous_conn_id
        if isinstance(event, m.EventPartyChanged) and leg not in self.legs and previous is not None:
            self.legs.remove((event.this_dn, previous))
            if (event.this_dn, previous) in self.treated:
                self.treated.remove((event.this_dn, previous))
                self.treated.add(leg)
        if isinstance(event, BEGINNINGS):
            self.legs.add(leg)
        assert leg in self.legs, event
        self.follow_treatment(event, leg)
        if isinstance(event, ENDINGS):
            self.legs.remove(leg)
            self.treated.discard(leg)

    def follow_treatment(self, event: m.CallEvent, leg: tuple[str, int]) -> None:
        """A treatment ends before the next begins, and before the call is sent on."""
        if isinstance(event, m.TreatmentEvent) and event.treatment_type in AT_ONCE:
            return
        match event:
            case m.EventTreatmentApplied():
                assert leg not in self.treated, event
                self.treated.add(leg)
            case m.EventTreatmentEnd():
                self.treated.remove(leg)
            case m.EventRouteUsed():
                assert leg not in self.treated, event

    @invariant()
    def the_parties_and_treatments_are_those_that_were_told(self) -> None:
        seats = [(party, call) for call in self.switch.state.calls.values() for party in call.parties]
        assert {(party.dn, call.conn_id) for party, call in seats if not party.leg} == self.legs
        assert {(party.dn, call.conn_id) for party, call in seats if party.treatment} == self.treated

    @invariant()
    def every_timer_belongs_to_a_party(self) -> None:
        state, running = self.switch.state, set()
        for call in state.calls.values():
            for party in call.parties:
                treatment = party.treatment.timer if party.treatment else 0
                for number in filter(None, (party.timer, party.phone_timer, treatment)):
                    timer = state.timers[number]
                    assert (timer.conn_id, timer.dn) == (call.conn_id, party.dn)
                    running.add(number)
                assert not (party.treatment and party.timer), "nobody waits for a router during a treatment"
        assert running == set(state.timers)

    @invariant()
    def who_lives_through_the_same_is_the_same(self) -> None:
        self.mirror.state.now = self.switch.state.now
        self.mirror.state.sequence = self.switch.state.sequence
        assert written(self.mirror.image()) == written(self.switch.image())

    @invariant()
    def no_call_is_left_to_those_who_wait(self) -> None:
        waiting = (CallPartyState.ALERTING, CallPartyState.QUEUED)
        for call in self.switch.state.calls.values():
            assert any(party.state not in waiting for party in call.parties), call

    @invariant()
    def lines_are_counted(self) -> None:
        lines(self.server)

    def teardown(self) -> None:
        """When all phones have hung up and the router has rejected the rest, nothing is left."""
        if not hasattr(self, "server"):
            return
        for dn in PHONES:
            for conn_id in list(self.switch.engine.parties_of(dn)):
                self.ask(m.RequestReleaseCall, this_dn=dn, conn_id=conn_id)
        for conn_id in list(self.switch.state.calls):
            while conn_id in self.switch.state.calls and self.hangs_up_outside(conn_id):
                pass
        self.server.clock.advance(2 * UNATTENDED_SECONDS)
        self.note()
        assert self.switch.state.calls == {}
        assert self.switch.state.timers == {}
        assert lines(self.server) == {}

    def hangs_up_outside(self, conn_id: int) -> bool:
        for party in self.switch.state.calls[conn_id].parties:
            if party.trunk:
                self.command(ActOutside(conn_id, OutsideAct.HANG_UP, party.dn))
                return True
        return False


TestRandomRouting = RandomRouting.TestCase
TestRandomRouting.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
