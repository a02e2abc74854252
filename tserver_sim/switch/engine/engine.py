"""Applies call models: publishes their events and keeps the order of what follows.

An operation chooses the model and casts its actors. Applying a model means, line by line: find the event,
move the party's state, add, remove or move the party, and publish the event. All events of one change are
published back to back; follow-ups (a queue offers the call to an agent, a phone begins to ring) wait until
the change is complete, and run in the order in which they came up.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType, CallState, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.config.profile import adapt_models, arrival_events
from tserver_sim.switch.config.switch_config import SwitchConfig
from tserver_sim.switch.engine.ledger import CallParty, Ledger, PartyTransition, TimerHandlers
from tserver_sim.switch.iscc.messages import SiteMessage
from tserver_sim.switch.models import MODELS
from tserver_sim.switch.models.vocabulary import (
    LEAVINGS,
    Actor,
    ComputedCallState,
    ComputedRole,
    ComputedThirdParty,
    EventKind,
    EventTemplate,
    Model,
    Move,
    Previous,
)
from tserver_sim.switch.state.party_states import TRANSITIONS, CallPartyState
from tserver_sim.switch.state.remote_legs import AccessNumber
from tserver_sim.switch.state.requesters import ThirdParty
from tserver_sim.switch.state.switch_data import NO_REQUESTER, Party, Requester, SwitchCall

Cast: TypeAlias = Mapping[Actor, tuple[CallParty, ...]]
"""The parties that play the actors of a model. An actor that is missing or empty gets no events."""

FollowUp: TypeAlias = Callable[["Engine", SwitchCall, Party], None]
"""What follows from an event of a party; called when the change is complete."""

Publish: TypeAlias = Callable[[m.Event, Requester], None]
"""Receives an event, about a DN or for the requester alone, and its requester.

It must not call the switch.
"""

Signal: TypeAlias = Callable[["Engine", EventKind, CallParty, CallState | None, ThirdParty | None], None]
"""Sends the remote end of a leg an event of its party, with the CallState and the third party."""

Send: TypeAlias = Callable[[str, SiteMessage], None]
"""Sends a message to another site, given by the name of its switch."""


class Engine(Ledger):
    """The only object that changes a switch.

    Args:
        config: the configuration of the switch.
        follow_ups: what follows from each event.
        timers: the handler of each kind of timer.
        publish: receives the events.
        signal_remote_end: receives what happens to parties outside of the switch.
        send: sends messages to other sites.

    """

    def __init__(
        self,
        config: SwitchConfig,
        *,
        follow_ups: Mapping[EventKind, tuple[FollowUp, ...]],
        timers: TimerHandlers,
        publish: Publish,
        signal_remote_end: Signal,
        send: Send,
    ) -> None:
        super().__init__(config, timers)
        self.publish = publish
        self.on_transition: Callable[[PartyTransition], None] | None = None
        """Called on every transition of every party, inside and outside of the switch; it must not call the
        switch."""
        self._follow_ups = follow_ups
        self._signal_remote_end = signal_remote_end
        self.send = send
        self.current_access: AccessNumber | None = None
        """The access number of the present request's destination, when that is at another site."""
        self._models = adapt_models(MODELS, config.profile)
        self._arrivals = arrival_events(config.profile)

    # --- publishing ------------------------------------------------------------------------------

    def apply_model(
        self, model: Model, cast: Cast, requester: Requester = NO_REQUESTER, **details: object
    ) -> None:
        """Apply a model: carry out its lines in their order.

        Args:
            model: what happens.
            cast: the parties that play its actors.
            requester: the requester, whose ReferenceID the answering events carry.
            details: the attributes that lines name as `details`.

        """
        for template in self._models[model]:
            if template.each is None:
                self._apply_template(template, cast, requester, details)
                continue
            for call_party in cast.get(template.each, ()):
                self._apply_template(template, {**cast, Actor.NEWCOMER: (call_party,)}, requester, details)

    def acknowledge(self, request: m.Request, requester: Requester) -> None:
        """Answer a request that has no event of its own with EventACK."""
        number = request.number.value
        self.publish(
            m.EventACK(**self.stamp(), reference_id=requester.reference_id, user_event=number), requester
        )

    def refuse(
        self, requester: Requester, code: ErrorCode, text: str, *, dn: str, conn_id: int | None
    ) -> None:
        """Answer a request with EventError, when what was begun for it has failed."""
        if requester.client_number:
            error = m.EventError(
                **self.stamp(),
                reference_id=requester.reference_id,
                error_code=code,
                error_message=text,
                this_dn=dn,
                conn_id=conn_id,
            )
            self.publish(error, requester)

    def send_update(self, call: SwitchCall) -> None:
        """Send other sites what has changed about a call, if they have to know."""
        if self.state.remote_legs:
            for party in call.parties:
                if party.site:
                    self._signal_remote_end(
                        self, m.EventAttachedDataChanged, CallParty(party, call), None, None
                    )

    def _apply_template(
        self, template: EventTemplate, cast: Cast, requester: Requester, details: Mapping[str, object]
    ) -> None:
        for call_party in cast.get(template.to, ()):
            if isinstance(template.event, Move):
                self._apply_move(template, template.event, call_party, cast, requester, details)
            else:
                self._apply_event(template, template.event, call_party, cast, requester, details)

    def _apply_move(
        self,
        template: EventTemplate,
        move: Move,
        call_party: CallParty,
        cast: Cast,
        requester: Requester,
        details: Mapping[str, object],
    ) -> None:
        party = call_party.party
        if move is Move.LEAVES:
            self._apply_event(template, LEAVINGS[party.state], call_party, cast, requester, details)
            return
        if isinstance(template.call_state, CallState):
            party.call_state = template.call_state
        party.third = _third_party(template, party, cast)
        if template.renumbers:
            call_party.call.dnis = party.dn
        if party.address in (AddressType.Queue, AddressType.RouteDN):
            party.queue = party.dn
        for event in self._arrivals[party.address]:
            self._apply_event(template, event, call_party, cast, requester, details)

    def _apply_event(
        self,
        template: EventTemplate,
        event: EventKind,
        call_party: CallParty,
        cast: Cast,
        requester: Requester,
        details: Mapping[str, object],
    ) -> None:
        party, call = call_party
        before = party.state
        party.state = TRANSITIONS[before, event]
        previous: int | None = call.parent or call.elsewhere or None
        if template.previous is Previous.LEFT:
            previous, call = call.conn_id, self._change_call(template, call_party, cast)
        elif template.previous is Previous.SAME:
            previous = call.conn_id
        if template.becomes is not None:
            party.role = self._role(template.becomes, party, call)
        if before is CallPartyState.NULL:
            self._add_party(call, party)
        if party.leg:
            if party.leg != requester.leg:
                sent_state = details.get("call_state", template.call_state)
                state = sent_state if isinstance(sent_state, CallState) else None
                self._signal_remote_end(
                    self, event, CallParty(party, call), state, _third_party(template, party, cast)
                )
        else:
            message = self._build_event(
                template, event, CallParty(party, call), cast, requester, details, previous
            )
            self.publish(message, requester)
        if party.state is not before:
            self._stop_state_timers(party, call)
        if self.on_transition is not None:
            self.on_transition(
                PartyTransition(
                    event, call, party, before, None if call is call_party.call else call_party.call
                )
            )
        for follow_up in self._follow_ups.get(event, ()):
            self.defer(follow_up, self, call, party)

    def _change_call(self, template: EventTemplate, call_party: CallParty, cast: Cast) -> SwitchCall:
        """Move a party to the holder's call and return that call."""
        party, call = call_party.party, cast[Actor.HOLDER][0].call
        self._move_party(party, call_party.call, call)
        if isinstance(template.call_state, CallState):
            party.call_state = template.call_state
        party.third = _third_party(template, party, cast)
        return call

    def _build_event(
        self,
        template: EventTemplate,
        event: EventKind,
        call_party: CallParty,
        cast: Cast,
        requester: Requester,
        details: Mapping[str, object],
        previous: int | None,
    ) -> m.TelephonyEvent:
        party, call = call_party
        third = _third_party(template, party, cast)
        other = cast.get(template.other, ()) if template.other else ()
        other_party = other[0].party if len(other) == 1 else None
        device = self.state.devices.get(party.dn)
        fields = self.stamp()
        if template.answers:
            fields["reference_id"] = requester.reference_id
            fields["reasons"] = requester.reasons
        if other_party is not None:
            fields["other_dn"] = other_party.dn
            fields["other_dn_role"] = template.other_role or other_party.role
        if third is not None and template.has_third_party:
            fields["third_party_dn"] = third.dn
            fields["third_party_dn_role"] = third.role
        if template.call_state is not None:
            fields["call_state"] = self._call_state(template.call_state, call_party)
        if device is not None and device.agent is not None:
            fields["agent_id"] = device.agent.agent_id
        for detail in template.details:
            fields[detail] = details[detail]
        if call.history is not None:
            fields |= call.history.attributes()
        return event(
            **fields,
            extensions=self.config.extensions,
            this_dn=party.dn,
            this_dn_role=party.role,
            this_queue=party.queue,
            cause=template.cause,
            conn_id=call.conn_id,
            previous_conn_id=previous,
            call_id=call.call_id,
            call_uuid=call.call_uuid,
            call_type=call.type,
            dnis=call.dnis,
            ani=call.ani,
            user_data=call.user_data or (KVList() if event is m.EventAttachedDataChanged else None),
        )

    def _call_state(self, wanted: CallState | ComputedCallState, call_party: CallParty) -> CallState:
        if isinstance(wanted, CallState):
            return wanted
        if wanted is ComputedCallState.AS_ARRIVED:
            return call_party.party.call_state
        return CallState.Conferenced if self._is_conference(call_party.call) else CallState.Ok

    def _role(self, wanted: DNRole | ComputedRole, party: Party, call: SwitchCall) -> DNRole:
        if isinstance(wanted, DNRole):
            return wanted
        return DNRole.ConferenceMember if self._is_conference(call) else party.role

    def _is_conference(self, call: SwitchCall) -> bool:
        members = [party for party, _ in self.call_parties(call) if party.invited_by is None]
        return len(members) > 2  # noqa: PLR2004 (a pair)


def _third_party(template: EventTemplate, party: Party, cast: Cast) -> ThirdParty | None:
    if template.third is None:
        return None
    if isinstance(template.third, ComputedThirdParty):
        return party.third
    actor, role = template.third
    call_parties = cast.get(actor, ())
    return (
        ThirdParty(call_parties[0].party.dn, call_parties[0].party.role if role is None else role)
        if call_parties
        else None
    )
