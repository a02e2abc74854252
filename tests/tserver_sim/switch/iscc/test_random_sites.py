"""Random calls between sites, whose messages arrive in any order: in the end all sites agree."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bridge.tlib import messages as m
from bridge.tlib.kv import KVList, decode_kv_list
from tests.tserver_sim.in_memory_server import Client
from tests.tserver_sim.site_network import SiteNetwork, SiteServer
from tserver_sim.phones.phones import Phones
from tserver_sim.switch.interface.stimuli import AnyStimulus
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.remote_legs import RemoteLeg
from tserver_sim.switch.state.switch_data import Party, SwitchCall
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
_read = msgspec.msgpack.Decoder(AnyStimulus, dec_hook=decode_kv_list).decode


def site_of(number: str) -> str:
    """Return the site of a number."""
    return LETTERS[int(number[0]) - 1] if number[0] in "123" else "B"


class RandomSites(RuleBasedStateMachine):
    """Three sites with three phones each."""

    def __init__(self) -> None:
        super().__init__()
        self.network = SiteNetwork(*LETTERS)
        self.clients: dict[str, Client] = dict(zip(DNS, self.network.agents(*DNS), strict=True))
        self.mirrors = {letter: self.mirror(server) for letter, server in self.network.servers.items()}
        self.count = 0

    def mirror(self, server: SiteServer) -> Switch:
        """Return a switch that replays the encoded and decoded stimuli of a server's switch."""
        switch = server.tserver.switch
        mirror = Switch(switch.engine.config, lambda _event, _asked: None, Phones())
        mirror.restore(
            msgspec.msgpack.decode(
                _written(switch.image()), type=type(switch.image()), dec_hook=decode_kv_list
            )
        )
        switch.record = lambda stimulus: mirror.replay(_read(_written(stimulus)))
        return mirror

    # --- what people do ------------------------------------------------------------------------------

    @rule(dn=DN, number=NUMBER)
    def dials(self, dn: str, number: str) -> None:
        self.ask(dn, m.RequestMakeCall, other_dn=number, location=site_of(number))

    @rule(who=WHO)
    def answers(self, who: int) -> None:
        dn = self.chosen(who, CallPartyState.ALERTING)
        for conn_id, party in list(self.engine(dn).parties_of(dn).items()):
            if party.state is CallPartyState.ALERTING:
                self.ask(dn, m.RequestAnswerCall, conn_id=conn_id)

    @rule(who=WHO, kind=ON_A_CALL, newest=st.booleans())
    def does(self, who: int, kind: type[m.CallRequest], *, newest: bool) -> None:
        dn = self.chosen(who, *CallPartyState)
        self.ask(dn, kind, conn_id=self.call_of(dn, newest=newest))

    @rule(who=WHO, number=NUMBER, kind=TO_SOMEBODY)
    def passes_on(self, who: int, number: str, kind: type[m.CallRequest]) -> None:
        dn = self.chosen(who, CallPartyState.CONNECTED)
        self.ask(dn, kind, conn_id=self.call_of(dn), other_dn=number, location=site_of(number))

    @rule(who=WHO)
    def completes_a_transfer(self, who: int) -> None:
        dn = self.chosen(who, CallPartyState.HELD)
        main, second = self.call_of(dn, newest=False), self.call_of(dn)
        self.ask(dn, m.RequestCompleteTransfer, conn_id=main, transfer_conn_id=second)

    @rule(who=WHO)
    def completes_a_conference(self, who: int) -> None:
        dn = self.chosen(who, CallPartyState.HELD)
        main, second = self.call_of(dn, newest=False), self.call_of(dn)
        self.ask(dn, m.RequestCompleteConference, conn_id=main, conference_conn_id=second)

    @rule(who=WHO, key=st.sampled_from("KL"))
    def changes_data(self, who: int, key: str) -> None:
        dn = self.chosen(who, *CallPartyState)
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
        accesses = self.network.servers[site_of(dn)].tserver.switch.state.accesses.values()
        numbers = [each.access_number for each in accesses] or [number]
        self.ask(dn, m.RequestMakeCall, other_dn=data.draw(st.sampled_from(numbers)))

    # --- what the wires and the clock do ---------------------------------------------------------------

    @rule(wire=st.integers(0, 2), forth=st.booleans(), messages=st.integers(1, 4))
    def something_arrives(self, wire: int, messages: int, *, forth: bool) -> None:
        letter = list(self.network.wires[wire].queues)[forth]
        for _ in range(messages):
            self.network.wires[wire].step(letter)

    @rule(seconds=st.sampled_from((0.5, 4.0, 11.0)))
    def time_passes(self, seconds: float) -> None:
        self.network.clock.advance(seconds)

    @rule(wire=st.integers(0, 19))
    def a_wire_is_cut(self, wire: int) -> None:
        if wire > 2:  # not too often
            return
        former = self.network.wires[wire]
        former.cut()
        first, second = former.ends[0].owner, former.ends[1].owner
        self.network.wires[wire] = type(former)(first, second)

    @rule()
    def everything_arrives(self) -> None:
        self.network.flow()
        self.everybody_agrees()

    # --- what must hold -----------------------------------------------------------------------------------

    @invariant()
    def whoever_carries_out_the_same_stimuli_is_the_same(self) -> None:
        for letter, mirror in self.mirrors.items():
            switch = self.network.servers[letter].tserver.switch
            mirror.state.now, mirror.state.sequence = switch.state.now, switch.state.sequence
            assert _written(mirror.image()) == _written(switch.image())

    @invariant()
    def legs_belong_to_parties(self) -> None:
        for server in self.network.servers.values():
            state = server.tserver.switch.state
            parties = {p.leg: call.conn_id for call in state.calls.values() for p in call.parties if p.leg}
            assert parties == {number: leg.conn_id for number, leg in state.legs.items()}
            keys = {
                leg.remote.key: number for number, leg in state.legs.items() if leg.remote and leg.remote.key
            }
            assert keys == state.remote_legs

    def everybody_agrees(self) -> None:
        """Nothing is on its way any more, so both ends of every leg must know the same."""
        for server in self.network.servers.values():
            state = server.tserver.switch.state
            assert state.transactions == {}
            for key, number in state.remote_legs.items():
                remote = state.legs[number].remote
                assert remote is not None
                other = self.network.servers[remote.site]
                assert key in other.tserver.switch.state.remote_legs, f"{key} has one end"
                self.ends_agree(self.end(server, key), self.end(other, key))

    def ends_agree(
        self, here: tuple[Party, SwitchCall, RemoteLeg], there: tuple[Party, SwitchCall, RemoteLeg]
    ) -> None:
        (party, call, remote), (other, far_call, _) = here, there
        assert call.user_data == far_call.user_data
        assert remote.conn_id == far_call.conn_id
        through = {party.state is CallPartyState.CONNECTED, other.state is CallPartyState.CONNECTED}
        assert through == {True} or {party.state, other.state} == {
            CallPartyState.DIALING,
            CallPartyState.ALERTING,
        }

    def end(self, server: SiteServer, key: str) -> tuple[Party, SwitchCall, RemoteLeg]:
        state = server.tserver.switch.state
        number = state.remote_legs[key]
        leg = state.legs[number]
        assert leg.remote is not None
        call = state.calls[leg.conn_id]
        return next(party for party in call.parties if party.leg == number), call, leg.remote

    def teardown(self) -> None:
        """When all phones have hung up, and every message has arrived, nothing is left."""
        self.network.flow()
        self.everybody_agrees()
        for dn in DNS:
            for conn_id in list(self.engine(dn).parties_of(dn)):
                self.ask(dn, m.RequestReleaseCall, conn_id=conn_id)
        self.network.flow()
        self.everybody_agrees()
        self.network.clock.advance(60)
        self.network.flow()
        for server in self.network.servers.values():
            state = server.tserver.switch.state
            assert not any(server.tserver.switch.engine.parties_of(dn) for dn in DNS)
            assert not (state.accesses)
            assert not (state.reservations)
        calls = [
            call
            for server in self.network.servers.values()
            for call in server.tserver.switch.state.calls.values()
        ]
        waits = any(party.state is CallPartyState.QUEUED for call in calls for party in call.parties)
        assert waits or not calls, "a call in which there is nobody"

    # --- helpers --------------------------------------------------------------------------------------------

    def engine(self, dn: str) -> Any:
        return self.network.servers[site_of(dn)].tserver.switch.engine

    def chosen(self, who: int, *states: CallPartyState) -> str:
        """Return a DN that has a call in one of these states, if there is one."""
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
        self.network.delivered.clear()


TestRandomSites = RandomSites.TestCase
TestRandomSites.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
