"""The desk where clients say what they want to be told besides the events of DNs."""

from collections.abc import Callable, Mapping

from bridge.tlib import messages as m
from bridge.tlib.enums import LocationInfoType
from bridge.tlib.errors import ErrorCode
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.server.requests.context import ServerContext
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.numbering.locations import other_site

MAX_CALLS = 1000
"""How many calls a subscription may name."""


def set_mask(context: ServerContext, client: Client, request: m.RequestSetInputMask) -> None:
    """Tell a client only the messages of a mask from now on."""
    context.masks.set_mask(client, request.input_mask)
    context.acknowledge(client, request)


# --- calls --------------------------------------------------------------------------------------------


def start_monitoring(context: ServerContext, client: Client, request: m.RequestStartCallMonitoring) -> None:
    """Tell a client of calls; `CallUUID` in Extensions, which may repeat, names those that it wants."""
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
    """Tell a client no more of calls."""
    context.check_linked()
    if not context.monitoring.unsubscribe(client):
        raise RefusedError(ErrorCode.AlreadyInState, "this client does not monitor calls")
    context.acknowledge(client, request)


# --- other sites --------------------------------------------------------------------------------------


def query_location(context: ServerContext, client: Client, request: m.RequestQueryLocation) -> None:
    """Tell a client which other sites there are, or how one is, now or whenever that changes."""
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
"""Does what is asked; returns the type of the answer where it is not that of the question."""


def _query_only(_context: ServerContext, _client: Client, _switch: str | None) -> None:
    """Change nothing."""


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
