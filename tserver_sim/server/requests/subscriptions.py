"""The desk where clients say what they want to be told besides the events of DNs."""

from collections.abc import Callable, Mapping

from bridge.tlib import messages as m
from bridge.tlib.enums import LocationInfoType
from bridge.tlib.errors import ErrorCode
from tserver_sim.server.distribution.registrations import Client
from tserver_sim.server.requests.context import Office
from tserver_sim.switch.interface.refusal import RefusedError
from tserver_sim.switch.numbering.locations import other_site

MAX_CALLS = 1000
"""How many calls a subscription may name."""


def set_mask(office: Office, client: Client, request: m.RequestSetInputMask) -> None:
    """Tell a client only the messages of a mask from now on."""
    office.masks.put(client, request.input_mask)
    office.acknowledge(client, request)


# --- calls --------------------------------------------------------------------------------------------


def start_monitoring(office: Office, client: Client, request: m.RequestStartCallMonitoring) -> None:
    """Tell a client of calls; `CallUUID` in Extensions, which may repeat, names those that it wants."""
    office.check_linked()
    named = [value for key, value in request.extensions if key == "CallUUID"]
    uuids = [value for value in named if isinstance(value, str)]
    if len(uuids) != len(named) or len(uuids) > MAX_CALLS:
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"Extensions: expected up to {MAX_CALLS} CallUUID as strings"
        )
    office.monitoring.start(client, uuids)
    office.acknowledge(client, request)


def stop_monitoring(office: Office, client: Client, request: m.RequestStopCallMonitoring) -> None:
    """Tell a client no more of calls."""
    office.check_linked()
    if not office.monitoring.stop(client):
        raise RefusedError(ErrorCode.AlreadyInState, "this client does not monitor calls")
    office.acknowledge(client, request)


# --- other sites --------------------------------------------------------------------------------------


def query_location(office: Office, client: Client, request: m.RequestQueryLocation) -> None:
    """Tell a client which other sites there are, or how one is, now or whenever that changes."""
    office.check_linked()
    action = _ACTIONS.get(request.location_info_type)
    if action is None:
        raise RefusedError(
            ErrorCode.InvalidAttribute, f"LocationInfoType: {request.location_info_type.name} cannot be asked"
        )
    switch = None if request.location_info_type in _OF_ALL else _site(office, request.location)
    answered = action(office, client, switch)
    office.answer(
        client,
        request,
        m.EventLocationInfo,
        location_info_type=answered or request.location_info_type,
        location=None if switch is None else request.location,
        extensions=office.locations.told(switch),
    )


def _site(office: Office, name: str | None) -> str:
    if name is None:
        raise RefusedError(ErrorCode.InvalidLocation, "Location: expected the name of another switch")
    switch = office.locations.find(name)
    if switch is None:
        other_site(name, office.switch.engine.config.location, ())
        raise RefusedError(ErrorCode.UnknownLocation, "Location: this is it; expected another switch")
    return switch


_Action = Callable[[Office, Client, str | None], LocationInfoType | None]
"""Does what is asked; returns the type of the answer where it is not that of the question."""


def _look(_office: Office, _client: Client, _switch: str | None) -> None:
    """Change nothing."""


def _watch(office: Office, client: Client, switch: str | None) -> None:
    office.locations.watch(client, switch)


def _cancel(office: Office, client: Client, switch: str | None) -> LocationInfoType:
    if not office.locations.unwatch(client, switch):
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
    LocationInfoType.AllLocations: _look,
    LocationInfoType.LocationData: _look,
    LocationInfoType.MonitorLocation: _watch,
    LocationInfoType.MonitorAllLocations: _watch,
    LocationInfoType.CancelMonitorLocation: _cancel,
    LocationInfoType.CancelMonitorAllLocations: _cancel,
}
