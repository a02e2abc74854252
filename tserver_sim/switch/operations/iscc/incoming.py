"""Other sites: what they say, calls that come from them, and what is left when one cannot be reached."""

from collections.abc import Callable, Mapping
from typing import Any

from bridge.tlib.enums import AddressType, CallState, CallType
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.iscc.messages import (
    Cancel,
    Found,
    Heard,
    Joined,
    Left,
    LegMessage,
    Lost,
    NotFound,
    Seek,
    Setup,
)
from tserver_sim.switch.models.inter_site import Sites
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.routing_lookup import look_up
from tserver_sim.switch.operations.iscc.access_numbers import (
    cancelled,
    found,
    not_found,
    refuse,
    settled,
    sought,
)
from tserver_sim.switch.operations.iscc.legs import LEGS, bringer_of, drop, free_name, has_come, why_not
from tserver_sim.switch.state.remote_legs import Far
from tserver_sim.switch.state.switch_data import Asked, Call, Leg, Party

_ARRIVALS: Mapping[CallState, Sites] = {
    CallState.Transferred: Sites.TRANSFERRED_HERE,
    CallState.Conferenced: Sites.INVITED_HERE,
    CallState.Redirected: Sites.REDIRECTED_HERE,
}


# --- a call comes ------------------------------------------------------------------------------------------


def call_comes(engine: Engine, site: str, message: Setup) -> None:
    """Bring a call from another site to the destination for which its access number was given."""
    reservation = engine.state.reservations.get(message.access_number)
    if reservation is None or reservation.site != site:
        failure = CallState.SitInvalidNum, ErrorCode.BadRemoteRequest
        engine.send(site, Left(message.leg, *failure))
        return
    del engine.state.reservations[message.access_number]
    engine.stop_timer(reservation.timer)
    reach = look_up(engine, reservation.number)
    if reach.failure is not None:
        engine.send(site, Left(message.leg, reach.failure, why_not(reach.failure)))
        return
    call = _call(engine, message)
    leg = _leg(engine, site, message, call)
    target, facts = reach.party(message.role), message.facts
    caller = Party(free_name(facts.dn, site, [target.dn]), facts.role, AddressType.Trunk, leg=leg, site=site)
    cast = {
        Actor.SELF: (Seat(caller, call),),
        Actor.TARGET: (Seat(target, call),),
        Actor.BRINGER: bringer_of(call, facts),
    }
    call.user_data = call.user_data.updated(reservation.user_data)
    engine.tell(_ARRIVALS.get(facts.call_state, Sites.ARRIVED), cast, Asked(leg=leg))
    has_come(engine, leg, message)


def _call(engine: Engine, message: Setup) -> Call:
    """Make the call that has come: the same as at the other site, unless its ConnID is in use here."""
    facts = message.facts
    more: dict[str, Any] = {
        "type": CallType.Consult if facts.parent else CallType.Inbound,
        "user_data": facts.user_data,
        "ani": message.ani,
        "parent": facts.parent,
        "history": facts.history,
        "spread": facts.user_data,
        "mark": facts.mark,
    }
    if facts.conn_id not in engine.state.calls:
        return engine.take_call(facts.conn_id, facts.call_uuid, message.dnis, **more)
    kind, data = more.pop("type"), more.pop("user_data")
    return engine.new_call(message.dnis, kind, data, elsewhere=facts.conn_id, **more)


def _leg(engine: Engine, site: str, message: Setup, call: Call) -> int:
    """Take a leg that has been set up from the other end."""
    state, facts = engine.state, message.facts
    state.data_clock = max(state.data_clock, facts.mark.count)
    state.leg_count += 1
    far = Far(site, message.leg, conn_id=facts.conn_id, mark=facts.mark)
    state.legs[state.leg_count] = Leg("", call.conn_id, far)
    state.far_legs[message.leg] = state.leg_count
    return state.leg_count


# --- the connection ------------------------------------------------------------------------------------


def joined(engine: Engine, site: str, _message: Joined) -> None:
    """Take note that another site can be reached."""
    if site not in engine.state.sites:
        engine.state.sites.append(site)


def lost(engine: Engine, site: str, _message: Lost) -> None:
    """Let go all that depends on another site: its legs end, and who waits for it is refused."""
    state = engine.state
    if site in state.sites:
        state.sites.remove(site)
    text = f"{site} cannot be reached any more"
    for xref, transaction in list(state.transactions.items()):
        if transaction.site == site:
            settled(engine, site, xref)
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
        if leg.far is not None and leg.far.site == site:
            drop(engine, number, CallState.SitNoCircuit, ErrorCode.LocationDisconnected, text)


# --- the table of it all ---------------------------------------------------------------------------------


def _about_leg(engine: Engine, site: str, message: LegMessage) -> None:
    number = engine.state.far_legs.get(message.leg)
    if number is not None:
        LEGS[type(message)](engine, number, message)
    elif not isinstance(message, Left):
        engine.send(site, Left(message.leg))


_HEARD: Mapping[type[Heard], Callable[[Engine, str, Any], None]] = {
    Seek: sought,
    Found: found,
    NotFound: not_found,
    Cancel: cancelled,
    Setup: call_comes,
    Joined: joined,
    Lost: lost,
    **dict.fromkeys(LEGS, _about_leg),
}


def hear(engine: Engine, site: str, message: Heard) -> None:
    """Do what another site says; what does not fit is ignored, or answered so that it can be put right."""
    _HEARD[type(message)](engine, site, message)
