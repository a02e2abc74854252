"""Random callers and agents at two ACD queues: no call is lost, none is overtaken."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bridge.tlib import messages as m
from bridge.tlib.enums import AgentStatus, AgentWorkMode, CallState, DNState
from tests.tserver_sim.acd import AUTO_IN, OTHER_QUEUE, QUEUE, AgentClient, agent_id, set_profile, wrap_up
from tests.tserver_sim.in_memory_server import InMemoryServer
from tserver_sim.switch.interface.commands import SetService
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.snapshot import snapshot
from tserver_sim.switch.state.party_states import CallPartyState

AGENTS = ("15000", "15001", "15002")
CALLERS = ("15010", "15011", "15012", "15013", "15014")
QUEUES = (QUEUE, OTHER_QUEUE)
AGENT = st.sampled_from(AGENTS)
CALLER = st.sampled_from(CALLERS)
A_QUEUE = st.sampled_from(QUEUES)
OVERFLOWS = {"no_answer": 8, "overflow": {"after": 30, "to": OTHER_QUEUE}}


class RandomQueues(RuleBasedStateMachine):
    """One client does it all. Agents are given 12 s to answer; the first queue overflows to the second."""

    def __init__(self) -> None:
        super().__init__()
        dns: list[dict[str, Any]] = [{"number": number} for number in AGENTS + CALLERS]
        dns += [
            {"number": QUEUE, "type": "acd_queue", "queue": OVERFLOWS},
            {"number": OTHER_QUEUE, "type": "acd_queue"},
        ]
        self.server = InMemoryServer(dns=dns, ring_timeout=12)
        set_profile(self.server, not_ready_on_no_answer=False)
        self.client = self.server.client("client", *AGENTS, *CALLERS, *QUEUES)
        self.seat = AgentClient(self.client)
        self.engine = self.server.tserver.switch.engine
        self.seen = len(self.client.events)
        self.lines: dict[str, list[int]] = {QUEUE: [], OTHER_QUEUE: []}
        self.places: dict[tuple[str, int], int] = {}
        """When a call came to a queue, not counting that it came back from an agent."""

    # --- stimuli -----------------------------------------------------------------------------

    @rule(caller=CALLER, number=st.sampled_from((*QUEUES, *QUEUES, *AGENTS)))
    def calls(self, caller: str, number: str) -> None:
        self.asks(m.RequestMakeCall, caller, other_dn=number)

    @rule(
        dn=st.sampled_from(AGENTS + CALLERS),
        kind=st.sampled_from((m.RequestAnswerCall, m.RequestReleaseCall, m.RequestHoldCall)),
    )
    def uses_the_phone(self, dn: str, kind: type[m.CallRequest]) -> None:
        for conn_id in list(self.engine.parties_of(dn))[:1]:
            self.asks(kind, dn, conn_id=conn_id)

    @rule(caller=CALLER, queue=A_QUEUE)
    def is_transferred(self, caller: str, queue: str) -> None:
        for conn_id in list(self.engine.parties_of(caller))[:1]:
            self.asks(m.RequestSingleStepTransfer, caller, conn_id=conn_id, other_dn=queue)

    @rule(dn=AGENT, queue=A_QUEUE, seconds=st.sampled_from((0, 5)))
    def logs_in(self, dn: str, queue: str, seconds: int) -> None:
        self.asks(
            m.RequestAgentLogin,
            dn,
            agent_id=agent_id(dn),
            this_queue=queue,
            agent_work_mode=AUTO_IN,
            extensions=wrap_up(seconds),
        )

    @rule(dn=AGENT, queue=st.sampled_from((None, *QUEUES)))
    def logs_out(self, dn: str, queue: str | None) -> None:
        self.asks(m.RequestAgentLogout, dn, this_queue=queue)

    @rule(dn=AGENT)
    def is_ready(self, dn: str) -> None:
        self.asks(m.RequestAgentReady, dn)

    @rule(dn=AGENT, mode=st.sampled_from((AgentWorkMode.AuxWork, AgentWorkMode.AfterCallWork)))
    def is_not_ready(self, dn: str, mode: AgentWorkMode) -> None:
        self.asks(m.RequestAgentNotReady, dn, agent_work_mode=mode)

    @rule(dn=AGENT, kind=st.sampled_from((m.RequestSetDNDOn, m.RequestSetDNDOff)))
    def is_disturbed(self, dn: str, kind: type[m.DNRequest]) -> None:
        self.asks(kind, dn)

    @rule(dn=AGENT, out=st.booleans())
    def is_lost_or_found(self, dn: str, *, out: bool) -> None:
        try:
            self.server.tserver.switch.command(SetService(dn, out), self.server.clock.now())
        except RefusedError:
            return
        self.note()

    @rule(seconds=st.sampled_from((1.0, 5.0, 12.0)))
    def time_passes(self, seconds: float) -> None:
        self.server.clock.advance(seconds)
        self.note()

    def asks(self, kind: type[m.DNRequest], dn: str, **attributes: object) -> None:
        self.seat.asks(kind, this_dn=dn, **attributes)
        self.note()

    # --- what must hold ----------------------------------------------------------------------

    def note(self) -> None:
        """Follow the queues by the events alone: only the first call leaves a queue for an agent."""
        new, self.seen = self.client.events[self.seen :], len(self.client.events)
        for event in new:
            match event:
                case m.EventQueued(this_dn=queue, conn_id=conn_id):
                    if event.call_state is not CallState.Redirected:
                        self.places[queue, conn_id] = event.event_sequence_number
                    self.lines[queue].append(conn_id)
                    self.lines[queue] = self.in_order(queue)
                case m.EventDiverted(this_dn=queue, conn_id=conn_id):
                    overflows = event.call_state is CallState.Overflowed
                    assert overflows or self.lines[queue][0] == conn_id, "somebody was overtaken"
                    self.lines[queue].remove(conn_id)
                case m.EventAbandoned(this_dn=queue, conn_id=conn_id) if queue in QUEUES:
                    self.lines[queue].remove(conn_id)

    def in_order(self, queue: str) -> list[int]:
        return sorted(self.lines[queue], key=lambda conn_id: self.places[queue, conn_id])

    @invariant()
    def the_lines_are_those_of_the_events(self) -> None:
        for queue, line in self.lines.items():
            waiting = self.engine.state.devices[queue].waiting
            assert [conn_id for _, conn_id in waiting] == line
            assert set(line) == set(self.engine.parties_of(queue))

    @invariant()
    def nobody_waits_while_an_agent_is_free(self) -> None:
        for dn in AGENTS:
            delivered = dict(snapshot(self.engine, dn))
            queues = [queue for key, queue in delivered.items() if key.startswith("queue-")]
            if (
                delivered["AgentStatus"] == AgentStatus.Ready
                and delivered["status"] == DNState.Ok
                and not delivered["dnd"]
                and "conn-1" not in delivered
            ):
                assert not any(self.lines[str(queue)] for queue in queues)

    @invariant()
    def every_caller_has_somebody(self) -> None:
        """Who hears ringing is waited for somewhere."""
        for call in self.engine.state.calls.values():
            states = {party.state for party in call.parties}
            if CallPartyState.DIALING in states:
                assert states & {CallPartyState.QUEUED, CallPartyState.ALERTING}

    @invariant()
    def members_are_who_is_logged_in(self) -> None:
        state = self.engine.state
        for queue in QUEUES:
            members = {dn for dn in AGENTS if (agent := state.devices[dn].agent) and queue in agent.queues}
            assert sorted(state.devices[queue].members) == sorted(members)
        there = {dn: state.devices[dn].agent for dn in AGENTS}
        assert state.agents == {agent.agent_id: dn for dn, agent in there.items() if agent is not None}

    def teardown(self) -> None:
        """When all phones have hung up, no call waits and no timer of a call is left."""
        for dn in CALLERS + AGENTS:
            for conn_id in list(self.engine.parties_of(dn)):
                self.asks(m.RequestReleaseCall, dn, conn_id=conn_id)
        assert self.engine.state.calls == {}
        assert self.lines == {QUEUE: [], OTHER_QUEUE: []}
        assert all(not timer.conn_id for timer in self.engine.state.timers.values())


TestRandomQueues = RandomQueues.TestCase
TestRandomQueues.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
