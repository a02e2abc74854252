"""A pair in hot standby: whatever dies or comes late, each event is delivered once, or all begins anew."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bridge.link.core.switchover import (
    GRACE_SECONDS,
    Deliver,
    PairAction,
    PairDown,
    PairUp,
    SwitchedOver,
    Switchover,
)
from bridge.tlib import messages as m
from bridge.tlib.enums import ServerRole

DNS = ("15000", "15001")


@dataclass
class TServer:
    """One T-Server of a pair, and the client's connection to it."""

    alive: bool = True
    primary: bool = False
    started: int = 1
    counter: int = 0
    connected: bool = False
    dns: set[str] = field(default_factory=set)
    requests: deque[tuple[Any, ...]] = field(default_factory=deque)
    """What the client has sent and the T-Server has not read."""
    sent: deque[tuple[Any, ...]] = field(default_factory=deque)
    """What the T-Server has sent and the client has not read; the last may be the end of the connection."""

    def sends(self, *item: Any) -> None:
        if self.connected:
            self.sent.append((self.counter, *item))

    @property
    def role(self) -> ServerRole:
        return ServerRole.Primary if self.primary else ServerRole.Backup


class Pair(RuleBasedStateMachine):
    """Two T-Servers, the wires, and a listener that keeps account."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.switchover: Switchover[tuple[Any, ...]] = Switchover()
        self.tservers = [TServer(primary=True), TServer()]
        self.mirror: deque[tuple[int, str | None]] = deque()
        self.log: list[tuple[int, int, str]] = []
        """All that happened: in which life of the pair, its number, and where."""
        self.is_up = False
        self.last = 0
        self.known: dict[str, int] = {}
        self.wanted: set[str] = set()

    # --- the T-Servers ------------------------------------------------------------------------------

    @property
    def primary(self) -> TServer | None:
        return next((each for each in self.tservers if each.alive and each.primary), None)

    @property
    def backup(self) -> TServer | None:
        return next((each for each in self.tservers if each.alive and not each.primary), None)

    def number(self, dn: str | None) -> int:
        assert self.primary
        self.primary.counter += 1
        if self.backup:
            self.mirror.append((self.primary.counter, dn))
        return self.primary.counter

    @precondition(lambda self: self.primary)
    @rule(dn=st.sampled_from(DNS))
    def something_happens(self, dn: str) -> None:
        number = self.number(dn)
        assert self.primary
        self.log.append((self.primary.started, number, dn))
        if dn in self.primary.dns:
            self.primary.sends("event", number, dn, self.primary.started)

    @precondition(lambda self: self.mirror)
    @rule()
    def the_backup_follows(self) -> None:
        assert self.backup
        number, dn = self.mirror.popleft()
        self.backup.counter = number
        if dn in self.backup.dns:
            self.backup.sends("event", number, dn, self.backup.started)

    @precondition(lambda self: not self.primary and self.backup)
    @rule()
    def the_backup_takes_over(self) -> None:
        while self.mirror:
            self.the_backup_follows()
        assert self.backup
        heir = self.backup
        heir.primary = True
        self.announce(heir, heir)

    @precondition(lambda self: self.primary and self.backup)
    @rule(both=st.booleans())
    def the_backup_is_promoted(self, both: bool) -> None:  # noqa: FBT001 (hypothesis passes it by name)
        while self.mirror:
            self.the_backup_follows()
        assert self.primary
        assert self.backup
        former, heir = self.primary, self.backup
        former.primary, heir.primary = False, True
        self.announce(heir, heir)
        if both:
            self.announce(former, heir)

    def announce(self, by: TServer, primary: TServer) -> None:
        by.sends("down")
        by.sends("primary", self.tservers.index(primary))
        by.sends("up")

    @precondition(lambda self: any(each.alive for each in self.tservers))
    @rule(data=st.data())
    def one_dies(self, data: st.DataObject) -> None:
        victim = data.draw(st.sampled_from([each for each in self.tservers if each.alive]))
        self.breaks(victim, data)
        if not victim.primary or not self.backup:
            self.mirror.clear()
        victim.alive = victim.primary = False

    @rule(data=st.data())
    def a_connection_breaks(self, data: st.DataObject) -> None:
        self.breaks(data.draw(st.sampled_from(self.tservers)), data)

    def breaks(self, tserver: TServer, data: st.DataObject) -> None:
        if tserver.connected:
            arrives = data.draw(st.integers(0, sum(self.can_be_sent(tserver, item) for item in tserver.sent)))
            tserver.sent = deque([*list(tserver.sent)[:arrives], (0, "lost")])
        tserver.connected = False
        tserver.dns.clear()
        tserver.requests.clear()

    @precondition(lambda self: not all(each.alive for each in self.tservers))
    @rule()
    def one_is_started_again(self) -> None:
        tserver = next(each for each in self.tservers if not each.alive)
        if self.primary:
            tserver.started, tserver.counter = self.primary.started, self.primary.counter
        elif self.backup:
            return  # which is about to take over
        else:
            tserver.primary, tserver.counter = True, 0
            tserver.started = max(each.started for each in self.tservers) + 1
        tserver.alive = True

    @rule(i=st.sampled_from((0, 1)))
    def a_t_server_works(self, i: int) -> None:
        tserver = self.tservers[i]
        if not tserver.requests:
            return
        kind, *action = tserver.requests.popleft()
        number = self.number(None) if tserver.primary else 0
        if kind == "register":
            tserver.dns.add(action[0])
            tserver.sends("registered", number, tserver.counter, *action)
        elif kind == "unregister":
            tserver.dns.discard(action[0])
        elif kind == "who":
            tserver.sends("info", tserver.role, tserver.started)
        else:
            tserver.sends("proof", *action)

    def can_be_sent(self, tserver: TServer, item: tuple[Any, ...]) -> bool:
        """Return whether a primary may send an item: it sends none that its backup does not have yet."""
        return not (tserver.primary and self.backup and self.mirror) or item[0] <= self.backup.counter

    # --- the client -------------------------------------------------------------------------------

    @rule(i=st.sampled_from((0, 1)))
    def the_client_connects(self, i: int) -> None:
        tserver = self.tservers[i]
        if tserver.alive and not tserver.connected and not tserver.sent:
            tserver.connected = True
            tserver.sends("info", tserver.role, tserver.started)
            tserver.sends("up")

    @rule(i=st.sampled_from((0, 1)))
    def the_client_reads(self, i: int) -> None:
        sent = self.tservers[i].sent
        if sent and self.can_be_sent(self.tservers[i], sent[0]):
            _, kind, *action = sent.popleft()
            getattr(self, f"reads_{kind}")(i, *action)

    def reads_info(self, i: int, role: ServerRole, started: int) -> None:
        self.do(self.switchover.identified(i, role, started, self.now))

    def reads_up(self, i: int) -> None:
        self.do(self.switchover.came_up(i, self.now))

    def reads_down(self, i: int) -> None:
        self.do(self.switchover.went_down(i, "switch", self.now))

    def reads_primary(self, i: int, primary: int) -> None:
        self.do(self.switchover.primary_changed(primary, self.now, reported_by=i))

    def reads_lost(self, i: int) -> None:
        self.do(self.switchover.lost(i, "gone", self.now))

    def reads_event(self, i: int, number: int, dn: str, start_time: int) -> None:
        self.do(
            self.switchover.event_received(
                i, number, ("event", number, dn, start_time), self.now, is_answer=False
            )
        )

    def reads_registered(self, i: int, number: int, position: int, dn: str, requester: str) -> None:
        mirrored = requester == "for the pair"
        if not mirrored and i == self.switchover.source:
            sent = self.switchover.event_received(
                i, number, ("snapshot", position, dn), self.now, is_answer=True
            )
            self.do(sent)
        self.do(self.switchover.registered(i, dn, self.now, is_numbered=mirrored or number > 0))

    def reads_proof(self, _: int, member: int, proof: int) -> None:
        self.do(self.switchover.proof_finished(member, proof, self.now, answered=True))

    @rule()
    def time_passes(self) -> None:
        self.now += GRACE_SECONDS
        self.do(self.switchover.tick(self.now))

    @rule(dn=st.sampled_from(DNS))
    def agent_logs_in(self, dn: str) -> None:
        self.wanted.add(dn)
        self.register(dn)
        self.send_for_the_pair()

    @rule(dn=st.sampled_from(DNS))
    def agent_logs_out(self, dn: str) -> None:
        self.wanted.discard(dn)
        self.known.pop(dn, None)
        if self.switchover.active is not None:
            self.switchover.unregistering(dn)
            for tserver in self.tservers:
                if tserver.connected:
                    tserver.requests.append(("unregister", dn))

    def register(self, dn: str) -> None:
        active = self.switchover.active
        if active is not None and self.is_up:
            self.send(active, "register", dn, "for the listener")
            self.switchover.registering(m.RequestRegisterAddress(this_dn=dn))

    def send(self, i: int, *request: Any) -> None:
        if self.tservers[i].connected:
            self.tservers[i].requests.append(request)

    def send_for_the_pair(self) -> None:
        for i in (0, 1):
            if self.switchover.pop_role_query(i):
                self.send(i, "who")
        source = self.switchover.source
        if source is None:
            return
        for request in self.switchover.pop_registrations(1 - source):
            self.send(1 - source, "register", request.this_dn, "for the pair")
        proof = self.switchover.start_proof(1 - source)
        if proof is not None:
            self.send(source, "proof", 1 - source, proof)

    # --- the listener, who keeps account --------------------------------------------------------------

    def do(self, actions: list[PairAction[tuple[Any, ...]]]) -> None:
        for action in actions:
            if isinstance(action, PairUp):
                assert not self.is_up
                self.is_up, self.last = True, 0
                for dn in sorted(self.wanted):
                    self.register(dn)
            elif isinstance(action, PairDown):
                assert self.is_up
                self.is_up = False
                self.known.clear()
            elif isinstance(action, Deliver):
                assert self.is_up
                self.receive(*action.event)
            else:
                assert isinstance(action, SwitchedOver)
        self.send_for_the_pair()

    def receive(self, kind: str, number: int, dn: str, start_time: int = 0) -> None:
        if kind == "snapshot":
            if dn in self.wanted:
                self.known[dn] = max(number, self.known.get(dn, 0))
            return
        assert number > self.last
        self.last = number
        if dn in self.known:
            assert number == min(self.undelivered(start_time, dn))
            self.known[dn] = number

    def undelivered(self, start_time: int, dn: str) -> list[int]:
        """Return the numbers of a DN's events that are still to be delivered."""
        return [n for when, n, at in self.log if (when, at) == (start_time, dn) and n > self.known[dn]]

    @precondition(lambda self: self.primary or self.backup)
    @rule()
    def everything_comes_to_rest(self) -> None:
        if not self.primary:
            self.the_backup_takes_over()
        for _ in range(6):
            self.time_passes()
            while self.mirror:
                self.the_backup_follows()
            for i in (0, 1):
                self.the_client_connects(i)
                for _ in range(100):
                    if not (self.tservers[i].sent or self.tservers[i].requests):
                        break
                    self.the_client_reads(i)
                    self.a_t_server_works(i)
        assert self.is_up
        assert self.primary
        assert self.switchover.active == self.tservers.index(self.primary)
        for dn in self.wanted & set(self.known):
            assert not self.undelivered(self.primary.started, dn)


TestPair = Pair.TestCase
