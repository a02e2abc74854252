"""Conferences: removing a party. How parties join and leave is in `joining` and `base/membership`."""

from bridge.tlib import messages as m
from bridge.tlib.errors import ErrorCode
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.engine.ledger import CallParty
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.models.conference import Conference
from tserver_sim.switch.models.vocabulary import Actor
from tserver_sim.switch.operations.base.checks import Operations, find_request_call, require
from tserver_sim.switch.operations.base.membership import continues, members, withdraw_invitations
from tserver_sim.switch.state.party_states import CallPartyState
from tserver_sim.switch.state.switch_data import Requester


def remove(engine: Engine, request: m.RequestDeleteFromConference, requester: Requester) -> None:
    """Remove another party from a conference (T-Library, TDeleteFromConference)."""
    call, party = find_request_call(engine, request)
    require(party, ErrorCode.CallInWrongState, "only who talks can remove a party", CallPartyState.CONNECTED)
    everyone = members(engine.call_parties(call))
    found = [call_party for call_party in everyone if call_party.party.dn == request.other_dn]
    if not found:
        raise RefusedError(ErrorCode.PartyNotOnCall, f"OtherDN: {request.other_dn} is not in the conference")
    if found[0].party is party:
        raise RefusedError(ErrorCode.InvalidDestination, f"OtherDN: {party.dn} cannot remove itself")
    staying = tuple([call_party for call_party in everyone if call_party not in found])
    if not continues(staying):
        raise RefusedError(ErrorCode.CallInWrongState, "the call is no conference")
    others = tuple([call_party for call_party in staying if call_party.party is not party])
    cast = {Actor.SELF: (CallParty(party, call),), Actor.TARGET: tuple(found), Actor.OTHERS: others}
    engine.apply_model(Conference.REMOVED, cast, requester)
    withdraw_invitations(engine, call, found[0].party)


CONFERENCE: Operations = {m.RequestDeleteFromConference: remove}
