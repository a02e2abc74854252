"""Random calls to and from the world outside: every line is given back, and every call ends."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList, decode_kv_list
from tests.tserver_sim.trunk_server import comes_in, lines, trunk_server
from tserver_sim.phones.phones import UNATTENDED_SECONDS
from tserver_sim.switch.interface.commands import (
    Act,
    ActOutside,
    Command,
    DialNumber,
    OutsideAct,
    SetPhone,
    UsePhone,
)
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.interface.stimuli import AnyStimulus
from tserver_sim.switch.state.phone_behaviour import MANUAL, Answers, Busy, Choice, Mix, Rejects

DNS = st.sampled_from(("15000", "15001", "15002"))
NUMBERS = st.sampled_from(
    ("15000", "15001", "15002", "4711", "9201", "9202", "9203", "9204", "9301", "9555", "8301", "8555")
)
PHONES = st.sampled_from(
    (
        None,
        MANUAL,
        Answers(1.0),
        Answers(1.0, 5.0),
        Rejects(2.0),
        Busy(),
        Mix((Choice(1.0, Busy()), Choice(2.0, Answers(0.0)))),
    )
)

written = msgspec.msgpack.Encoder().encode
read = msgspec.msgpack.Decoder(AnyStimulus, dec_hook=decode_kv_list).decode


class RandomOutside(RuleBasedStateMachine):
    """Three phones and two trunk groups; commands at the phones and from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.server = trunk_server(ring_timeout=30)
        self.mirror = trunk_server(ring_timeout=30).tserver.switch
        self.server.tserver.switch.record = self.mirrors
        self.client = self.server.client("client", "15000", "15001", "15002")

    @rule(dn=DNS, number=NUMBERS)
    def dials(self, dn: str, number: str) -> None:
        self.command(DialNumber(dn, number, KVList.of(Number=number)))

    @rule(dn=DNS, act=st.sampled_from(Act))
    def uses_a_phone(self, dn: str, act: Act) -> None:
        self.command(UsePhone(dn, act))

    @rule(dn=DNS, phone=PHONES)
    def sets_a_phone(self, dn: str, phone: Answers | None) -> None:
        self.command(SetPhone(dn, phone))

    @rule(
        number=NUMBERS, caller=st.sampled_from(("0699", "301", "15000")), trunk=st.sampled_from(("", "old"))
    )
    def calls_in(self, number: str, caller: str, trunk: str) -> None:
        try:
            done = comes_in(self.server, number, caller, trunk=trunk, user_data=KVList.of(Caller=caller))
        except RefusedError:
            return
        assert (done.conn_id == 0) is (done.failure is not None)

    @rule(act=st.sampled_from(OutsideAct), data=st.data())
    def acts_outside(self, act: OutsideAct, data: st.DataObject) -> None:
        self.command(ActOutside(data.draw(st.sampled_from(self.conn_ids())), act))

    @rule(
        dn=DNS,
        number=NUMBERS,
        data=st.data(),
        kind=st.sampled_from(
            (m.RequestSingleStepTransfer, m.RequestInitiateTransfer, m.RequestSingleStepConference)
        ),
    )
    def passes_on(
        self, dn: str, number: str, data: st.DataObject, kind: type[m.RequestSingleStepTransfer]
    ) -> None:
        conn_id = data.draw(st.sampled_from(self.conn_ids()))
        self.client.asks(kind(this_dn=dn, conn_id=conn_id, other_dn=number, reference_id=1))

    @rule(dn=DNS)
    def completes_a_transfer(self, dn: str) -> None:
        main, consult, *_ = [*self.server.tserver.switch.engine.parties_of(dn).keys(), 1, 1]
        request = m.RequestCompleteTransfer(
            this_dn=dn, conn_id=main, transfer_conn_id=consult, reference_id=1
        )
        self.client.asks(request)

    @rule(seconds=st.sampled_from((0.0, 1.0, 2.0, 5.0, 30.0)))
    def time_passes(self, seconds: float) -> None:
        self.server.clock.advance(seconds)

    @invariant()
    def whoever_carries_out_the_same_stimuli_is_the_same(self) -> None:
        switch = self.server.tserver.switch
        self.mirror.state.now = switch.state.now
        self.mirror.state.sequence = switch.state.sequence
        assert written(self.mirror.image()) == written(switch.image())

    @invariant()
    def every_line_belongs_to_a_party(self) -> None:
        taken = lines(self.server)
        assert taken.get("city", 0) <= 2
        assert taken.get("old", 0) <= 1

    @invariant()
    def timers_belong_to_parties(self) -> None:
        state = self.server.tserver.switch.state
        parties = [(call.conn_id, party) for call in state.calls.values() for party in call.parties]
        running = {number for _, party in parties for number in (party.timer, party.phone_timer) if number}
        assert running == set(state.timers)
        for conn_id, party in parties:
            for number in filter(None, (party.timer, party.phone_timer)):
                timer = state.timers[number]
                assert (timer.conn_id, timer.dn) == (conn_id, party.dn)

    def teardown(self) -> None:
        """When all phones of the switch have hung up, parties outside do so too."""
        switch = self.server.tserver.switch
        for dn in ("15000", "15001", "15002"):
            for conn_id in list(switch.engine.parties_of(dn)):
                self.client.asks(m.RequestReleaseCall(this_dn=dn, conn_id=conn_id, reference_id=1))
        self.server.clock.advance(2 * UNATTENDED_SECONDS + 60)
        for dn in ("15000", "15001", "15002"):
            assert not switch.engine.parties_of(dn)
        assert switch.state.calls == {}
        assert lines(self.server) == {}

    def mirrors(self, stimulus: AnyStimulus) -> None:
        """Replay an encoded and decoded stimulus at the mirror too."""
        self.mirror.replay(read(written(stimulus)))

    def command(self, command: Command) -> None:
        try:
            self.server.tserver.command(command)
        except RefusedError:
            return

    def conn_ids(self) -> list[int]:
        return [*self.server.tserver.switch.state.calls, 1]


TestRandomOutside = RandomOutside.TestCase
TestRandomOutside.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
