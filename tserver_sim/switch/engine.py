"""Carries out the call models: checks first, then the changes of state, then the events.

All events of one change are told back to back, in the order of the model, before anything else happens.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bridge.runtime.clock import Clock
from bridge.tlib import messages as m
from bridge.tlib.enums import AddressType, DNRole
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import MAX_PACKED_BYTES, KVList
from tserver_sim.switch.calls import DN, Call, Party
from tserver_sim.switch.ids import IdSource
from tserver_sim.switch.locations import Location, check_local
from tserver_sim.switch.models import CHOICE, MODELS, OTHERWISE, Actor, Line, Model
from tserver_sim.switch.refusal import RefusedError
from tserver_sim.switch.stamps import Stamper
from tserver_sim.switch.states import TRANSITIONS, PartyState

MAX_NUMBER_LENGTH = 255

Cast: TypeAlias = Mapping[Actor, Party]

Publish: TypeAlias = Callable[[m.PartyEvent, object], None]
"""Takes an event and whoever asked for it. It must not come back to the switch before it has returned."""

CallControl: TypeAlias = m.RequestMakeCall | m.CallRequest


@dataclass(frozen=True, slots=True)
class SwitchConfig:
    """What a switch is built from. Extensions ride on every event; a ring timeout is in seconds."""

    location: Location
    dns: Mapping[str, AddressType]
    extensions: KVList | None = None
    ring_timeout: float | None = None
    other_locations: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asked for a change, and what of the request comes back in the answer."""

    requester: object = None
    reference_id: int | None = None
    reasons: KVList | None = None


_NOBODY = _Asked()


class Switch:
    """A telephone switch: DNs, the calls on them, and what a T-Server can ask of it."""

    def __init__(
        self, config: SwitchConfig, clock: Clock, ids: IdSource, stamper: Stamper, publish: Publish
    ) -> None:
        self.dns: Mapping[str, DN] = {number: DN(number, kind) for number, kind in config.dns.items()}
        self.calls: dict[int, Call] = {}
        """Every call with a party, by ConnID."""
        self._config = config
        self._clock = clock
        self._ids = ids
        self._stamper = stamper
        self._publish = publish

    def carry_out(self, request: CallControl, requester: object = None) -> None:
        """Do what a request about one of the switch's DNs asks.

        Args:
            request: what to do.
            requester: who asked; handed to `publish` with every event that results.

        Raises:
            RefusedError: it cannot be done; nothing has changed.

        """
        _check_size("Reasons", request.reasons)
        asked = _Asked(requester, request.reference_id, request.reasons)
        if isinstance(request, m.RequestMakeCall):
            self._make_call(request, asked)
        else:
            self._change_call(request, asked)

    # --- requests ----------------------------------------------------------------------------

    def _make_call(self, request: m.RequestMakeCall, asked: _Asked) -> None:
        origin = self.dns[request.this_dn]
        if origin.type is not AddressType.DN:
            raise RefusedError(
                ErrorCode.InvalidAttribute, f"ThisDN: {origin.number} cannot place calls, it is no extension"
            )
        if origin.is_busy:
            raise RefusedError(ErrorCode.OriginBusy, f"{origin.number} is busy")
        self._check_location(request.location)
        model = self._reach(request)
        user_data = _merged(KVList(), request.user_data)
        call = Call(self._ids.next(), request.other_dn, user_data)
        cast = {
            Actor.SELF: Party(origin.number, DNRole.Origination),
            Actor.TARGET: Party(request.other_dn, DNRole.Destination),
        }
        self.calls[call.ids.conn_id] = call
        self._play(model, call, cast, asked)

    def _reach(self, request: m.RequestMakeCall) -> Model:
        """Find out what becomes of a call to this number."""
        number = request.other_dn
        if number == request.this_dn:
            raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {number} cannot call itself")
        if not 0 < len(number) <= MAX_NUMBER_LENGTH:
            raise RefusedError(
                ErrorCode.InvalidDestination, f"OtherDN: expected 1 to {MAX_NUMBER_LENGTH} characters"
            )
        if number not in self.dns:
            return Model.CALLED_NOBODY
        return Model.CALLED_BUSY if self._extension(number).is_busy else Model.CALLED

    def _change_call(self, request: m.CallRequest, asked: _Asked) -> None:
        party = self.dns[request.this_dn].parties.get(request.conn_id)
        if party is None:
            raise RefusedError(
                ErrorCode.InvalidConnID, f"{request.this_dn} is not on a call with this ConnID"
            )
        call = self.calls[request.conn_id]
        peer = call.peer_of(party) or Party(call.dnis, DNRole.Destination)
        model = CHOICE.get((type(request), party.state, peer.state))
        if model is None:
            raise RefusedError(*OTHERWISE[type(request)])
        cast = {Actor.SELF: party, Actor.PEER: peer}
        if party.bringer is not None:
            cast[Actor.BRINGER] = party.bringer
        if isinstance(request, m.RequestSingleStepTransfer):
            cast[Actor.TARGET] = self._transfer(request, call, party)
        self._play(model, call, cast, asked)

    def _transfer(self, request: m.RequestSingleStepTransfer, call: Call, party: Party) -> Party:
        """Check a transfer, take over its data and return the party that comes in."""
        self._check_location(request.location)
        target = self._extension(request.other_dn)
        if call.ids.conn_id in target.parties:
            raise RefusedError(
                ErrorCode.InvalidDestination, f"OtherDN: {target.number} is on the call already"
            )
        if target.is_busy:
            raise RefusedError(ErrorCode.DNBusy, f"{target.number} is busy")
        call.user_data = _merged(call.user_data, request.user_data)
        return Party(target.number, DNRole.Destination, bringer=party)

    def _not_answered(self, call: Call, party: Party) -> None:
        peer = call.peer_of(party)
        assert peer is not None  # noqa: S101 (a phone rings because somebody waits)
        self._play(Model.NOT_ANSWERED, call, {Actor.SELF: party, Actor.PEER: peer}, _NOBODY)

    # --- checks ------------------------------------------------------------------------------

    def _check_location(self, name: str | None) -> None:
        check_local(name, self._config.location, self._config.other_locations)

    def _extension(self, number: str) -> DN:
        dn = self.dns.get(number)
        if dn is None:
            raise RefusedError(ErrorCode.InvalidDestination, "OtherDN: not a DN of this switch")
        if dn.type is not AddressType.DN:
            text = (
                f"OtherDN: {number} is no extension, and calls to queues and route points are not supported"
            )
            raise RefusedError(ErrorCode.InvalidDestination, text)
        return dn

    # --- carrying out ------------------------------------------------------------------------

    def _play(self, model: Model, call: Call, cast: Cast, asked: _Asked) -> None:
        lines = MODELS[model]
        for line in lines:
            party = cast[line.to]
            party.state = TRANSITIONS[party.state, line.event]
        for party in cast.values():
            self._settle(call, party)
        if not call.parties:
            del self.calls[call.ids.conn_id]
        for line in lines:
            self._publish(self._event(line, call, cast, asked), asked.requester)

    def _settle(self, call: Call, party: Party) -> None:
        """Let a party that has entered or left the call be where its state says."""
        present = party.state is not PartyState.NULL
        if present and party not in call.parties:
            call.parties.append(party)
            self.dns[party.dn].parties[call.ids.conn_id] = party
        elif not present and party in call.parties:
            call.parties.remove(party)
            party.bringer = None  # a call that is transferred on and on must not remember everybody
            del self.dns[party.dn].parties[call.ids.conn_id]
        if party.state is PartyState.ALERTING:
            self._start_ring_timer(call, party)
        elif party.ring_timer is not None:
            party.ring_timer.cancel()
            party.ring_timer = None

    def _start_ring_timer(self, call: Call, party: Party) -> None:
        if self._config.ring_timeout is not None and party.ring_timer is None:
            due = self._clock.now() + self._config.ring_timeout
            party.ring_timer = self._clock.call_at(due, lambda: self._not_answered(call, party))

    def _event(self, line: Line, call: Call, cast: Cast, asked: _Asked) -> m.PartyEvent:
        this, other = cast[line.to], cast[line.other]
        third, third_role = (cast[line.third[0]].dn, line.third[1]) if line.third else (None, None)
        return line.event(
            **self._stamper.next(),
            reference_id=asked.reference_id if line.answers else None,
            reasons=asked.reasons if line.answers else None,
            extensions=self._config.extensions,
            this_dn=this.dn,
            this_dn_role=this.role,
            other_dn=other.dn,
            other_dn_role=other.role,
            third_party_dn=third,
            third_party_dn_role=third_role,
            call_state=line.call_state,
            cause=line.cause,
            conn_id=call.ids.conn_id,
            previous_conn_id=call.ids.conn_id if line.same_conn_id else None,
            call_id=call.ids.call_id,
            call_uuid=call.ids.call_uuid,
            call_type=call.call_type,
            dnis=call.dnis,
            user_data=call.user_data or None,
        )


def _merged(data: KVList, newer: KVList | None) -> KVList:
    """Return the data of a call after a request brought more; same-named keys are replaced."""
    if not newer:
        return data
    merged = data.updated(newer)
    _check_size("UserData", merged)
    return merged


def _check_size(attribute: str, pairs: KVList | None) -> None:
    if pairs and pairs.packed_bytes > MAX_PACKED_BYTES:
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"{attribute}: more than {MAX_PACKED_BYTES} bytes in all"
        )
