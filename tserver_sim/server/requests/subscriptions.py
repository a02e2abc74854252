"""Handlers of requests for events besides those of registered DNs: masks, calls and other sites."""

from collections.abc import Callable, Mapping

from bridge.tlib import messages as m
from bridge.tlib.enums import LocationInfoType
from bridge.tlib.errors import ErrorCode
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.server.requests.context import ServerContext
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.numbering.locations import other_site

MAX_CALLS = 1000
"""How many CallUUIDs a subscription may name."""


def set_mask(context: ServerContext, client: Client, request: m.RequestSetInputMask) -> None:
    """Handle RequestSetInputMask."""
    context.masks.set_mask(client, request.input_mask)
    context.acknowledge(client, request)


# --- calls --------------------------------------------------------------------------------------------


def start_monitoring(context: ServerContext, client: Client, request: m.RequestStartCallMonitoring) -> None:
    """Handle RequestStartCallMonitoring: all calls, or those named by each `CallUUID` in Extensions."""
    context.check_linked()
    values = [value for key, value in request.extensions if key == "CallUUID"]
    uuids = [value for value in values if isinstance(value, str)]
    if len(uuids) != len(values) or len(uuids) > MAX_CALLS:
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"Extensions: expected up to {MAX_CALLS} CallUUID as strings"
        )
    context.monitoring.subscribe(client, uuids)
    context.acknowledge(client, request)


def stop_monitoring(context: ServerContext, client: Client, request: m.RequestStopCallMonitoring) -> None:
    """Handle RequestStopCallMonitoring."""
    context.check_linked()
    if not context.monitoring.unsubscribe(client):
        raise RefusedError(ErrorCode.AlreadyInState, "this client does not monitor calls")
    context.acknowledge(client, request)


# --- other sites --------------------------------------------------------------------------------------


def query_location(context: ServerContext, client: Client, request: m.RequestQueryLocation) -> None:
    """Handle RequestQueryLocation: report one or all other sites, or start or stop monitoring them."""
    context.check_linked()
    action = _ACTIONS.get(request.location_info_type)
    if action is None:
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"LocationInfoType: {request.location_info_type.name} cannot be asked"
        )
    switch = None if request.location_info_type in _OF_ALL else _find_other_site(context, request.location)
    reply_type = action(context, client, switch)
    context.reply(
        client,
        request,
        m.EventLocationInfo,
        location_info_type=reply_type or request.location_info_type,
        location=None if switch is None else request.location,
        extensions=context.locations.describe(switch),
    )


def _find_other_site(context: ServerContext, name: str | None) -> str:
    if name is None:
        raise RefusedError(ErrorCode.InvalidLocation, "Location: expected the name of another switch")
    switch = context.locations.find(name)
    if switch is None:
        other_site(name, context.switch.engine.config.location, ())
        raise RefusedError(ErrorCode.UnknownLocation, "Location: this is it; expected another switch")
    return switch


_Action = Callable[[ServerContext, Client, str | None], LocationInfoType | None]
"""Carries out a LocationInfoType; returns the type of the reply if it differs from that of the request."""


def _query_only(_context: ServerContext, _client: Client, _switch: str | None) -> None:
    """Do nothing: the reply reports the current state."""


def _subscribe(context: ServerContext, client: Client, switch: str | None) -> None:
    context.locations.subscribe(client, switch)


def _unsubscribe(context: ServerContext, client: Client, switch: str | None) -> LocationInfoType:
    if not context.locations.unsubscribe(client, switch):
        raise RefusedError(ErrorCode.AlreadyInState, "this client does not monitor the location")
    if switch is None:
        return LocationInfoType.AllLocationsMonitorCanceled
    return LocationInfoType.LocationMonitorCanceled


_OF_ALL = frozenset(
    {
        LocationInfoType.AllLocations,
        LocationInfoType.MonitorAllLocations,
        LocationInfoType.CancelMonitorAllLocations,
    }
)

_ACTIONS: Mapping[LocationInfoType, _Action] = {
    LocationInfoType.AllLocations: _query_only,
    LocationInfoType.LocationData: _query_only,
    LocationInfoType.MonitorLocation: _subscribe,
    LocationInfoType.MonitorAllLocations: _subscribe,
    LocationInfoType.CancelMonitorLocation: _unsubscribe,
    LocationInfoType.CancelMonitorAllLocations: _unsubscribe,
}
