"""Conferences: a party puts another one out. How parties come and leave is in `joining` and `membership`."""

from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import Seat
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.conference import Conference
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import Operations, on_call, require
from tserver_sim.switch.operations.base.membership import goes_on, members, withdraw
from tserver_sim.switch.state.party_states import PartyState
from tserver_sim.switch.state.switch_data import Asked


def remove(engine: Engine, request: m.RequestDeleteFromConference, asked: Asked) -> None:
    """Put another party out of a conference (T-Library, TDeleteFromConference)."""
    call, party = on_call(engine, request)
    require(party, ErrorCode.CallInWrongState, "only who talks can remove a party", PartyState.CONNECTED)
    everyone = members(engine.seats(call))
    found = [seat for seat in everyone if seat.party.dn == request.other_dn]
    if not found:
        raise RefusedError(ErrorCode.PartyNotOnCall, f"OtherDN: {request.other_dn} is not in the conference")
    if found[0].party is party:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {party.dn} cannot remove itself")
    staying = tuple([seat for seat in everyone if seat not in found])
    if not goes_on(staying):
        raise RefusedError(ErrorCode.CallInWrongState, "the call is no conference")
    others = tuple([seat for seat in staying if seat.party is not party])
    cast = {Actor.SELF: (Seat(party, call),), Actor.TARGET: tuple(found), Actor.OTHERS: others}
    engine.tell(Conference.REMOVED, cast, asked)
    withdraw(engine, call, found[0].party)


CONFERENCE: Operations = {m.RequestDeleteFromConference: remove}
