"""Access numbers: a request about another site waits for one, and is carried out with it.

Until the other site has answered nothing changes, so a request that cannot be carried out is refused like any
other. Sources: T-Library Events and Models, inter-site call control; T-Library, TGetAccessNumber,
TCancelReqGetAccessNumber.
"""

from collections.abc import Mapping

import msgspec

from bridge.tlib import messages as m
from bridge.tlib.enums import CallState, XRouteType
from bridge.tlib.errors import ErrorCode
from bridge.tlib.kv import KVList
from tserver_sim.switch.engine.engine import Engine
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.iscc.messages import Cancel, Found, NotFound, Seek
from tserver_sim.switch.operations.base.checks import Operations, check_keys, check_size, find_request_call
from tserver_sim.switch.operations.base.routing_lookup import RoutingLookup, look_up
from tserver_sim.switch.operations.calls.basic import BASIC
from tserver_sim.switch.operations.calls.consult import CONSULT
from tserver_sim.switch.operations.calls.joining import JOINING
from tserver_sim.switch.operations.calls.single_step import SINGLE_STEP
from tserver_sim.switch.operations.iscc.legs import error_of
from tserver_sim.switch.operations.routing.route_requests import ROUTING
from tserver_sim.switch.state.remote_legs import AccessNumber, RemoteRequest, Reservation, Transaction
from tserver_sim.switch.state.switch_data import Requester, SwitchTimer, TimerKind

SEEK_SECONDS = 5.0
"""How long another site may take to answer a `Seek`."""

ACCESS_SECONDS = 10.0
"""How long an access number is kept for a call."""

MAX_RESERVATIONS = 10_000
"""How many access numbers may be kept at the same time."""

_MUST_BE_FREE: Mapping[type[m.Request], bool] = {
    m.RequestMakeCall: False,
    m.RequestInitiateTransfer: False,
    m.RequestInitiateConference: False,
    m.RequestGetAccessNumber: False,
    m.RequestRedirectCall: True,
    m.RequestMuteTransfer: True,
    m.RequestSingleStepTransfer: True,
    m.RequestSingleStepConference: True,
    m.RequestRouteCall: True,
}
"""The requests that may be about another site, and whether a busy destination is refused."""

_REMOTE_OPERATIONS: Operations = {**BASIC, **CONSULT, **JOINING, **SINGLE_STEP, **ROUTING}

_ROUTE_TYPES = frozenset(
    {
        XRouteType.Default,
        XRouteType.Route,
        XRouteType.Direct,
        XRouteType.DirectUUI,
        XRouteType.DirectANI,
        XRouteType.DirectNoToken,
        XRouteType.DirectDigits,
        XRouteType.RouteUUI,
        XRouteType.DirectNetworkCallID,
    }
)
"""Routing types that mean the same here: the call is known by its access number."""


# --- to another site -------------------------------------------------------------------------------------


def request_access_number(engine: Engine, site: str, request: m.Request, requester: Requester) -> None:
    """Ask another site for an access number; the request goes on when it has answered.

    Raises:
        RefusedError: the site cannot be reached, or the request is malformed.

    """
    if not isinstance(request, RemoteRequest):
        raise RefusedError(ErrorCode.FeatureNotInitialised, f"{request.name} does not reach other sites")
    if site not in engine.state.sites:
        raise RefusedError(ErrorCode.LocationDisconnected, f"Location: {site} cannot be reached now")
    conn_id = 0
    if isinstance(request, m.CallRequest):
        conn_id = find_request_call(engine, request)[0].conn_id
    if isinstance(request, m.RequestGetAccessNumber):
        check_access_request(request)
    state = engine.state
    state.xref_count += 1
    xref = state.xref_count
    timer = engine.start_timer(TimerKind.SEEK, SEEK_SECONDS, key=str(xref))
    state.transactions[xref] = Transaction(site, requester, request, timer)
    data = request.user_data if isinstance(request, m.RequestGetAccessNumber) else None
    must_be_free = _MUST_BE_FREE[type(request)]
    engine.send(site, Seek(xref, request.other_dn, must_be_free, conn_id, data or KVList()))


def on_found(engine: Engine, site: str, message: Found) -> None:
    """Carry out the request that waits for this access number."""
    transaction = remove_transaction(engine, site, message.xref)
    if transaction is None:
        engine.send(site, Cancel(message.xref))
        return
    request, requester = transaction.request, transaction.requester
    access = AccessNumber(site, message.access_number, request.other_dn, message.xref)
    if isinstance(request, m.RequestGetAccessNumber):
        _publish_access_number(engine, access, request, requester)
        return
    access = msgspec.structs.replace(access, requester=requester, this_dn=request.this_dn)
    key = f"{site}/{message.access_number}"
    engine.state.accesses[key] = engine.current_access = access
    try:
        _REMOTE_OPERATIONS[type(request)](engine, request, requester)
    except RefusedError as refusal:
        del engine.state.accesses[key]
        engine.send(site, Cancel(message.xref))
        refuse(engine, transaction, refusal.code, str(refusal))
    finally:
        engine.current_access = None
    engine.defer(_return_access_number, engine, key)


def _return_access_number(engine: Engine, key: str) -> None:
    """Give back an access number that its request could not use."""
    access = engine.state.accesses.pop(key, None)
    if access is not None:
        engine.send(access.site, Cancel(access.xref))


def on_not_found(engine: Engine, site: str, message: NotFound) -> None:
    """Refuse the request that waits for an access number."""
    transaction = remove_transaction(engine, site, message.xref)
    if transaction is not None:
        refuse(engine, transaction, message.code, message.text)


def handle_seek_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """Refuse a request that the other site has not answered."""
    xref = int(timer.key)
    transaction = engine.state.transactions.pop(xref)
    engine.send(transaction.site, Cancel(xref))
    refuse(engine, transaction, ErrorCode.TransactionExpired, f"{transaction.site} does not answer")


def remove_transaction(engine: Engine, site: str, xref: int) -> Transaction | None:
    """Remove a transaction with a site and return it; None: there is none."""
    transaction = engine.state.transactions.get(xref)
    if transaction is None or transaction.site != site:
        return None
    engine.stop_timer(transaction.timer)
    return engine.state.transactions.pop(xref)


def refuse(engine: Engine, transaction: Transaction, code: ErrorCode, text: str) -> None:
    """Refuse the request of a transaction."""
    request = transaction.request
    conn_id = request.conn_id if isinstance(request, m.CallRequest) else None
    engine.refuse(transaction.requester, code, text, dn=request.this_dn, conn_id=conn_id)


# --- access numbers for clients -----------------------------------------------------------------------------


def get_access_number(engine: Engine, request: m.RequestGetAccessNumber, requester: Requester) -> None:
    """Return an access number by which a client brings a call to a DN here (T-Library, TGetAccessNumber).

    With the Location of another site, `request_access_number` asks there.
    """
    find_request_call(engine, request)
    check_access_request(request)
    lookup = _require_reachable(look_up(engine, request.other_dn), must_be_free=False)
    state = engine.state
    number = _free_number(engine)
    state.xref_count += 1
    access = AccessNumber(engine.config.location.switch, number, lookup.number, state.xref_count)
    _publish_access_number(engine, access, request, requester)


def check_access_request(request: m.RequestGetAccessNumber) -> None:
    """Check a request for an access number.

    Raises:
        RefusedError: it is malformed.

    """
    if request.reasons is not None:
        raise RefusedError(ErrorCode.InvalidAttribute, "Reasons: this request takes none")
    if request.x_route_type not in _ROUTE_TYPES:
        kind = request.x_route_type.name
        raise RefusedError(ErrorCode.BadRouteType, f"XRouteType: {kind} is not supported")
    if request.user_data:
        check_keys(request.user_data)
        check_size("UserData", request.user_data)


def _publish_access_number(
    engine: Engine, access: AccessNumber, request: m.RequestGetAccessNumber, requester: Requester
) -> None:
    key = f"{access.site}/{access.access_number}"
    timer = engine.start_timer(TimerKind.ACCESS, ACCESS_SECONDS, key=key)
    engine.state.accesses[key] = msgspec.structs.replace(access, timer=timer, conn_id=request.conn_id)
    event = m.EventAnswerAccessNumber(
        **engine.stamp(),
        reference_id=requester.reference_id,
        this_dn=request.this_dn,
        conn_id=request.conn_id,
        other_dn=request.other_dn,
        access_number=access.access_number,
        x_reference_id=access.xref,
        x_route_type=request.x_route_type,
        location=request.location,
    )
    engine.publish(event, requester)


def handle_access_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """Give up an access number that its client has not called in time."""
    engine.state.accesses.pop(timer.key, None)


def cancel_access(engine: Engine, request: m.RequestCancelReqGetAccessNumber, requester: Requester) -> None:
    """Give up an access number that has not been called (T-Library, TCancelReqGetAccessNumber)."""
    find_request_call(engine, request)
    wanted = request.x_reference_id, request.conn_id
    accesses = engine.state.accesses
    key = next((key for key, each in accesses.items() if (each.xref, each.conn_id) == wanted), None)
    if key is None:
        raise RefusedError(ErrorCode.InvalidAttribute, "XReferenceID: no access number is kept for it")
    access = accesses.pop(key)
    engine.stop_timer(access.timer)
    if access.site != engine.config.location.switch:
        engine.send(access.site, Cancel(access.xref))
    event = m.EventReqGetAccessNumberCanceled(
        **engine.stamp(),
        reference_id=requester.reference_id,
        x_reference_id=access.xref,
        this_dn=request.this_dn,
        conn_id=request.conn_id,
    )
    engine.publish(event, requester)


# --- from another site ------------------------------------------------------------------------------------


def on_seek(engine: Engine, site: str, message: Seek) -> None:
    """Answer another site with an access number of a destination, or with the reason why there is none."""
    try:
        lookup = _require_reachable(look_up(engine, message.number), must_be_free=message.must_be_free)
        number = _free_number(engine)
    except RefusedError as refusal:
        engine.send(site, NotFound(message.xref, refusal.code, f"{site_name(engine)}: {refusal}"))
        return
    timer = engine.start_timer(TimerKind.RESERVATION, ACCESS_SECONDS, key=number)
    engine.state.reservations[number] = Reservation(
        site, message.xref, lookup.number, message.user_data, timer
    )
    engine.send(site, Found(message.xref, number))


def site_name(engine: Engine) -> str:
    """Return the name of this switch, as other sites know it."""
    return engine.config.location.switch


def _require_reachable(lookup: RoutingLookup, *, must_be_free: bool) -> RoutingLookup:
    may_fail = {None, CallState.Busy, CallState.QueueFull} if not must_be_free else {None}
    if lookup.failure not in may_fail:
        code = error_of(lookup.failure) if lookup.failure is not None else ErrorCode.BadRemoteDestination
        raise RefusedError(code, f"OtherDN: {lookup.number} cannot be reached")
    return lookup


def _free_number(engine: Engine) -> str:
    """Return an access number that is not kept for another call.

    Raises:
        RefusedError: there is none.

    """
    state, pool = engine.state, engine.config.access_numbers
    own = {each.access_number for each in state.accesses.values() if each.site == site_name(engine)}
    if len(state.reservations) >= MAX_RESERVATIONS:
        raise RefusedError(ErrorCode.NoAccessNumber, "no access number is free")
    state.access_count += 1
    if not pool:
        return f"{site_name(engine)}.{state.access_count}"
    for step in range(len(pool)):
        number = pool[(state.access_count + step - 1) % len(pool)]
        if number not in state.reservations and number not in own:
            return number
    raise RefusedError(ErrorCode.NoAccessNumber, "no access number is free")


def on_cancel(engine: Engine, site: str, message: Cancel) -> None:
    """Release an access number that the other site gives back."""
    for number, each in engine.state.reservations.items():
        if (each.site, each.xref) == (site, message.xref):
            del engine.state.reservations[number]
            engine.stop_timer(each.timer)
            return


def handle_reservation_timeout(engine: Engine, timer: SwitchTimer) -> None:
    """Release an access number that no call has come to."""
    engine.state.reservations.pop(timer.key, None)


# --- the table ---------------------------------------------------------------------------------------------

SITES: Operations = {
    m.RequestGetAccessNumber: get_access_number,
    m.RequestCancelReqGetAccessNumber: cancel_access,
}
