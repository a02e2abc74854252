"""The ledger of a switch: its calls, their parties, and its timers.

It publishes nothing; `engine.py` does.
"""

import heapq
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from bridge.tlib.enums import AddressType, CallType, DNRole
from bridge.tlib.kv import KVList
from tserver_sim.switch.config.switch_config import SwitchConfig
from tserver_sim.switch.engine.chance import chance
from tserver_sim.switch.models.vocabulary import Actor, EventKind
from tserver_sim.switch.numbering.call_ids import name_call
from tserver_sim.switch.numbering.trunks import free, seize
from tserver_sim.switch.state.party_states import TALKING, CallPartyState
from tserver_sim.switch.state.switch_data import (
    Party,
    Sharing,
    SwitchCall,
    SwitchData,
    SwitchDN,
    SwitchTimer,
    TimerKind,
)

_MICROSECONDS = 1_000_000


class CallParty(NamedTuple):
    """A party with its call."""

    party: Party
    call: SwitchCall


class PartyTransition(NamedTuple):
    """The transition of a party by an event."""

    event: EventKind
    call: SwitchCall
    """The call that the party is in, or has just left."""
    party: Party
    before: CallPartyState
    left: SwitchCall | None
    """The call from which the event has moved it into this one."""


TimerHandlers: TypeAlias = Mapping[TimerKind, Callable[[Any, SwitchTimer], None]]
"""The handler of each kind of timer; the first argument is the engine."""


class Ledger:
    """The state of one switch, with what is derived from it.

    Args:
        config: the configuration of the switch.
        timers: the handler of each kind of timer.

    """

    def __init__(self, config: SwitchConfig, timers: TimerHandlers) -> None:
        self.config = config
        self.profile = config.profile
        self.state = self._initial_data()
        self._timer_handlers = timers
        self._parties: dict[str, dict[int, Party]] = {}
        self._due: list[tuple[float, int]] = []
        self._pending: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()

    def _initial_data(self) -> SwitchData:
        config = self.config
        return SwitchData(
            devices={
                number: SwitchDN(number, kind, phone=config.phones.get(number))
                for number, kind in config.dns.items()
            }
            | {name: SwitchDN(name, AddressType.Queue, virtual=True) for name in config.virtual_queues}
        )

    # --- the whole state -------------------------------------------------------------------------

    def calls_by_dn(self) -> dict[str, list[int]]:
        """Return the ConnIDs of every DN that has calls, the oldest first."""
        return {dn: list(parties) for dn, parties in sorted(self._parties.items()) if parties}

    def restore(self, state: SwitchData, calls_by_dn: Mapping[str, Sequence[int]]) -> None:
        """Replace the state by that of a switch with the same configuration; this one then owns `state`.

        What is derived from the state is derived anew.
        """
        for field in SwitchData.__struct_fields__:
            setattr(self.state, field, getattr(state, field))
        self._pending.clear()
        self._due = sorted((timer.due, number) for number, timer in state.timers.items())
        call_parties = {
            (party.dn, conn_id): party
            for conn_id, call in state.calls.items()
            for party in call.parties
            if not party.leg
        }
        self._parties = {
            dn: {conn_id: call_parties[dn, conn_id] for conn_id in conn_ids}
            for dn, conn_ids in calls_by_dn.items()
        }

    def reset(self, call_count: int) -> None:
        """Return to the initial state; the next call is named as the one after `call_count` calls."""
        self.restore(self._initial_data(), {})
        self.state.call_count = call_count

    # --- queries ---------------------------------------------------------------------------------

    def parties_of(self, dn: str) -> Mapping[int, Party]:
        """Return the parties of a DN by the ConnID of their call, the oldest first."""
        return self._parties.get(dn, {})

    def call_parties(self, call: SwitchCall, but: Party | None = None) -> tuple[CallParty, ...]:
        """Return the parties of a call without one of them, and without observers."""
        return tuple(
            [
                CallParty(party, call)
                for party in call.parties
                if party is not but and party.role is not DNRole.Observer
            ]
        )

    def cast(self, call: SwitchCall, party: Party) -> dict[Actor, tuple[CallParty, ...]]:
        """Return the usual cast of a call, seen from one of its parties."""
        others = self.call_parties(call, party)
        peer = others if len(others) == 1 else tuple([s for s in others if s.party.invited_by is None])
        if len(peer) > 1:
            peer = ()
        if party.state is CallPartyState.FAILED and not others:
            peer = (CallParty(Party(call.dnis, DNRole.Destination), call),)
        return {
            Actor.SELF: (CallParty(party, call),),
            Actor.OTHERS: others,
            Actor.PEER: peer,
            Actor.CALLERS: tuple(
                [call_party for call_party in others if call_party.party.state is CallPartyState.DIALING]
            ),
            Actor.TALKERS: tuple([call_party for call_party in others if call_party.party.state in TALKING]),
        }

    # --- calls and timers ------------------------------------------------------------------------

    def new_call(self, dnis: str, kind: CallType, user_data: KVList, **more: Any) -> SwitchCall:  # noqa: ANN401 (fields of Call)
        """Create a call without parties, with new ids."""
        self.state.call_count += 1
        ids = name_call(self.state.call_count, self.config.conn_id_base, self.config.call_uuid_prefix)
        call = SwitchCall(*ids, dnis, kind, user_data, **more)
        self.state.calls[call.conn_id] = call
        return call

    def add_call(self, conn_id: int, call_uuid: str, dnis: str, **more: Any) -> SwitchCall:  # noqa: ANN401 (fields of Call)
        """Create a call without parties that has its ids already, but for the CallID."""
        self.state.call_count += 1
        ids = name_call(self.state.call_count, self.config.conn_id_base, self.config.call_uuid_prefix)
        call = SwitchCall(conn_id, ids.call_id, call_uuid, dnis, **more)
        self.state.calls[conn_id] = call
        return call

    def draw(self) -> float:
        """Return a chance: a number from 0 up to, but not, 1."""
        self.state.chance_count += 1
        return chance(self.config.seed, "draw", self.state.chance_count)

    def start_timer(
        self, kind: TimerKind, seconds: float, conn_id: int = 0, dn: str = "", leg: int = 0, key: str = ""
    ) -> int:
        """Start a timer that falls due in some seconds; return its number."""
        self.state.timer_count += 1
        number, due = self.state.timer_count, self.state.now + seconds
        self.state.timers[number] = SwitchTimer(due, kind, conn_id, dn, leg, key)
        heapq.heappush(self._due, (due, number))
        return number

    def stop_timer(self, number: int) -> None:
        """Stop a timer; no effect on one that is over, or on 0."""
        self.state.timers.pop(number, None)

    @property
    def deadline(self) -> float | None:
        """When `advance` is to be called next, in seconds since 1970-01-01T00:00:00Z; None: no timer runs."""
        while self._due and self._due[0][1] not in self.state.timers:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def advance(self, now: float) -> None:
        """Set the time to `now`, after each timer that was due until then was handled at its own time."""
        while (due := self.deadline) is not None and due <= now:
            timer = self.state.timers.pop(heapq.heappop(self._due)[1])
            self.state.now = max(self.state.now, due)
            self._timer_handlers[timer.kind](self, timer)
            self.settle()
        self.state.now = max(self.state.now, now)

    def defer(self, function: Callable[..., object], *arguments: object) -> None:
        """Call a function when the present change is complete."""
        self._pending.append((function, arguments))

    def settle(self) -> None:
        """Run what was deferred until the change is complete."""
        while self._pending:
            function, arguments = self._pending.popleft()
            function(*arguments)

    def stamp(self) -> dict[str, Any]:
        """Return the time and the EventSequenceNumber of the next event."""
        self.state.sequence += 1
        seconds, microseconds = divmod(int(self.state.now * _MICROSECONDS), _MICROSECONDS)
        return {
            "time_in_secs": seconds,
            "time_in_usecs": microseconds,
            "event_sequence_number": self.state.sequence,
        }

    # --- parties of calls ------------------------------------------------------------------------

    def _add_party(self, call: SwitchCall, party: Party) -> None:
        call.parties.append(party)
        if (party.trunk or party.site) and not party.leg:
            seize(self.state, party, call.conn_id)
        if not party.leg:
            self._parties.setdefault(party.dn, {})[call.conn_id] = party

    def _remove_party(self, call: SwitchCall, party: Party) -> None:
        call.parties.remove(party)
        if not party.leg:
            others = self._parties[party.dn]
            del others[call.conn_id]
            for conn_id in others:
                self._separate_user_data(self.state.calls[conn_id], call)
        if not call.parties:
            del self.state.calls[call.conn_id]

    def _separate_user_data(self, call: SwitchCall, other: SwitchCall) -> None:
        """Separate the user data of two calls when no DN is on both any more."""
        consult = call if call.parent == other.conn_id else other
        if consult.sharing is not Sharing.JOINT or consult.parent not in (call.conn_id, other.conn_id):
            return
        if not any(call.conn_id in self.parties_of(party.dn) for party in other.parties):
            consult.sharing = Sharing.SEPARATE

    def _move_party(self, party: Party, before: SwitchCall, after: SwitchCall) -> None:
        self._remove_party(before, party)
        self._add_party(after, party)
        for index, (function, arguments) in enumerate(self._pending):
            if arguments == (self, before, party):
                self._pending[index] = function, (self, after, party)
        collecting = party.collecting.timer if party.collecting is not None else 0
        treatment = party.treatment.timer if party.treatment is not None else 0
        for number in (party.timer, party.phone_timer, collecting, treatment):
            timer = self.state.timers.get(number)
            if timer is not None:
                self.state.timers[number] = msgspec.structs.replace(timer, conn_id=after.conn_id)
        if party.leg:
            self.state.legs[party.leg].conn_id = after.conn_id

    def _stop_state_timers(self, party: Party, call: SwitchCall) -> None:
        """Stop what was due in the state that a party has left; remove a party that has left the call."""
        if party.timer:
            self.stop_timer(party.timer)
            party.timer = 0
        if party.phone_timer:
            self.stop_timer(party.phone_timer)
            party.phone_timer = 0
        if party.treatment is not None:
            self.stop_timer(party.treatment.timer)
            party.treatment = None
        if party.state is CallPartyState.NULL:
            self._remove_party(call, party)
            if party.leg:
                free(self.state, party)
