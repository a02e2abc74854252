"""Agents do at random what is possible: all see what is true at the switch, after every step.

What each agent has made of the notifications alone is compared with the switch after every step: which
calls there are, their states, microphones, user data and, where all are through, the other parties.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.tlib.enums import PartyState as TLibState
from bridge.tlib.ids import conn_id_text
from bridge.voice.model.call_tables import PARTY_STATES
from bridge.voice.model.errors import ApiError
from bridge.voice.model.user_data import to_json
from tests.random_play import examples
from tests.voice.call_harness import CallHarness
from tests.voice.replay_client import ReplayClient
from tserver_sim.switch.state.party_states import CallPartyState

DNS = ("15000", "15001", "15002", "15003")
STEPS = 40

View = dict[str, tuple[str, bool, dict[str, Any], frozenset[str] | None]]


class Play(CallHarness):
    """A house whose agents know nothing but what they are told."""

    def __init__(self) -> None:
        self.clients = {dn: ReplayClient() for dn in DNS}
        super().__init__(*DNS)

    def _deliver(self, user_id: str, channel: str, data: bytes) -> None:
        super()._deliver(user_id, channel, data)
        self.clients[user_id].receive(user_id, channel, data)

    def step(self, data: st.DataObject) -> None:
        """Let an agent dial, or do something to a call that its last notification lists as possible."""
        dn = data.draw(st.sampled_from(DNS))
        calls = list(self.clients[dn].calls.values())
        chosen = data.draw(st.sampled_from([None, *calls]))
        number = data.draw(st.sampled_from(DNS))
        if chosen is None:
            self.execute_or_be_refused(dn, None, "Dial", {"destination": {"phoneNumber": number}})
            return
        operation = data.draw(st.sampled_from(sorted(chosen["capabilities"])))
        other = data.draw(st.sampled_from(calls))
        parameters = {
            "destination": {"phoneNumber": number},
            "userData": {data.draw(st.sampled_from("abc")): data.draw(st.integers(0, 9))},
            "digits": "1",
            "key": data.draw(st.sampled_from("abc")),
            "participant": number,
            "otherCallUri": other["uri"],
        }
        if operation == "SingleStepConference":  # its data are told when, and if, the invited answer
            del parameters["userData"]
        self.execute_or_be_refused(dn, chosen["id"], operation, parameters)

    def execute_or_be_refused(
        self, dn: str, call_id: str | None, operation: str, parameters: dict[str, Any]
    ) -> None:
        """Do it; what may have changed since the call was last told may be refused."""
        told = len(self.messages[dn])
        asked = len(self.requests)
        try:
            if call_id is None:
                self.post_dial(dn, parameters)
            else:
                self.execute_call_operation(dn, call_id, operation, **parameters)
        except ApiError:
            assert len(self.requests) == asked
        else:
            is_answered = len(self.messages[dn]) > told
            assert is_answered or operation in ("SingleStepConference", "CompleteTransfer"), operation
        self.wait(1)

    def seen(self, dn: str) -> View:
        """Say what an agent knows."""
        return {
            call["connId"]: (
                call["state"],
                call["mute"] == "On",
                {key: value for key, value in call.get("userData", {}).items() if key != "GSIP_RECORD"},
                frozenset(party["digits"] for party in call["participants"]),
            )
            for call in self.clients[dn].calls.values()
        }

    def true(self, dn: str) -> View:
        """Say what the switch knows; None for the other parties where not all are through."""
        engine = self.switch.tserver.switch.engine
        found: View = {}
        for conn_id, party in engine.parties_of(dn).items():
            call = engine.state.calls[conn_id]
            through = all(
                each.state in (CallPartyState.CONNECTED, CallPartyState.HELD) for each in call.parties
            )
            others = frozenset(each.dn for each in call.parties if each is not party)
            found[conn_id_text(conn_id)] = (
                STATES[party.state],
                party.muted,
                to_json(call.user_data),
                others if through else None,
            )
        return found


STATES = {state: PARTY_STATES[TLibState(state.value)] for state in CallPartyState}


@given(st.data())
@settings(max_examples=examples(40))
def test_whatever_agents_do_they_see_what_is_true(data: st.DataObject) -> None:
    play = Play()
    for _ in range(data.draw(st.integers(1, STEPS))):
        play.step(data)
        for dn in DNS:
            seen, true = play.seen(dn), play.true(dn)
            assert set(seen) == set(true)
            for conn_id, (state, muted, user_data, others) in true.items():
                assert seen[conn_id][:3] == (state, muted, user_data)
                assert others in (None, seen[conn_id][3])
