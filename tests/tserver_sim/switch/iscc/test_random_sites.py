"""Random calls between sites, whose messages arrive in any order: in the end all sites agree."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList
from tests.tserver_sim.in_memory_server import Client
from tests.tserver_sim.site_network import SiteDesk, Sites
from tserver_sim.phones.phones import Phones
from tserver_sim.switch.interface.stimuli import AnyStimulus
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.remote_legs import Far
from tserver_sim.switch.state.switch_data import Call, Party
from tserver_sim.switch.switch import Switch

LETTERS = "ABC"
DNS = [f"{digit}500{last}" for digit in "123" for last in "012"]
DN = st.sampled_from(DNS)
WHO = st.integers(0, 5)
NUMBER = st.sampled_from([*DNS, *DNS, "15600", "25600", "25500", "4711"])
ON_A_CALL = st.sampled_from(
    (
        m.RequestReleaseCall,
        m.RequestHoldCall,
        m.RequestRetrieveCall,
        m.RequestClearCall,
    )
)
TO_SOMEBODY = st.sampled_from(
    (
        m.RequestSingleStepTransfer,
        m.RequestSingleStepConference,
        m.RequestInitiateTransfer,
        m.RequestMuteTransfer,
        m.RequestRedirectCall,
    )
)

_written = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(AnyStimulus, dec_hook=lambda _, value: KVList.checked(value)).decode


def site_of(number: str) -> str:
    """Say at which site a number is."""
    return LETTERS[int(number[0]) - 1] if number[0] in "123" else "B"


class RandomSites(RuleBasedStateMachine):
    """Three sites with three phones each."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Sites(*LETTERS)
        self.clients: dict[str, Client] = dict(zip(DNS, self.room.agents(*DNS), strict=True))
        self.mirrors = {letter: self.mirror(desk) for letter, desk in self.room.desks.items()}
        self.count = 0

    def mirror(self, desk: SiteDesk) -> Switch:
        """Let another switch carry out what one carries out, written down and read again."""
        switch = desk.tserver.switch
        mirror = Switch(switch.engine.config, lambda _event, _asked: None, Phones())
        mirror.restore(
            msgspec.msgpack.decode(_written(switch.image()), type=type(switch.image()), dec_hook=_kv)
        )
        switch.record = lambda stimulus: mirror.replay(_read(_written(stimulus)))
        return mirror

    # --- what people do ------------------------------------------------------------------------------

    @rule(dn=DN, number=NUMBER)
    def dials(self, dn: str, number: str) -> None:
        self.ask(dn, m.RequestMakeCall, other_dn=number, location=site_of(number))

    @rule(who=WHO)
    def answers(self, who: int) -> None:
        dn = self.chosen(who, PartyState.ALERTING)
        for conn_id, party in list(self.engine(dn).parties_of(dn).items()):
            if party.state is PartyState.ALERTING:
                self.ask(dn, m.RequestAnswerCall, conn_id=conn_id)

    @rule(who=WHO, kind=ON_A_CALL, newest=st.booleans())
    def does(self, who: int, kind: type[m.CallRequest], *, newest: bool) -> None:
        dn = self.chosen(who, *PartyState)
        self.ask(dn, kind, conn_id=self.call_of(dn, newest=newest))

    @rule(who=WHO, number=NUMBER, kind=TO_SOMEBODY)
    def passes_on(self, who: int, number: str, kind: type[m.CallRequest]) -> None:
        dn = self.chosen(who, PartyState.CONNECTED)
        self.ask(dn, kind, conn_id=self.call_of(dn), other_dn=number, location=site_of(number))

    @rule(who=WHO)
    def completes_a_transfer(self, who: int) -> None:
        dn = self.chosen(who, PartyState.HELD)
        main, second = self.call_of(dn, newest=False), self.call_of(dn)
        self.ask(dn, m.RequestCompleteTransfer, conn_id=main, transfer_conn_id=second)

    @rule(who=WHO)
    def completes_a_conference(self, who: int) -> None:
        dn = self.chosen(who, PartyState.HELD)
        main, second = self.call_of(dn, newest=False), self.call_of(dn)
        self.ask(dn, m.RequestCompleteConference, conn_id=main, conference_conn_id=second)

    @rule(who=WHO, key=st.sampled_from("KL"))
    def changes_data(self, who: int, key: str) -> None:
        dn = self.chosen(who, *PartyState)
        self.count += 1
        data = KVList(((key, self.count),))
        self.ask(dn, m.RequestUpdateUserData, conn_id=self.call_of(dn), user_data=data)

    @rule(dn=DN)
    def deletes_data(self, dn: str) -> None:
        self.ask(dn, m.RequestDeleteUserData, conn_id=self.call_of(dn))

    @rule(dn=DN, number=NUMBER)
    def asks_for_a_number(self, dn: str, number: str) -> None:
        conn_id = self.call_of(dn)
        self.ask(dn, m.RequestGetAccessNumber, conn_id=conn_id, other_dn=number, location=site_of(number))

    @rule(dn=DN, number=NUMBER, data=st.data())
    def dials_an_access_number(self, dn: str, number: str, data: st.DataObject) -> None:
        accesses = self.room.desks[site_of(dn)].tserver.switch.state.accesses.values()
        numbers = [each.access_number for each in accesses] or [number]
        self.ask(dn, m.RequestMakeCall, other_dn=data.draw(st.sampled_from(numbers)))

    # --- what the wires and the clock do ---------------------------------------------------------------

    @rule(wire=st.integers(0, 2), forth=st.booleans(), messages=st.integers(1, 4))
    def something_arrives(self, wire: int, messages: int, *, forth: bool) -> None:
        letter = list(self.room.wires[wire].queues)[forth]
        for _ in range(messages):
            self.room.wires[wire].step(letter)

    @rule(seconds=st.sampled_from((0.5, 4.0, 11.0)))
    def time_passes(self, seconds: float) -> None:
        self.room.clock.advance(seconds)

    @rule(wire=st.integers(0, 19))
    def a_wire_is_cut(self, wire: int) -> None:
        if wire > 2:  # not too often
            return
        former = self.room.wires[wire]
        former.cut()
        first, second = former.ends[0].owner, former.ends[1].owner
        self.room.wires[wire] = type(former)(first, second)

    @rule()
    def everything_arrives(self) -> None:
        self.room.flow()
        self.everybody_agrees()

    # --- what must hold -----------------------------------------------------------------------------------

    @invariant()
    def whoever_carries_out_the_same_stimuli_is_the_same(self) -> None:
        for letter, mirror in self.mirrors.items():
            switch = self.room.desks[letter].tserver.switch
            mirror.state.now, mirror.state.sequence = switch.state.now, switch.state.sequence
            assert _written(mirror.image()) == _written(switch.image())

    @invariant()
    def legs_belong_to_parties(self) -> None:
        for desk in self.room.desks.values():
            state = desk.tserver.switch.state
            parties = {p.leg: call.conn_id for call in state.calls.values() for p in call.parties if p.leg}
            assert parties == {number: leg.conn_id for number, leg in state.legs.items()}
            keys = {leg.far.key: number for number, leg in state.legs.items() if leg.far and leg.far.key}
            assert keys == state.far_legs

    def everybody_agrees(self) -> None:
        """Nothing is on its way any more, so both ends of every leg must know the same."""
        for desk in self.room.desks.values():
            state = desk.tserver.switch.state
            assert state.transactions == {}
            for key, number in state.far_legs.items():
                far = state.legs[number].far
                assert far is not None
                other = self.room.desks[far.site]
                assert key in other.tserver.switch.state.far_legs, f"{key} has one end"
                self.ends_agree(self.end(desk, key), self.end(other, key))

    def ends_agree(self, here: tuple[Party, Call, Far], there: tuple[Party, Call, Far]) -> None:
        (party, call, far), (other, far_call, _) = here, there
        assert call.user_data == far_call.user_data
        assert far.conn_id == far_call.conn_id
        through = {party.state is PartyState.CONNECTED, other.state is PartyState.CONNECTED}
        assert through == {True} or {party.state, other.state} == {PartyState.DIALING, PartyState.ALERTING}

    def end(self, desk: SiteDesk, key: str) -> tuple[Party, Call, Far]:
        state = desk.tserver.switch.state
        number = state.far_legs[key]
        leg = state.legs[number]
        assert leg.far is not None
        call = state.calls[leg.conn_id]
        return next(party for party in call.parties if party.leg == number), call, leg.far

    def teardown(self) -> None:
        """When everybody has hung up, and every message has arrived, nothing is left."""
        self.room.flow()
        self.everybody_agrees()
        for dn in DNS:
            for conn_id in list(self.engine(dn).parties_of(dn)):
                self.ask(dn, m.RequestReleaseCall, conn_id=conn_id)
        self.room.flow()
        self.everybody_agrees()
        self.room.clock.advance(60)
        self.room.flow()
        for desk in self.room.desks.values():
            state = desk.tserver.switch.state
            assert not any(desk.tserver.switch.engine.parties_of(dn) for dn in DNS)
            assert not (state.accesses)
            assert not (state.reservations)
        calls = [
            call for desk in self.room.desks.values() for call in desk.tserver.switch.state.calls.values()
        ]
        waits = any(party.state is PartyState.QUEUED for call in calls for party in call.parties)
        assert waits or not calls, "a call in which there is nobody"

    # --- helpers --------------------------------------------------------------------------------------------

    def engine(self, dn: str) -> Any:
        return self.room.desks[site_of(dn)].tserver.switch.engine

    def chosen(self, who: int, *states: PartyState) -> str:
        """Choose somebody who has a call in one of these states, if anybody has."""
        able = [
            dn
            for dn in DNS
            if any(party.state in states for party in self.engine(dn).parties_of(dn).values())
        ]
        return (able or DNS)[who % len(able or DNS)]

    def call_of(self, dn: str, *, newest: bool = True) -> int:
        conn_ids: list[int] = list(self.engine(dn).parties_of(dn))
        return conn_ids[-1 if newest else 0] if conn_ids else 1

    def ask(self, dn: str, kind: type[m.DNRequest], **attributes: Any) -> None:
        self.clients[dn].asks(kind(this_dn=dn, reference_id=1, **attributes))
        self.room.told.clear()


def _kv(_expected: type, value: object) -> KVList:
    return KVList.checked(value)


TestRandomSites = RandomSites.TestCase
TestRandomSites.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
