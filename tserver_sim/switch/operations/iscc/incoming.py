"""Messages of other sites: calls that come from them, and what ends when one cannot be reached."""

from collections.abc import Callable, Mapping
from typing import Any

from bridge.tlib.enums import AddressType, CallState, CallType
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.iscc.messages import (
    Cancel,
    Found,
    Joined,
    Left,
    LegMessage,
    Lost,
    NotFound,
    Seek,
    Setup,
    SiteInput,
)
from tserver_sim.switch.models.inter_site import InterSite
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.routing_lookup import look_up
from tserver_sim.switch.operations.iscc.access_numbers import (
    on_cancel,
    on_found,
    on_not_found,
    on_seek,
    refuse,
    remove_transaction,
)
from tserver_sim.switch.operations.iscc.legs import (
    LEG_HANDLERS,
    bringer_in,
    end_leg,
    error_of,
    send_arrived,
    unused_name,
)
from tserver_sim.switch.state.remote_legs import RemoteLeg
from tserver_sim.switch.state.switch_data import ExternalLeg, Party, Requester, SwitchCall

_ARRIVALS: Mapping[CallState, InterSite] = {
    CallState.Transferred: InterSite.TRANSFERRED_HERE,
    CallState.Conferenced: InterSite.INVITED_HERE,
    CallState.Redirected: InterSite.REDIRECTED_HERE,
}


# --- arriving calls ----------------------------------------------------------------------------------------


def on_setup(engine: Engine, site: str, message: Setup) -> None:
    """Bring a call from another site to the destination of its access number."""
    reservation = engine.state.reservations.get(message.access_number)
    if reservation is None or reservation.site != site:
        failure = CallState.SitInvalidNum, ErrorCode.BadRemoteRequest
        engine.send(site, Left(message.leg, *failure))
        return
    del engine.state.reservations[message.access_number]
    engine.stop_timer(reservation.timer)
    lookup = look_up(engine, reservation.number)
    if lookup.failure is not None:
        engine.send(site, Left(message.leg, lookup.failure, error_of(lookup.failure)))
        return
    call = _create_call(engine, message)
    leg = _create_leg(engine, site, message, call)
    target, facts = lookup.party(message.role), message.facts
    caller = Party(
        unused_name(facts.dn, site, [target.dn]), facts.role, AddressType.Trunk, leg=leg, site=site
    )
    cast = {
        Actor.SELF: (CallParty(caller, call),),
        Actor.TARGET: (CallParty(target, call),),
        Actor.BRINGER: bringer_in(call, facts),
    }
    call.user_data = call.user_data.updated(reservation.user_data)
    engine.apply_model(_ARRIVALS.get(facts.call_state, InterSite.ARRIVED), cast, Requester(leg=leg))
    send_arrived(engine, leg, message)


def _create_call(engine: Engine, message: Setup) -> SwitchCall:
    """Create the call here: with the same ids, unless its ConnID is in use here."""
    facts = message.facts
    more: dict[str, Any] = {
        "type": CallType.Consult if facts.parent else CallType.Inbound,
        "user_data": facts.user_data,
        "ani": message.ani,
        "parent": facts.parent,
        "history": facts.history,
        "sent_data": facts.user_data,
        "mark": facts.mark,
    }
    if facts.conn_id not in engine.state.calls:
        return engine.add_call(facts.conn_id, facts.call_uuid, message.dnis, **more)
    kind, data = more.pop("type"), more.pop("user_data")
    return engine.new_call(message.dnis, kind, data, elsewhere=facts.conn_id, **more)


def _create_leg(engine: Engine, site: str, message: Setup, call: SwitchCall) -> int:
    """Create this end of a leg that the other end has set up."""
    state, facts = engine.state, message.facts
    state.data_clock = max(state.data_clock, facts.mark.count)
    state.leg_count += 1
    remote = RemoteLeg(site, message.leg, conn_id=facts.conn_id, mark=facts.mark)
    state.legs[state.leg_count] = ExternalLeg("", call.conn_id, remote)
    state.remote_legs[message.leg] = state.leg_count
    return state.leg_count


# --- the connection ------------------------------------------------------------------------------------


def on_site_joined(engine: Engine, site: str, _message: Joined) -> None:
    """Record that another site can be reached."""
    if site not in engine.state.sites:
        engine.state.sites.append(site)


def on_site_lost(engine: Engine, site: str, _message: Lost) -> None:
    """End the legs to another site, and refuse the requests that wait for it."""
    state = engine.state
    if site in state.sites:
        state.sites.remove(site)
    text = f"{site} cannot be reached any more"
    for xref, transaction in list(state.transactions.items()):
        if transaction.site == site:
            remove_transaction(engine, site, xref)
            refuse(engine, transaction, ErrorCode.LocationDisconnected, text)
    for access_number, reservation in list(state.reservations.items()):
        if reservation.site == site:
            engine.stop_timer(reservation.timer)
            del state.reservations[access_number]
    for key, access in list(state.accesses.items()):
        if access.site == site:
            engine.stop_timer(access.timer)
            del state.accesses[key]
    for number, leg in list(state.legs.items()):
        if leg.remote is not None and leg.remote.site == site:
            end_leg(engine, number, CallState.SitNoCircuit, ErrorCode.LocationDisconnected, text)


# --- the table of messages -------------------------------------------------------------------------------


def _on_leg_message(engine: Engine, site: str, message: LegMessage) -> None:
    number = engine.state.remote_legs.get(message.leg)
    if number is not None:
        LEG_HANDLERS[type(message)](engine, number, message)
    elif not isinstance(message, Left):
        engine.send(site, Left(message.leg))


_HANDLERS: Mapping[type[SiteInput], Callable[[Engine, str, Any], None]] = {
    Seek: on_seek,
    Found: on_found,
    NotFound: on_not_found,
    Cancel: on_cancel,
    Setup: on_setup,
    Joined: on_site_joined,
    Lost: on_site_lost,
    **dict.fromkeys(LEG_HANDLERS, _on_leg_message),
}


def receive_from_site(engine: Engine, site: str, message: SiteInput) -> None:
    """Handle a message of another site. One that does not fit is ignored, or answered with `Left`."""
    _HANDLERS[type(message)](engine, site, message)
