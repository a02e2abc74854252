"""Tells the call models, and keeps what follows from them in order.

The operations decide which model is told and who plays its actors. Telling a model means, line by line:
find the event, move the party's state, let the party enter, leave or move, and give out the event. All
events of one change are given out back to back; what follows from them (a queue looks for an agent, a
phone begins to ring) waits until the change is complete, and is carried out in the order it came up.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType, CallState, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.config.profile import adapted, arrivals
from tserver_sim.switch.config.switch_config import SwitchConfig
from tserver_sim.switch.engine.ledger import Ledger, Seat, Step, TimerHandlers
from tserver_sim.switch.iscc.messages import SiteMessage
from tserver_sim.switch.models import MODELS
from tserver_sim.switch.models.vocabulary import (
    LEAVINGS,
    Actor,
    EventKind,
    Line,
    Model,
    Move,
    Previous,
    Qualifier,
    Role,
)
from tserver_sim.switch.models.vocabulary import Third as ThirdKind
from tserver_sim.switch.state.party_states import TRANSITIONS, PartyState
from tserver_sim.switch.state.remote_legs import Access
from tserver_sim.switch.state.requesters import Third as ThirdParty
from tserver_sim.switch.state.switch_data import NOBODY, Asked, Call, Party

Cast: TypeAlias = Mapping[Actor, tuple[Seat, ...]]
"""Who plays in a model. An actor that is left out, or played by nobody, hears nothing."""

FollowUp: TypeAlias = Callable[["Engine", Call, Party], None]
"""What follows from an event of a party; it is called when the change is complete."""

Publish: TypeAlias = Callable[[m.Event, Asked], None]
"""Takes an event, about a DN or for the requester alone, and who asked for it.

It must not come back to the switch.
"""

Signal: TypeAlias = Callable[["Engine", EventKind, Seat, CallState | None, ThirdParty | None], None]
"""Tells the far end of a leg what happened to its party, with which CallState and by whom."""

Send: TypeAlias = Callable[[str, SiteMessage], None]
"""Takes what the switch says to another site, by the name of the switch there."""


class Engine(Ledger):
    """The only hands that change a switch.

    Args:
        config: what the switch is built from.
        follow_ups: what follows from which event.
        timers: what is done when a timer falls due.
        publish: takes the events.
        signal: takes what happens to parties outside of the switch.
        send: takes what is said to other sites.

    """

    def __init__(
        self,
        config: SwitchConfig,
        *,
        follow_ups: Mapping[EventKind, tuple[FollowUp, ...]],
        timers: TimerHandlers,
        publish: Publish,
        signal: Signal,
        send: Send,
    ) -> None:
        super().__init__(config, timers)
        self.publish = publish
        self.watch: Callable[[Step], None] | None = None
        """Told of every step of every party, inside and outside of the switch; it must not come back."""
        self._follow_ups = follow_ups
        self._signal = signal
        self.send = send
        self.directed: Access | None = None
        """Where the destination of the request is that is being carried out, when it is at another site."""
        self._models = adapted(MODELS, config.profile)
        self._arrivals = arrivals(config.profile)

    # --- telling ---------------------------------------------------------------------------------

    def tell(self, model: Model, cast: Cast, asked: Asked = NOBODY, **details: object) -> None:
        """Tell a model: carry out its lines in their order.

        Args:
            model: what happens.
            cast: who plays its actors.
            asked: who asked for it.
            details: the attributes that lines name as `details`.

        """
        for line in self._models[model]:
            if line.each is None:
                self._tell(line, cast, asked, details)
                continue
            for seat in cast.get(line.each, ()):
                self._tell(line, {**cast, Actor.NEWCOMER: (seat,)}, asked, details)

    def acknowledge(self, request: m.Request, asked: Asked) -> None:
        """Tell the requester that what was asked, which has no other outcome, has been done."""
        number = request.number.value
        self.publish(m.EventACK(**self.stamp(), reference_id=asked.reference_id, user_event=number), asked)

    def refuse(self, asked: Asked, code: ErrorCode, text: str, *, dn: str, conn_id: int | None) -> None:
        """Answer a request with an error after all, when what was begun for it has come to nothing."""
        if asked.requester:
            error = m.EventError(
                **self.stamp(),
                reference_id=asked.reference_id,
                error_code=code,
                error_message=text,
                this_dn=dn,
                conn_id=conn_id,
            )
            self.publish(error, asked)

    def spread(self, call: Call) -> None:
        """Have other sites told what has changed about a call, if they have to know."""
        if self.state.far_legs:
            for party in call.parties:
                if party.site:
                    self._signal(self, m.EventAttachedDataChanged, Seat(party, call), None, None)

    def _tell(self, line: Line, cast: Cast, asked: Asked, details: Mapping[str, object]) -> None:
        for seat in cast.get(line.to, ()):
            if isinstance(line.event, Move):
                self._move(line, line.event, seat, cast, asked, details)
            else:
                self._say(line, line.event, seat, cast, asked, details)

    def _move(
        self, line: Line, move: Move, seat: Seat, cast: Cast, asked: Asked, details: Mapping[str, object]
    ) -> None:
        party = seat.party
        if move is Move.LEAVES:
            self._say(line, LEAVINGS[party.state], seat, cast, asked, details)
            return
        if isinstance(line.call_state, CallState):
            party.call_state = line.call_state
        party.third = _third(line, party, cast)
        if line.renumbers:
            seat.call.dnis = party.dn
        if party.address in (AddressType.Queue, AddressType.RouteDN):
            party.queue = party.dn
        for event in self._arrivals[party.address]:
            self._say(line, event, seat, cast, asked, details)

    def _say(
        self,
        line: Line,
        event: EventKind,
        seat: Seat,
        cast: Cast,
        asked: Asked,
        details: Mapping[str, object],
    ) -> None:
        party, call = seat
        before = party.state
        party.state = TRANSITIONS[before, event]
        previous: int | None = call.parent or call.elsewhere or None
        if line.previous is Previous.LEFT:
            previous, call = call.conn_id, self._bring_over(line, seat, cast)
        elif line.previous is Previous.SAME:
            previous = call.conn_id
        if line.becomes is not None:
            party.role = self._role(line.becomes, party, call)
        if before is PartyState.NULL:
            self._enter(call, party)
        if party.leg:
            if party.leg != asked.leg:
                told_state = details.get("call_state", line.call_state)
                state = told_state if isinstance(told_state, CallState) else None
                self._signal(self, event, Seat(party, call), state, _third(line, party, cast))
        else:
            told = self._event(line, event, Seat(party, call), cast, asked, details, previous)
            self.publish(told, asked)
        if party.state is not before:
            self._end_state(party, call)
        if self.watch is not None:
            self.watch(Step(event, call, party, before, None if call is seat.call else seat.call))
        for follow_up in self._follow_ups.get(event, ()):
            self.after(follow_up, self, call, party)

    def _bring_over(self, line: Line, seat: Seat, cast: Cast) -> Call:
        """Bring a party to the holder's call."""
        party, call = seat.party, cast[Actor.HOLDER][0].call
        self._change_calls(party, seat.call, call)
        if isinstance(line.call_state, CallState):
            party.call_state = line.call_state
        party.third = _third(line, party, cast)
        return call

    def _event(
        self,
        line: Line,
        event: EventKind,
        seat: Seat,
        cast: Cast,
        asked: Asked,
        details: Mapping[str, object],
        previous: int | None,
    ) -> m.TelephonyEvent:
        party, call = seat
        third = _third(line, party, cast)
        other = cast.get(line.other, ()) if line.other else ()
        other_party = other[0].party if len(other) == 1 else None
        device = self.state.devices.get(party.dn)
        fields = self.stamp()
        if line.answers:
            fields["reference_id"] = asked.reference_id
            fields["reasons"] = asked.reasons
        if other_party is not None:
            fields["other_dn"] = other_party.dn
            fields["other_dn_role"] = line.other_role or other_party.role
        if third is not None and line.tells_third:
            fields["third_party_dn"] = third.dn
            fields["third_party_dn_role"] = third.role
        if line.call_state is not None:
            fields["call_state"] = self._call_state(line.call_state, seat)
        if device is not None and device.agent is not None:
            fields["agent_id"] = device.agent.agent_id
        for detail in line.details:
            fields[detail] = details[detail]
        if call.history is not None:
            fields |= call.history.attributes()
        return event(
            **fields,
            extensions=self.config.extensions,
            this_dn=party.dn,
            this_dn_role=party.role,
            this_queue=party.queue,
            cause=line.cause,
            conn_id=call.conn_id,
            previous_conn_id=previous,
            call_id=call.call_id,
            call_uuid=call.call_uuid,
            call_type=call.type,
            dnis=call.dnis,
            ani=call.ani,
            user_data=call.user_data or (KVList() if event is m.EventAttachedDataChanged else None),
        )

    def _call_state(self, wanted: CallState | Qualifier, seat: Seat) -> CallState:
        if isinstance(wanted, CallState):
            return wanted
        if wanted is Qualifier.AS_ARRIVED:
            return seat.party.call_state
        return CallState.Conferenced if self._is_conference(seat.call) else CallState.Ok

    def _role(self, wanted: DNRole | Role, party: Party, call: Call) -> DNRole:
        if isinstance(wanted, DNRole):
            return wanted
        return DNRole.ConferenceMember if self._is_conference(call) else party.role

    def _is_conference(self, call: Call) -> bool:
        members = [party for party, _ in self.seats(call) if party.waiting is None]
        return len(members) > 2  # noqa: PLR2004 (a pair)


def _third(line: Line, party: Party, cast: Cast) -> ThirdParty | None:
    if line.third is None:
        return None
    if isinstance(line.third, ThirdKind):
        return party.third
    actor, role = line.third
    seats = cast.get(actor, ())
    return ThirdParty(seats[0].party.dn, seats[0].party.role if role is None else role) if seats else None
